import type { Problem } from '../cadence/file/problems.ts'
import { instant } from '../time.ts'
import { readReply } from './read-reply.ts'
import type { ReplyRule, ReplyRules } from './types.ts'

/** A Tuesday, for examples that say "tomorrow". */
const REFERENCE = { at: instant(Date.UTC(2026, 10, 24, 17)), zone: 'America/New_York' }

/**
 * The examples that do not hold: one of a rule's own that the whole set reads as something else,
 * or one that the rule takes although it should leave it to others.
 */
export function checkExamples(rules: ReplyRules): readonly Problem[] {
  return rules.rules.flatMap((rule) => [
    ...rule.examples.flatMap(({ text, line }) => {
      const said = read(text, rules)
      if (said.intent === rule.intent) return []
      const fix = `The rule "${said.rule}" reads it so; change one of the two, or the example.`
      return [
        problem(rule, line, `This example is read as ${said.intent}, not ${rule.intent}.`, fix),
      ]
    }),
    ...rule.others.flatMap(({ text, line }) => {
      if (read(text, rules).rule !== rule.id) return []
      const fix = 'Add a phrase to "unless" or "ignoring", or make "says" narrower.'
      return [problem(rule, line, 'The rule takes what it should leave to others.', fix)]
    }),
  ])
}

function read(text: string, rules: ReplyRules) {
  return readReply({ channel: 'sms', text, subject: null, auto: false }, rules, REFERENCE)
}

function problem({ file }: ReplyRule, line: number, message: string, fix: string): Problem {
  return { file, line, column: 1, code: 'example_fails', message, fix }
}
