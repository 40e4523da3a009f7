import { PRIORITY, type Priority } from '../domain/contract.ts'
import type { Clock } from '../domain/time.ts'
import type { Store } from '../store/connect.ts'
import type { HashKeys } from '../store/hash-key.ts'
import type { LeadRow } from '../store/leads.ts'
import type { Doorbell, Ring } from '../temporal/doorbell.ts'

/** What taking anything in needs. */
export interface Intake {
  readonly store: Store
  readonly hashKeys: HashKeys
  readonly doorbell: Doorbell
  /** The wall clock: stamps when something was received, and judges nothing. */
  readonly now: Clock
}

/** The ring for a locked lead whose plan has become stale. Ring it after the commit. */
export function ringOf(lead: LeadRow, kind: string, priority: Priority = PRIORITY.normal): Ring {
  return { leadId: lead.id, seq: lead.revision, kind, priority }
}

/** Where an arrival is told wrong: the field as the caller wrote it, and what to write. */
export interface FieldProblem {
  readonly field: string
  readonly message: string
  readonly fix: string
}

/**
 * What the caller can mend. Thrown inside a transaction it takes back everything; its sentences
 * hold no contact data.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly status: RefusalStatus
  readonly code: string
  readonly fix: string
  readonly problems: readonly FieldProblem[]
  /** Ids that tell more, such as the two leads of a conflict. */
  readonly about: Readonly<Record<string, unknown>>

  constructor(
    status: RefusalStatus,
    code: string,
    message: string,
    fix: string,
    more: {
      readonly problems?: readonly FieldProblem[]
      readonly about?: Readonly<Record<string, unknown>>
    } = {},
  ) {
    super(message)
    this.status = status
    this.code = code
    this.fix = fix
    this.problems = more.problems ?? []
    this.about = more.about ?? {}
  }
}

export type RefusalStatus = 400 | 401 | 403 | 404 | 409 | 413 | 415 | 422 | 429 | 503

/** One field is wrong. */
export function invalidField(field: string, message: string, fix: string): Refusal {
  return new Refusal(422, 'invalid_field', message, fix, { problems: [{ field, message, fix }] })
}

/** Nobody is known by this id. */
export function noSuchLead(): Refusal {
  return new Refusal(
    404,
    'no_such_lead',
    'No lead has this id.',
    'Find it with GET /v1/leads?q=, by email, phone or external id.',
  )
}
