import { z } from 'zod'
import type { DeadReason } from '../../lead.ts'
import { type CheckIn, REVIVAL_SIGNALS, type RevivalOverride } from '../../revival.ts'
import {
  type CadenceRevival,
  CHOSEN_INTENTS,
  type ChosenIntent,
  type ReplyRule,
  type ReplyRulesOfCadence,
} from '../header-types.ts'
import { deadReason, duration, END_REASONS, hint, stepId } from './schema-parts.ts'

/** What answers do, and how the dead come back, as a cadence's head says it. */

const handOff = z.literal('hand-off').transform((): ReplyRule => ({ do: 'hand_off' }))
const hold = z
  .strictObject({ hold: duration('hold') })
  .transform(({ hold: forMs }): ReplyRule => ({ do: 'hold', forMs }))
const dead = z
  .strictObject({ dead: deadReason })
  .transform(({ dead: reason }): ReplyRule => ({ do: 'die', reason }))

/** Who asks something is answered or waits; who says no is left alone or answered by a person. */
const awaited = z.union([handOff, hold]).optional().describe(hint('interested'))
const refused = z.union([handOff, dead]).optional().describe(hint('not_interested'))
const put = z.union([handOff, hold, dead]).optional().describe(hint('postpone'))

const replies: Readonly<Record<ChosenIntent, typeof awaited | typeof refused | typeof put>> = {
  interested: awaited,
  question: awaited,
  unknown: awaited,
  thanks: awaited,
  postpone: put,
  out_of_office: awaited,
  competitor: refused,
  no_matching_offering: refused,
  unqualified_budget: refused,
  not_interested: refused,
}

export const onReply = z.strictObject(replies).describe(hint('on-reply'))
export const ON_REPLY_KEYS: readonly string[] = Object.keys(replies)

/** What may be written for an answer, besides hand-off. */
export function replyRuleKeys(intent: string): readonly string[] {
  if (intent === 'postpone') return ['hold', 'dead']
  const asks = CHOSEN_INTENTS.find((each) => each === intent && replies[each] === awaited)
  return asks === undefined ? ['dead'] : ['hold']
}

/** Without what was left out, as a published version keeps it. */
export function toReplyRules(written: z.output<typeof onReply>): ReplyRulesOfCadence {
  return Object.fromEntries(Object.entries(written).filter(([, rule]) => rule !== undefined))
}

const checkIn = z
  .union([
    z.enum(['none', 'task-on-named-date']),
    z.strictObject({ after: duration('after'), cadence: stepId('cadence').optional() }),
    z.strictObject({
      'before-contract-ends': duration('before-contract-ends'),
      else: duration('else'),
      cadence: stepId('cadence').optional(),
    }),
  ])
  .describe(hint('check-in'))

const ofReason = z
  .union([
    z.literal('never'),
    z.strictObject({
      quiet: duration('quiet').optional(),
      signals: z
        .array(z.enum(REVIVAL_SIGNALS).describe(hint('signals')))
        .optional()
        .describe(hint('signals')),
      cadence: stepId('cadence').optional(),
      'check-in': checkIn.optional(),
    }),
  ])
  .optional()
  .describe(hint('reason'))

const byReason = Object.fromEntries(END_REASONS.map((reason) => [reason, ofReason])) as Record<
  (typeof END_REASONS)[number],
  typeof ofReason
>

export const revival = z
  .strictObject({
    ...byReason,
    'min-gap': duration('min-gap').optional(),
    'at-most': z.int().min(0).max(20).optional().describe(hint('at-most')),
  })
  .describe(hint('revival'))
export const REVIVAL_KEYS: readonly string[] = [...END_REASONS, 'min-gap', 'at-most']
export const REVIVAL_RULE_KEYS = ['quiet', 'signals', 'cadence', 'check-in'] as const

/** How those who die in a cadence come back, from what its file says. */
export function toRevival(written: z.output<typeof revival>): CadenceRevival {
  const minGapMs = written['min-gap']
  const maxRevivals = written['at-most']
  const rules = END_REASONS.flatMap((reason: DeadReason & (typeof END_REASONS)[number]) => {
    const rule = written[reason]
    return rule === undefined ? [] : [[reason, toOverride(rule)] as const]
  })
  return {
    byReason: Object.fromEntries(rules),
    ...(minGapMs !== undefined && { minGapMs }),
    ...(maxRevivals !== undefined && { maxRevivals }),
  }
}

function toOverride(rule: NonNullable<z.output<typeof ofReason>>): RevivalOverride {
  if (rule === 'never') return { signals: [], checkIn: { kind: 'none' } }
  const { quiet, signals, cadence, 'check-in': check } = rule
  const checkInCadence = typeof check === 'object' ? check.cadence : undefined
  return {
    ...(quiet !== undefined && { quietMs: quiet }),
    ...(signals !== undefined && { signals }),
    ...(cadence !== undefined && { cadence }),
    ...(check !== undefined && { checkIn: toCheckIn(check) }),
    ...(checkInCadence !== undefined && { checkInCadence }),
  }
}

function toCheckIn(check: z.output<typeof checkIn>): CheckIn {
  if (check === 'none') return { kind: 'none' }
  if (check === 'task-on-named-date') return { kind: 'task_on_named_date' }
  if ('after' in check) return { kind: 'after', ms: check.after }
  const beforeMs = check['before-contract-ends']
  return { kind: 'before_contract_ends', beforeMs, elseMs: check.else }
}
