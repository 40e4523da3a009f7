import { DEAD_REASONS, LEAD_STATUSES } from '../../lead.ts'
import { type Instant, instant, parseInstant } from '../../time.ts'
import { atLocal, dayOfDate } from '../../time-zones.ts'
import { nearest } from '../file/problems.ts'
import type { ConditionFacts, FieldTest } from './conditions.ts'

/** What may be asked of which field. A field that is not here is refused when a file is read. */

/** `presence`: only whether there is one; `any`: a field of the company's own, of whatever type. */
export type FieldType = 'text' | 'choice' | 'number' | 'date' | 'list' | 'presence' | 'any'

export type FieldValue = string | number | boolean | readonly (string | number | boolean)[] | null

export interface Field {
  readonly name: string
  readonly type: FieldType
  /** The only values that a choice has. */
  readonly choices: readonly string[] | null
  readonly read: (facts: ConditionFacts) => FieldValue
}

export type Operator = FieldTest['op']

const EQUALITY = ['is', 'is-not', 'in', 'not-in', 'exists'] as const satisfies readonly Operator[]
const NUMBERS = ['above', 'below', 'at-least', 'at-most'] as const satisfies readonly Operator[]
const DATES = ['before', 'after', 'within', 'within-last'] as const satisfies readonly Operator[]

/** Which tests make sense for a field of each type. */
export const OPERATORS: Readonly<Record<FieldType, readonly Operator[]>> = {
  text: EQUALITY,
  choice: EQUALITY,
  number: ['is', 'is-not', ...NUMBERS, 'exists'],
  date: [...DATES, 'exists'],
  list: ['has', 'exists'],
  presence: ['exists'],
  any: [...EQUALITY, 'has', ...NUMBERS, ...DATES],
}

type Read = Field['read']
const field = (name: string, type: FieldType, read: Read): Field => ({
  name,
  type,
  choices: null,
  read,
})
const choice = (name: string, choices: readonly string[], read: Read): Field => ({
  name,
  type: 'choice',
  choices,
  read,
})

const EPISODE_KINDS = ['nurture', 'revival', 'check-in']

export const FIELDS: readonly Field[] = [
  field('lead.source', 'text', ({ lead }) => lead.source),
  field('lead.owner', 'text', ({ lead }) => lead.owner),
  field('lead.firstName', 'text', ({ lead }) => lead.firstName),
  field('lead.lastName', 'text', ({ lead }) => lead.lastName),
  field('lead.company', 'text', ({ lead }) => lead.company),
  field('lead.state', 'text', ({ lead }) => lead.state),
  field('lead.zip', 'text', ({ lead }) => lead.zip),
  field('lead.timezone', 'text', ({ lead }) => lead.timezone),
  field('lead.language', 'text', ({ lead }) => lead.language),
  field('lead.cost', 'number', ({ lead }) => lead.cost?.amount ?? null),
  field('lead.currency', 'text', ({ lead }) => lead.cost?.currency ?? null),
  field('lead.tags', 'list', ({ lead }) => lead.tags),
  field('lead.email', 'presence', ({ lead }) => lead.email),
  field('lead.phone', 'presence', ({ lead }) => lead.phone),
  field('lead.created', 'date', ({ lead }) => lead.createdAt),
  choice('lead.status', LEAD_STATUSES, ({ lead }) => lead.status),
  choice('dead.reason', DEAD_REASONS, ({ lead }) => lead.dead?.reason ?? null),
  field('dead.competitor', 'text', ({ lead: { dead } }) =>
    dead?.reason === 'competitor' ? dead.competitor : null,
  ),
  field('dead.contractEnds', 'date', ({ lead: { dead } }) =>
    dead?.reason === 'competitor' ? dead.contractEnds : null,
  ),
  field('dead.wanted', 'text', ({ lead: { dead } }) =>
    dead?.reason === 'no_matching_offering' ? dead.wanted : null,
  ),
  choice('episode.kind', EPISODE_KINDS, ({ episode }) => episode?.kind ?? null),
  field('episode.started', 'date', ({ episode }) => episode?.startedAt ?? null),
]

/** A field of the company's own: "lead.attributes.plan". */
const ATTRIBUTE = /^lead\.attributes\.([A-Za-z_][\w-]{0,99})$/

/** The field of this name; null when there is none. */
export function fieldNamed(name: string): Field | null {
  const attribute = ATTRIBUTE.exec(name)?.[1]
  if (attribute !== undefined) {
    return field(name, 'any', ({ lead }) => simple(lead.attributes[attribute]))
  }
  return FIELDS.find((each) => each.name === name) ?? null
}

/** What to write instead of a name that is no field. */
export function suggestField(name: string): string {
  const names = FIELDS.map((each) => each.name)
  const meant = nearest(name, names) ?? names.find((each) => each.endsWith(`.${name}`))
  if (meant !== undefined) return `Did you mean "${meant}"?`
  const own = /^(?:lead\.)?(?:(\w+)\.)?([A-Za-z_][\w-]{0,99})$/.exec(name)
  const example = `lead.attributes.${own?.[2] ?? 'plan'}`
  if (own?.[1] !== undefined && nearest(own[1], ['attributes']) !== null) {
    return `Did you mean "${example}"?`
  }
  return `Use one of: ${names.join(', ')}, or a field of your own such as ${example}.`
}

/**
 * A date as an instant: epoch milliseconds, an ISO instant with its offset, or an ISO date, which
 * begins at midnight in `zone`. null for anything else.
 */
export function readDate(value: FieldValue, zone: string): Instant | null {
  if (typeof value === 'number') return instant(value)
  if (typeof value !== 'string') return null
  const text = value.trim()
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return parseInstant(text)
  try {
    return atLocal(dayOfDate(text), 0, zone)
  } catch {
    return null
  }
}

function simple(value: unknown): FieldValue {
  if (Array.isArray(value)) return value.filter(isScalar)
  return isScalar(value) ? value : null
}

function isScalar(value: unknown): value is string | number | boolean {
  return ['string', 'number', 'boolean'].includes(typeof value)
}
