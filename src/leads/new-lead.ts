import type { Insertable } from 'kysely'
import { stableFraction } from '../domain/cadence/hash.ts'
import type { Priority } from '../domain/contract.ts'
import type { LeadId } from '../domain/ids.ts'
import type { DeadDetails } from '../domain/lead.ts'
import { checkInAfterDeath, type RevivalRules } from '../domain/revival.ts'
import { DAY_MS, type Instant, instant, plus } from '../domain/time.ts'
import type { Executor } from '../store/executor.ts'
import { addHold } from '../store/holds.ts'
import { json } from '../store/json.ts'
import type { LeadRow } from '../store/leads.ts'
import { newId } from '../store/new-id.ts'
import { insertingPoints, type KeyedPoint } from '../store/people/contact-points.ts'
import type { LeadsTable } from '../store/schema.ts'
import type { ReadLead } from './incoming/lead-fields.ts'

/** A lead that a company had given up before it came here. */
export interface DeadBefore {
  readonly details: DeadDetails
  /** When it died; null when nobody knows. */
  readonly at: Instant | null
}

/** What a post says of somebody whom nobody knew. */
export interface NewLead {
  readonly input: ReadLead
  /** At least one: there is no other way to reach the lead. */
  readonly points: readonly KeyedPoint[]
  readonly priority: Priority
  readonly receivedAt: Instant
}

/**
 * Check-ins that were due before the lead came here are spread over this long, so that a list of
 * thousands does not write to all of them in one morning.
 */
const OVERDUE_SPREAD_MS = 30 * DAY_MS

/** Adds a lead that nobody knew; it is in no cadence yet. */
export async function insertLead(
  trx: Executor,
  { input, points, priority, receivedAt }: NewLead,
): Promise<LeadRow> {
  const leadId = newId<LeadId>('lead')
  return insert(trx, 'posted', points, {
    ...columnsOf(leadId, input, receivedAt),
    priority,
    status: 'nurturing',
    dead_reason: null,
    dead_details: json(null),
    dead_at: null,
    check_in_at: null,
    next_words: null,
  })
}

/** Adds an old dead lead: nobody contacts it until a signal, or a check-in that is spread out. */
export async function insertDeadLead(
  trx: Executor,
  { input, points, priority, receivedAt }: NewLead,
  dead: DeadBefore,
  revival: RevivalRules,
): Promise<LeadRow> {
  const leadId = newId<LeadId>('lead')
  const diedAt = dead.at ?? receivedAt
  const checkInAt = checkInAfterDeath(dead.details, diedAt, revival)
  return insert(trx, 'came as a dead lead', points, {
    ...columnsOf(leadId, input, receivedAt),
    priority,
    status: 'dead',
    dead_reason: dead.details.reason,
    dead_details: json(dead.details),
    dead_at: diedAt,
    check_in_at: checkInAt === null ? null : spreadOut(checkInAt, leadId, receivedAt),
    // Only a check-in needs a workflow that sleeps; anything else is woken by its signal.
    next_kind: checkInAt === null ? 'done' : 'unplanned',
    next_words: checkInAt === null ? 'dead; waits for a signal' : null,
    revision: checkInAt === null ? 0 : 1,
  })
}

/** What is overdue waits a part of the spread, by the lead's id; what is due later stays. */
function spreadOut(checkInAt: Instant, leadId: LeadId, receivedAt: Instant): Instant {
  if (checkInAt > plus(receivedAt, DAY_MS)) return checkInAt
  const share = stableFraction(leadId, 'overdue check-in')
  return instant(Math.round(receivedAt + DAY_MS + share * OVERDUE_SPREAD_MS))
}

/** An open lead that is in no cadence says so by a hold, and waits for someone to choose one. */
export async function holdWithoutCadence(
  trx: Executor,
  leadId: LeadId,
  because: string,
  at: Instant,
): Promise<void> {
  await addHold(trx, {
    scope: 'lead',
    leadId,
    key: null,
    kind: 'no_cadence',
    because,
    by: 'engine',
    untilAt: null,
    at,
  })
}

/** The row, its contact points, and its creation as the first of its transitions. */
function insert(
  trx: Executor,
  because: string,
  points: readonly KeyedPoint[],
  values: ReturnType<typeof columnsOf> & Insertable<LeadsTable>,
): Promise<LeadRow> {
  return trx
    .with('created', (db) =>
      db.insertInto('transitions').values({
        id: newId('transition'),
        lead_id: values.id,
        from_status: null,
        to_status: values.status,
        dead_reason: values.dead_reason,
        episode_id: null,
        cause: 'created',
        signal_id: null,
        because,
        at: values.created_at,
      }),
    )
    .with('points', (db) => insertingPoints(db, values.id, points, values.created_at))
    .insertInto('leads')
    .values(values)
    .returningAll()
    .executeTakeFirstOrThrow()
}

function columnsOf(leadId: LeadId, input: ReadLead, receivedAt: Instant) {
  return {
    id: leadId,
    external_id: input.externalId ?? null,
    first_name: input.firstName ?? null,
    last_name: input.lastName ?? null,
    company: input.company ?? null,
    state: input.state ?? null,
    zip: input.zip ?? null,
    language: input.language ?? null,
    timezone: input.timezone ?? null,
    source: input.source ?? 'unknown',
    cost_amount: input.cost?.amount ?? null,
    cost_currency: input.cost?.currency ?? null,
    owner: input.owner ?? null,
    tags: json(input.tags ?? []),
    attributes: json(input.attributes ?? {}),
    episode_id: null,
    next_at: null,
    run_id: null,
    shown: null,
    ledger_head: null,
    created_at: receivedAt,
    updated_at: receivedAt,
    erased_at: null,
  }
}
