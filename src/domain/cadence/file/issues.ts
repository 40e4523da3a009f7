import type { z } from 'zod'
import type { Flaw } from '../conditions/condition-schema.ts'
import { ON_REPLY_KEYS, REVIVAL_KEYS, REVIVAL_RULE_KEYS, replyRuleKeys } from './header-rules.ts'
import { HEADER_KEYS } from './header-schema.ts'
import type { Problem, ProblemCode } from './problems.ts'
import { nearest, suggest } from './problems.ts'
import { STEP_KEYS, STEP_SCHEMAS } from './schema.ts'
import { HINTS } from './schema-parts.ts'
import type { YamlPath, YamlSource } from './yaml-source.ts'

/** Zod's issues as problems a marketer can act on; `prefix` is the path of what was parsed. */
export function problemsOf(
  source: YamlSource,
  error: z.ZodError,
  prefix: YamlPath,
): readonly Problem[] {
  return error.issues.flatMap((issue) => problemsOfIssue(source, issue, prefix))
}

function problemsOfIssue(
  source: YamlSource,
  issue: z.core.$ZodIssue,
  prefix: YamlPath,
): readonly Problem[] {
  const path = [...prefix, ...issue.path]
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => unknownKey(source, path, key))
  }
  if (issue.code === 'custom' && isFlaw(issue.params?.flaw)) {
    return [flawAt(source, path, issue.params.flaw)]
  }
  if (issue.code === 'invalid_union') {
    const deeper = closestBranch(issue)
    if (deeper !== null) return deeper.flatMap((inner) => problemsOfIssue(source, inner, path))
  }
  const key = lastKey(path)
  const fix = hintAt(path)
  const value = valueAt(source.value, path)
  if (path.length === 0) {
    const message = 'This file holds no cadence.'
    return [problemAt(source, path, 'missing_key', message, 'Begin with "name: my-cadence".')]
  }
  if (value === undefined) {
    return [problemAt(source, path, 'missing_key', `"${key}" is missing.`, fix)]
  }
  if (key === 'steps' && Array.isArray(value)) {
    return [problemAt(source, path, 'no_steps', 'This cadence has no steps.', fix)]
  }
  const because = issue.code === 'custom' ? issue.message : 'is not valid'
  const message = `"${key}" ${because}${shown(value)}.`
  const choice = issue.code === 'invalid_value' ? nearestOf(value, issue.values) : null
  const better = choice === null ? fix : `Did you mean "${choice}"?`
  return [problemAt(source, path, 'invalid_value', message, better)]
}

/**
 * Of a value that may have several shapes, the issues of the shape the author was writing: the
 * one that failed inside the value rather than at it.
 */
function closestBranch(issue: z.core.$ZodIssueInvalidUnion): readonly z.core.$ZodIssue[] | null {
  const inside = issue.errors.filter((branch) =>
    branch.every((inner) => inner.path.length > 0 || inner.code === 'unrecognized_keys'),
  )
  return inside[0] ?? null
}

function unknownKey(source: YamlSource, parent: YamlPath, key: string): Problem {
  const { owner, known } = keysAt(source, parent)
  const message = `"${key}" is not a key of ${owner}.`
  return {
    ...problemAt(source, parent, 'unknown_key', message, suggest(key, known)),
    ...source.placeOfKey([...parent, key]),
  }
}

/** Keys that stand in something of their own, by the key that it is written at. */
const KEYS_OF: Readonly<
  Record<string, { readonly owner: string; readonly known: readonly string[] }>
> = {
  entry: { owner: '"entry"', known: ['sources', 'when', 're-entry'] },
  're-entry': { owner: '"re-entry"', known: ['after'] },
  exit: { owner: 'an exit', known: ['when', 'end'] },
  goal: { owner: '"goal"', known: ['when', 'end'] },
  throttle: { owner: '"throttle"', known: ['touches', 'first'] },
  hours: { owner: '"hours"', known: ['from', 'to'] },
  end: { owner: '"end"', known: ['dead', 'hand-off'] },
  'on-date': { owner: '"on-date"', known: ['field', 'offset'] },
  stale: { owner: '"stale"', known: ['goto'] },
  task: { owner: 'a task', known: ['kind', 'title', 'due', 'for'] },
  until: { owner: '"until"', known: ['weekday', 'at'] },
  'wait-for': { owner: '"wait-for"', known: ['signal', 'name', 'when'] },
  branch: { owner: 'an arm of a branch', known: ['when', 'else', 'goto'] },
  split: { owner: 'an arm of a split', known: ['arm', 'weight', 'goto'] },
  webhook: { owner: 'a webhook', known: ['to'] },
  update: { owner: 'an update', known: ['attributes', 'score', 'owner', 'tags'] },
  tags: { owner: '"tags"', known: ['add', 'remove'] },
}

/** Which keys may stand at a path, and what to call the thing that has them. */
function keysAt(
  source: YamlSource,
  path: YamlPath,
): { readonly owner: string; readonly known: readonly string[] } {
  if (path.length === 0) return { owner: 'a cadence', known: HEADER_KEYS }
  if (path[0] === 'on-reply') {
    return path.length === 1
      ? { owner: '"on-reply"', known: ON_REPLY_KEYS }
      : { owner: `"${lastKey(path)}"`, known: replyRuleKeys(lastKey(path)) }
  }
  if (path[0] === 'revival' && path.length < 3) {
    return path.length === 1
      ? { owner: '"revival"', known: REVIVAL_KEYS }
      : { owner: 'a dead reason', known: REVIVAL_RULE_KEYS }
  }
  const isStep = path.length === 2 && path[0] === 'steps'
  const within = isStep ? undefined : KEYS_OF[lastKey(path)]
  if (within !== undefined) return within
  const step = valueAt(source.value, path.slice(0, 2))
  if (lastKey(path) === 'fallback') {
    const ofEmail = isRecord(step) && 'email' in step
    return { owner: '"fallback"', known: [ofEmail ? 'sms' : 'email'] }
  }
  const kind = STEP_KEYS.find((key) => isRecord(step) && key in step) ?? 'email'
  const article = ['email', 'update', 'end'].includes(kind) ? 'an' : 'a'
  return { owner: `${article} ${kind} step`, known: Object.keys(STEP_SCHEMAS[kind].shape) }
}

/** What to write at a path: the help for its key, else that for the nearest key around it. */
function hintAt(path: YamlPath): string {
  const keys = path.filter((key) => typeof key === 'string')
  for (let depth = keys.length; depth > 0; depth -= 1) {
    const [key = '', parent = ''] = keys.slice(0, depth).reverse()
    const found = HINTS[`${parent}.${key}`] ?? HINTS[key]
    if (found !== undefined && (key !== 'steps' || depth === keys.length)) return found
  }
  return 'See docs/how-to/write-a-cadence.md.'
}

function isFlaw(flaw: unknown): flaw is Flaw {
  return isRecord(flaw) && 'code' in flaw
}

/** What is wrong inside a condition says so itself. */
function flawAt(source: YamlSource, path: YamlPath, { at, code, message, fix }: Flaw): Problem {
  const place = at === 'key' ? source.placeOfKey(path) : source.placeOf(path)
  return { file: source.file, ...place, code, message, fix }
}

/** A problem with the value at `path`, or with its parent when it is missing. */
export function problemAt(
  source: YamlSource,
  path: YamlPath,
  code: ProblemCode,
  message: string,
  fix: string,
): Problem {
  return { file: source.file, ...source.placeOf(path), code, message, fix }
}

function nearestOf(value: unknown, choices: readonly unknown[]): string | null {
  return typeof value === 'string' ? nearest(value, choices.map(String)) : null
}

function valueAt(value: unknown, path: YamlPath): unknown {
  return path.reduce<unknown>((inner, key) => {
    if (Array.isArray(inner) && typeof key === 'number') return inner[key]
    return isRecord(inner) ? inner[String(key)] : undefined
  }, value)
}

/** The value as written, when it is short enough to repeat. */
function shown(value: unknown): string {
  const isShort = ['string', 'number', 'boolean'].includes(typeof value)
  return isShort && String(value).length <= 60 ? `: ${String(value)}` : ''
}

function lastKey(path: YamlPath): string {
  return String(path.findLast((key) => typeof key === 'string') ?? '')
}

/** Whether a value of a file has keys. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
