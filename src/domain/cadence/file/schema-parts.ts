import { z } from 'zod'
import type { DeadReason } from '../../lead.ts'
import { REVIVAL_SIGNALS } from '../../revival.ts'
import {
  DELAY_PATTERN,
  DURATION_PATTERN,
  parseDelay,
  parseDuration,
  parseSlot,
  SLOT_PATTERN,
  TIME_PATTERN,
} from '../duration.ts'
import type { StepDays } from '../types.ts'
import { inWeekOrder, parseWeekdays, WEEKDAY_PATTERN } from '../weekdays.ts'

/** What the schemas of a cadence's head and of its steps have in common. */

const NAME_PATTERN = /^[a-z0-9]+(-[a-z0-9]+)*$/
const TEMPLATE_PATTERN = /^[a-z0-9]+(-[a-z0-9]+)*(\/[a-z0-9]+(-[a-z0-9]+)*)*$/

/** What silence at the end may mean. The other dead reasons need proof that silence is not. */
export const END_REASONS = [
  'unresponsive',
  'not_interested',
  'postponing',
  'competitor',
  'no_matching_offering',
  'unqualified',
] as const satisfies readonly DeadReason[]

/** What to write for each key: the fix of an error, and the help in an editor. */
export const HINTS: Readonly<Record<string, string>> = {
  name: 'Write a short name of small letters, digits and hyphens, such as new-lead.',
  title: 'Write the name people see, such as "New lead".',
  description: 'Write a sentence that says whom the cadence is for.',
  purpose: 'Use nurture, revival or check-in.',
  priority: 'Write a whole number from 0 to 100; the higher cadence replaces the lower.',
  topic: 'Write the id of a topic of the settings, such as offers.',
  hours: 'Write { from: 09:00, to: 19:00 }, or any; in a step: any or preferred.',
  from: 'Write a time of day such as 09:00; in an email step: owner, or leave it out.',
  to: 'Write a time of day such as 19:00.',
  'spread-imports': 'Write a duration such as 5d: imported leads start within it.',
  'end-after': 'Write a duration such as 3d: the time to answer the last message.',
  steps: 'List at least one step, each beginning with "- id:".',
  id: 'Write a short name of small letters, digits and hyphens, unique in the cadence.',
  email: 'Write the name of an email template, such as new-lead/first-reply.',
  sms: 'Write the name of a text template, such as new-lead/hello.',
  task: 'Write { kind: call, title: "Call them", due: 1d }.',
  kind: 'Use call, voicemail or other.',
  due: 'Write a duration such as 1d.',
  after: 'Write a number with a unit (m, h, d, w) such as 3h or 2d, or a span such as 1d..3d.',
  at: 'Use asap, varied, or a list of slots such as ["09:00-11:00", "mon..thu 15:00-17:00"].',
  'stale-after': 'Write a duration such as 2d, or never.',
  end: 'Write { dead: unresponsive }, back-to-dead, or { hand-off: "Call them" }.',
  dead: `Use one of: ${END_REASONS.join(', ')}.`,
  vary: 'Use both, time, weekday or none: what must differ from the last attempt.',
  days: 'Write business, or weekdays such as [mon, wed..fri].',
  blackouts: 'List names of calendars of the settings, such as [year-end]; in a step also none.',
  throttle: 'Write a rate such as 200/d, or { touches: 200/d, first: 50/d }.',
  touches: 'Write a rate such as 200/d: messages of this cadence to all leads.',
  first: 'Write a rate such as 50/d: leads that hear from this cadence for the first time.',
  entry: 'Write { sources: [webform], when: { … }, re-entry: never }, or some of these.',
  sources: 'List sources of leads, such as [webform, partner].',
  're-entry': 'Use never, always, or { after: 90d }.',
  're-entry.after': 'Write a duration such as 90d, counted from the end of the time before.',
  exit: 'List { when: { … }, end: { dead: unqualified } }.',
  goal: 'Write { when: { … } }, and an end where it is not hand-off.',
  'on-reply':
    'Write intents and what they do, such as { thanks: { hold: 3d }, not_interested: hand-off }.',
  interested: 'Use hand-off, or { hold: 3d }.',
  question: 'Use hand-off, or { hold: 3d }.',
  unknown: 'Use hand-off, or { hold: 3d }.',
  thanks: 'Use hand-off, or { hold: 3d }.',
  out_of_office: 'Use hand-off, or { hold: 3d }, which counts where no day of return is named.',
  postpone:
    'Use hand-off, { hold: 14d }, which counts where no day is named, or { dead: postponing }.',
  competitor: 'Use hand-off, or { dead: competitor }.',
  no_matching_offering: 'Use hand-off, or { dead: no_matching_offering }.',
  unqualified_budget: 'Use hand-off, or { dead: unqualified }.',
  not_interested: 'Use hand-off, or { dead: not_interested }.',
  hold: 'Write a duration such as 3d: the cadence rests that long and goes on.',
  revival: 'Write dead reasons, such as { competitor: { quiet: 60d, cadence: win-back } }.',
  reason:
    'Write { quiet: 60d, signals: [visit], cadence: welcome-back, check-in: { after: 180d } }, or never.',
  quiet: 'Write a duration such as 60d: a visit within it revives nobody.',
  signals: `List some of: ${REVIVAL_SIGNALS.join(', ')}.`,
  cadence: 'Write the name of a cadence.',
  'check-in':
    'Use none, task-on-named-date, { after: 180d } or { before-contract-ends: 60d, else: 300d }.',
  'before-contract-ends': 'Write a duration such as 60d.',
  'revival.at-most': 'Write a whole number up to 20.',
  'min-gap': 'Write a duration such as 120d; never less than the company allows.',
  'on-date': 'Write { field: lead.attributes.contractEnd, offset: -60d }.',
  field: 'Write lead.attributes.NAME, lead.created, dead.contractEnds or dead.until.',
  offset: 'Write a duration before or after the date, such as -60d, +3d or 0.',
  stale: 'Use skip, send, or { goto: a-later-step }.',
  goto: 'Write the id of a step of this cadence.',
  fallback: 'Write { sms: a-template } for an email, { email: a-template } for a text, or skip.',
  'hand-off': 'Write the title of the task for the person who takes over.',
  for: 'Write owner, or the address or name of whoever gets the task.',
  wait: 'Write a number with a unit (m, h, d, w) such as 3d, or a span such as 1d..3d.',
  until: 'Write { weekday: [mon..thu], at: "09:00-11:00" }.',
  weekday: 'List days such as [mon, wed], or runs of them such as [mon..thu].',
  'until.at': 'Write a slot such as "09:00-11:00", or a list of them.',
  'wait-for': 'Write { signal: visit }, or { when: { … } }.',
  signal: 'Name a signal such as visit, click or custom, or a list of them.',
  timeout: 'Write how long to wait at most, such as 7d.',
  // oxlint-disable-next-line unicorn/no-thenable -- a word of the language, and never a function
  then: 'Write the id of the step to go to when it came.',
  else: 'Write the id of the step to go to when it did not come.',
  branch: 'List { when: { … }, goto: step }, and { else: true, goto: step } last.',
  when: 'Write a condition such as { field: lead.source, is: webform }.',
  split: 'Write two arms or more with their weights from 1 to 1000: { short: 50, long: 50 }.',
  weight: 'Write a whole number from 1 to 1000.',
  arm: 'Write a short name of small letters, digits and hyphens.',
  'webhook.to': 'Write the name of an endpoint of the settings, such as crm.',
  webhook: 'Write { to: crm }, the name of an endpoint of the settings.',
  update: 'Write at least one of attributes, score, owner and tags.',
  attributes: 'Write { plan: pro }; null takes an attribute away.',
  score: 'Write the points to give or take, such as +10 or -5.',
  owner: 'Write an address or a name, or null for nobody.',
  tags: 'Write { add: [hot], remove: [cold] }.',
  'at-most': 'Write how often to go back at most, from 1 to 20.',
}

export const name = z.string().regex(NAME_PATTERN).describe(hint('name'))
export const stepId = (key: string) => z.string().regex(NAME_PATTERN).describe(hint(key))

export const deadReason = z.enum(END_REASONS).describe(hint('dead'))

export const duration = (key: string) => timeText(parseDuration, DURATION_PATTERN, key)
export const delay = (key = 'after') => timeText(parseDelay, DELAY_PATTERN, key)
export const slot = timeText(parseSlot, SLOT_PATTERN, 'at')
export const timeOfDay = (key: string) =>
  z.string().regex(new RegExp(TIME_PATTERN)).describe(hint(key))
export const template = (channel: 'email' | 'sms') =>
  z.string().regex(TEMPLATE_PATTERN).describe(hint(channel))

const weekdays = timeText(parseWeekdays, WEEKDAY_PATTERN, 'days')

/** `business`, a weekday or run of them, or a list: as ISO weekdays in the order of the week. */
export const stepDays = z
  .union([
    z.literal('business'),
    weekdays.transform((days): StepDays => inWeekOrder(days)),
    z
      .array(weekdays)
      .min(1)
      .transform((lists): StepDays => inWeekOrder(lists.flat())),
  ])
  .describe(hint('days'))

/** Names of calendars, or `none` where the cadence's do not count. */
export const blackouts = z
  .union([z.literal('none').transform(() => []), z.array(stepId('blackouts')).min(1)])
  .describe(hint('blackouts'))

/** What becomes of the lead, as `end` says it in the head and in a step. */
export const end = z
  .union([
    z.enum(['back-to-dead', 'hand-off']),
    z.strictObject({ dead: deadReason }),
    z.strictObject({ 'hand-off': z.string().trim().min(1).max(200).describe(hint('hand-off')) }),
  ])
  .describe(hint('end'))
export type WrittenEnd = z.output<typeof end>

/**
 * A duration, span or slot as text. YAML reads a bare 0 as a number: it is taken as "0"; any
 * other number lacks its unit and is refused like a word.
 */
export function timeText<T>(parse: (text: string) => T | null, pattern: string, key: string) {
  return z
    .union([z.string().meta({ pattern }), z.literal(0)])
    .transform((value, context): T => {
      const parsed = parse(String(value))
      if (parsed !== null) return parsed
      context.addIssue({ code: 'custom', message: 'cannot be read as a time' })
      return z.NEVER
    })
    .describe(hint(key))
}

/** What to write under a key, for whoever left it out or wrote something else; may be empty. */
export function hint(key: string): string {
  return HINTS[key] ?? ''
}
