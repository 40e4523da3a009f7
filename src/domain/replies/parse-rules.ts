import { z } from 'zod'
import { type Problem, suggest } from '../cadence/file/problems.ts'
import { readYaml, type YamlPath, type YamlSource } from '../cadence/file/yaml-source.ts'
import { checksum } from '../cadence/versions/checksum.ts'
import type { SourceFile } from '../templates/parse.ts'
import { readPhrase } from './phrase.ts'
import { type Example, INTENTS, type ReplyRule, type ReplyRules } from './types.ts'

export type ReplyRulesParsing =
  | { readonly ok: true; readonly rules: ReplyRules }
  | { readonly ok: false; readonly problems: readonly Problem[] }

const MOST_PHRASES = 500
const MOST_PHRASE_CHARS = 2_000
const phrases = z.array(z.string().min(1).max(MOST_PHRASE_CHARS)).max(MOST_PHRASES)

const RULE = z.strictObject({
  id: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
  intent: z.enum(INTENTS),
  confidence: z.number().min(0.1).max(1).default(0.9),
  stops: z.enum(['email', 'sms', 'all']).optional(),
  thanks: z.boolean().optional(),
  why: z.enum(['price', 'feature', 'timing', 'other']).optional(),
  day: z.enum(['near', 'far', 'named']).optional(),
  'at-most-words': z.int().min(1).max(200).optional(),
  says: phrases.min(1),
  ignoring: phrases.optional(),
  unless: phrases.optional(),
  examples: phrases.min(1),
  others: phrases.optional(),
})
const RULE_KEYS = Object.keys(RULE.shape)

const HINTS: Readonly<Record<string, string>> = {
  id: 'Write a name of small letters, digits and hyphens, such as "wants-a-demo".',
  intent: `Use one of: ${INTENTS.join(', ')}.`,
  confidence: 'Write a number from 0.1 to 1; below 0.6 a person decides.',
  stops: 'Write email, sms or all, or leave it out.',
  thanks: 'Write true, or leave it out.',
  why: 'Write price, feature, timing or other.',
  day: 'Write near, far or named, or leave it out.',
  'at-most-words': 'Write a whole number of words.',
  says: 'Write a list of phrases, such as "- not interested".',
  ignoring: 'Write a list of phrases.',
  unless: 'Write a list of phrases.',
  examples: 'Write a list of at least one whole answer that this rule must take.',
  others: 'Write a list of answers that this rule must leave to others.',
  rules: 'Write "rules:" and a list of rules below it.',
}

/**
 * Reads rule files in the order of their names. Answers the rules in order, or every problem with
 * its file, line and what to write. Whether the examples hold is asked by `checkExamples`.
 */
export function parseReplyRules(files: readonly SourceFile[]): ReplyRulesParsing {
  const problems: Problem[] = []
  const rules: ReplyRule[] = []
  const sorted = files.toSorted((a, b) => a.path.localeCompare(b.path))
  for (const file of sorted) {
    const reading = readYaml(file.path, file.text)
    if (!reading.ok) problems.push(...reading.problems)
    else rules.push(...readFile(reading.source, problems))
  }
  for (const [index, rule] of rules.entries()) {
    if (!rules.slice(0, index).some(({ id }) => id === rule.id)) continue
    problems.push({
      file: rule.file,
      line: rule.line,
      column: 1,
      code: 'duplicate_name',
      message: `Two rules have the id "${rule.id}".`,
      fix: 'Give each rule an id of its own: verdicts on record name it.',
    })
  }
  if (problems.length > 0) return { ok: false, problems }
  const version = checksum(sorted.map(({ text }) => text).join('\u0000')).slice(0, 12)
  return { ok: true, rules: { version, rules } }
}

function readFile(source: YamlSource, problems: Problem[]): ReplyRule[] {
  const { value } = source
  const list = isRecord(value) ? value.rules : undefined
  if (!isRecord(value) || !Array.isArray(list)) {
    problems.push(at(source, [], '"rules" is missing.', HINTS.rules ?? '', 'missing_key'))
    return []
  }
  for (const key of Object.keys(value)) {
    if (key === 'rules' || key === 'about') continue
    problems.push(unknownKey(source, [], key, 'a file of rules', ['rules', 'about']))
  }
  return list.flatMap((item: unknown, index) => {
    const path = ['rules', index]
    const parsed = RULE.safeParse(item)
    if (!parsed.success) {
      problems.push(...parsed.error.issues.flatMap((issue) => problemsOf(source, path, issue)))
      return []
    }
    return ruleOf(source, path, parsed.data, problems)
  })
}

function problemsOf(source: YamlSource, path: YamlPath, issue: z.core.$ZodIssue): Problem[] {
  const whole = [...path, ...issue.path]
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => unknownKey(source, whole, key, 'a rule', RULE_KEYS))
  }
  const key = String(issue.path.findLast((part) => typeof part === 'string') ?? 'rules')
  const missing = issue.code === 'invalid_type' && issue.input === undefined
  const message = missing ? `"${key}" is missing.` : `"${key}" is not valid.`
  return [at(source, whole, message, HINTS[key] ?? '', missing ? 'missing_key' : 'invalid_value')]
}

function ruleOf(
  source: YamlSource,
  path: YamlPath,
  data: z.output<typeof RULE>,
  problems: Problem[],
): ReplyRule[] {
  const before = problems.length
  const compile = (key: 'says' | 'ignoring' | 'unless') =>
    (data[key] ?? []).flatMap((phrase, index) => {
      const reading = readPhrase(phrase)
      if (reading.ok) {
        // What is captured is looked up in the text, by where it stands.
        const captures = key === 'says' && reading.names.length > 0 ? 'd' : ''
        return [new RegExp(reading.source, key === 'ignoring' ? 'g' : captures)]
      }
      const place = [...path, key, index]
      const fix = 'Words, (a|b), [may be], ..., {name}, ^, $ and <?> are all there is.'
      problems.push(
        at(source, place, `The phrase cannot be read: ${reading.because}.`, fix, 'syntax'),
      )
      return []
    })
  const examples = (key: 'examples' | 'others'): Example[] =>
    (data[key] ?? []).map((text, index) => ({
      text,
      line: source.placeOf([...path, key, index]).line,
    }))
  const rule: ReplyRule = {
    id: data.id,
    file: source.file,
    line: source.placeOf(path).line,
    intent: data.intent,
    confidence: data.confidence,
    stops: data.stops ?? null,
    thanks: data.thanks ?? false,
    why: data.why ?? null,
    day: data.day ?? null,
    atMostWords: data['at-most-words'] ?? null,
    says: compile('says'),
    ignoring: compile('ignoring'),
    unless: compile('unless'),
    examples: examples('examples'),
    others: examples('others'),
  }
  return problems.length > before ? [] : [rule]
}

function at(
  source: YamlSource,
  path: YamlPath,
  message: string,
  fix: string,
  code: Problem['code'],
): Problem {
  return { file: source.file, ...source.placeOf(path), code, message, fix }
}

function unknownKey(
  source: YamlSource,
  path: YamlPath,
  key: string,
  owner: string,
  known: readonly string[],
): Problem {
  return {
    file: source.file,
    ...source.placeOfKey([...path, key]),
    code: 'unknown_key',
    message: `"${key}" is not a key of ${owner}.`,
    fix: suggest(key, known),
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
