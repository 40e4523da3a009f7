// oxlint-disable-next-line import/no-nodejs-modules -- static facts, read once; see policy/data.ts
import { readdirSync, readFileSync } from 'node:fs'
import { describeProblem } from '../cadence/file/problems.ts'
import type { SourceFile } from '../templates/parse.ts'
import { parseReplyRules, type ReplyRulesParsing } from './parse-rules.ts'
import type { ReplyRules } from './types.ts'

const FOLDER = new URL('../../../data/replies/', import.meta.url)

let files: readonly SourceFile[] | null = null
let shipped: ReplyRules | null = null

/** The rules that ship, as files. Read when the first answer is. */
export function shippedFiles(): readonly SourceFile[] {
  files ??= readdirSync(FOLDER)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => ({
      path: `data/replies/${name}`,
      text: readFileSync(new URL(name, FOLDER), 'utf8'),
    }))
  return files
}

/** The rules that ship. */
export function shippedRules(): ReplyRules {
  if (shipped !== null) return shipped
  const parsing = parseReplyRules(shippedFiles())
  if (!parsing.ok) throw new Error(parsing.problems.map(describeProblem).join('\n'))
  shipped = parsing.rules
  return shipped
}

let combined: { readonly key: string; readonly parsing: ReplyRulesParsing } | null = null

/**
 * A company's own rules together with those that ship: its are asked first, but after everything
 * by which somebody may be asking to stop. A rule of its with the id of one that ships takes its
 * place, unless that one reads opt-outs: those only ever become more.
 */
export function rulesWith(own: readonly SourceFile[]): ReplyRulesParsing {
  if (own.length === 0) return { ok: true, rules: shippedRules() }
  const key = JSON.stringify(own)
  if (combined?.key === key) return combined.parsing
  const parsing = combine(own)
  combined = { key, parsing }
  return parsing
}

function combine(own: readonly SourceFile[]): ReplyRulesParsing {
  const parsing = parseReplyRules(own)
  if (!parsing.ok) return parsing
  const ours = shippedRules()
  const taken = ours.rules.filter(
    ({ id, intent }) => intent === 'opt_out' && parsing.rules.rules.some((rule) => rule.id === id),
  )
  if (taken.length > 0) {
    const problems = parsing.rules.rules
      .filter(({ id }) => taken.some((rule) => rule.id === id))
      .map(({ id, file, line }) => ({
        file,
        line,
        column: 1,
        code: 'duplicate_name' as const,
        message: `The rule "${id}" reads opt-outs and cannot be replaced.`,
        fix: 'Give yours another id: it is asked beside the one that ships.',
      }))
    return { ok: false, problems }
  }
  const kept = ours.rules.filter(({ id }) => !parsing.rules.rules.some((rule) => rule.id === id))
  const isStop = ({ intent }: { intent: string }) => intent === 'opt_out'
  return {
    ok: true,
    rules: {
      version: `${ours.version}+${parsing.rules.version}`,
      rules: [
        ...kept.filter(isStop),
        ...parsing.rules.rules,
        ...kept.filter((rule) => !isStop(rule)),
      ],
    },
  }
}
