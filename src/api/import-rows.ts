import type { z } from 'zod'
import { suggest } from '../domain/cadence/problems.ts'
import type { Instant } from '../domain/time.ts'
import { Refusal } from '../leads/intake.ts'
import type { Post } from '../leads/post.ts'
import { postOf, postSchema } from './schemas/lead.ts'
import { validated } from './validate.ts'

/** What becomes of the rows: enrolled in a cadence, or loaded as the dead leads they are. */
export type ImportMode =
  | { readonly kind: 'enroll'; readonly cadence: string }
  | { readonly kind: 'dead' }

/** The columns of an import, in any order; each row needs an email or a phone. */
export const IMPORT_COLUMNS = [
  'externalId',
  'firstName',
  'lastName',
  'company',
  'email',
  'phone',
  'state',
  'zip',
  'timezone',
  'source',
  'costAmount',
  'costCurrency',
  'owner',
  'tags',
  'smsConsentAt',
  'smsConsentDisclosure',
  'smsConsentSource',
  'deadReason',
  'deadAt',
  'deadDetail',
] as const

type Column = (typeof IMPORT_COLUMNS)[number]
export type ImportRow = Readonly<Partial<Record<string, string>>>

/** What a row of an `attributes.NAME` column sets. */
const ATTRIBUTE = /^attributes\.(?<name>[\w .-]{1,100})$/

/**
 * Checks the header line.
 * @throws Refusal 422 naming each unknown column, with the nearest known one
 */
export function checkHeader(header: readonly string[], mode: ImportMode): void {
  const unknown = header.filter((name) => !isColumn(name) && !ATTRIBUTE.test(name))
  const problems = unknown.map((name) => ({
    field: name,
    message: 'There is no such column.',
    fix: `${suggest(name, IMPORT_COLUMNS)} Own fields are written attributes.NAME.`,
  }))
  if (!header.includes('email') && !header.includes('phone')) {
    const fix = 'Name at least one column email or phone.'
    problems.push({ field: 'email', message: 'No column says how to reach a lead.', fix })
  }
  if (mode.kind === 'dead' && !header.includes('deadReason')) {
    const fix = 'Add a column deadReason (unresponsive, competitor, not_interested …).'
    problems.push({ field: 'deadReason', message: 'No column says why a lead died.', fix })
  }
  const [first] = problems
  if (first === undefined) return
  throw new Refusal(422, 'invalid_header', `${first.field}: ${first.message}`, first.fix, {
    problems,
  })
}

/**
 * One row as a post.
 * @throws Refusal 422 with the column, what is wrong and what to write
 */
export function postOfRow(row: ImportRow, mode: ImportMode, now: Instant): Post {
  const cell = (name: Column): string | undefined => {
    const value = row[name]?.trim()
    return value === undefined || value === '' ? undefined : value
  }
  const body: z.input<typeof postSchema> = {
    lead: {
      ...present({
        externalId: cell('externalId'),
        firstName: cell('firstName'),
        lastName: cell('lastName'),
        company: cell('company'),
        email: cell('email'),
        phone: cell('phone'),
        state: cell('state'),
        zip: cell('zip'),
        timezone: cell('timezone'),
        source: cell('source'),
        owner: cell('owner'),
      }),
      ...costOf(cell('costAmount'), cell('costCurrency')),
      ...(cell('tags') === undefined ? {} : { tags: listOf(cell('tags') ?? '') }),
      ...attributesOf(row),
    },
    ...consentsOf(cell('smsConsentAt'), cell('smsConsentDisclosure'), cell('smsConsentSource')),
    ...(mode.kind === 'enroll' ? { cadence: mode.cadence } : {}),
  }
  if (mode.kind === 'enroll') return postOf(validated(postSchema, body), now)
  const dead = deadOf(cell('deadReason'), cell('deadAt'), cell('deadDetail'))
  return postOf(validated(postSchema, { ...body, dead }), now)
}

function isColumn(name: string): name is Column {
  return IMPORT_COLUMNS.some((known) => known === name)
}

function present<T extends object>(fields: T): Partial<T> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as Partial<T>
}

function costOf(amount: string | undefined, currency: string | undefined) {
  return amount === undefined ? {} : { cost: { amount, currency: currency ?? 'USD' } }
}

function listOf(text: string): string[] {
  return text
    .split(/[;,]/)
    .map((each) => each.trim())
    .filter((each) => each !== '')
}

function attributesOf(row: ImportRow) {
  const entries = Object.entries(row).flatMap(([column, value]) => {
    const name = ATTRIBUTE.exec(column)?.groups?.name
    return name === undefined || value === undefined || value === '' ? [] : [[name, value] as const]
  })
  return entries.length === 0 ? {} : { attributes: Object.fromEntries(entries) }
}

/** A written consent to texts, as the list proves it. */
function consentsOf(
  at: string | undefined,
  disclosure: string | undefined,
  source: string | undefined,
) {
  if (at === undefined) return {}
  const consent = {
    channel: 'sms' as const,
    basis: 'express_written' as const,
    at,
    source: source ?? 'import',
    ...(disclosure === undefined ? {} : { disclosure }),
  }
  return { consents: [consent] }
}

/** Which field of a reason's record the deadDetail column fills. */
const DETAIL_FIELDS: Readonly<Record<string, string>> = {
  competitor: 'competitor',
  no_matching_offering: 'wanted',
  not_interested: 'words',
  postponing: 'until',
  unqualified: 'criterion',
  hostile: 'words',
  spam: 'evidence',
  opted_out: 'how',
  bad_contact_info: 'how',
  duplicate: 'survivor',
}

function deadOf(reason: string | undefined, at: string | undefined, detail: string | undefined) {
  const field = reason === undefined ? undefined : DETAIL_FIELDS[reason]
  return {
    reason,
    ...(at === undefined ? {} : { at }),
    ...(detail === undefined || field === undefined ? {} : { [field]: detail }),
  }
}
