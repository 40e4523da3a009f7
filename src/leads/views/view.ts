import type { LeadId } from '../../domain/ids.ts'
import type { DeadDetails, LeadStatus } from '../../domain/lead.ts'
import { CHANNELS, channelsStopped, locate } from '../../domain/policy/index.ts'
import { type Instant, toIso } from '../../domain/time.ts'
import { asStop } from '../../store/company/emergency-stops.ts'
import type { Executor } from '../../store/executor.ts'
import { type HoldRow, holdsOn } from '../../store/holds.ts'
import type { LeadRow } from '../../store/leads.ts'
import type { ContactPointsTable } from '../../store/schema.ts'
import { lineOf, type PhoneLine } from '../incoming/phone-types.ts'
import { type QueuedView, viewQueue } from './queue-view.ts'

/** A lead's status as people see it: an open lead with a hold on all of it is `held`. */
export type ShownStatus = LeadStatus | 'held'
export const SHOWN_STATUSES = [
  'nurturing',
  'engaged',
  'converted',
  'dead',
  'erased',
  'held',
] as const satisfies readonly ShownStatus[]

/** A lead as the api and the console show it; instants are ISO 8601. */
export interface LeadView {
  readonly id: LeadId
  readonly externalId: string | null
  readonly firstName: string | null
  readonly lastName: string | null
  readonly company: string | null
  readonly email: string | null
  readonly phone: string | null
  readonly contactPoints: readonly {
    readonly kind: 'email' | 'phone'
    readonly value: string
    readonly current: boolean
    readonly validity: ContactPointsTable['validity']
    readonly because: string | null
    /** What is known of a number's line; null for an address. */
    readonly line: PhoneLine | null
  }[]
  readonly state: string | null
  readonly zip: string | null
  readonly timezone: string | null
  readonly language: string | null
  readonly source: string
  readonly cost: { readonly amount: string; readonly currency: string } | null
  readonly owner: string | null
  readonly tags: readonly string[]
  readonly attributes: Readonly<Record<string, unknown>>
  readonly status: ShownStatus
  /** The reason, what was recorded beside it, since when, and when we check in. */
  readonly dead: {
    readonly reason: string
    readonly details: unknown
    readonly since: string | null
    readonly checkInAt: string | null
  } | null
  readonly cadence: {
    readonly name: string
    readonly kind: string
    readonly step: string | null
    readonly startedAt: string
  } | null
  /** Cadences that wait for the present one to end, in their order. */
  readonly queue: readonly QueuedView[]
  readonly holds: readonly {
    readonly kind: string
    readonly because: string
    readonly until: string | null
  }[]
  readonly next: {
    readonly kind: string
    readonly at: string | null
    readonly words: string | null
  }
  readonly createdAt: string
  readonly updatedAt: string
}

/** What is shown of a lead. */
export async function viewLead(executor: Executor, lead: LeadRow): Promise<LeadView> {
  const points = await executor
    .selectFrom('contact_points')
    .leftJoin('phone_lookups', 'phone_lookups.contact_hash', 'contact_points.hash')
    .select(['kind', 'value', 'current', 'validity', 'invalid_because'])
    .select(['phone_lookups.state', 'phone_lookups.line_type'])
    .where('lead_id', '=', lead.id)
    .orderBy('created_at')
    .execute()
  const episode =
    lead.episode_id === null
      ? undefined
      : await executor
          .selectFrom('episodes')
          .select(['cadence_name', 'kind', 'step_id', 'started_at'])
          .where('id', '=', lead.episode_id)
          .executeTakeFirst()
  const cadence = episode?.cadence_name ?? null
  const phone = points.find(({ kind, current }) => kind === 'phone' && current) ?? null
  const location = locate({ ...lead, phone: phone && { ...phone, invalidBecause: null } })
  const stoppedBy = (hold: HoldRow) => channelsStopped(asStop(hold), { cadence, location })
  const holds = (isOpen(lead) ? await openHolds(executor, lead, cadence) : []).filter(
    (hold) => hold.scope !== 'emergency' || stoppedBy(hold).length > 0,
  )
  const whole = holds.some(({ scope, ...hold }) =>
    scope === 'emergency'
      ? stoppedBy({ scope, ...hold }).length === CHANNELS.length
      : scope !== 'sender',
  )
  const of = (kind: 'email' | 'phone') =>
    points.find((point) => point.kind === kind && point.current)?.value ?? null
  return {
    id: lead.id,
    externalId: lead.external_id,
    firstName: lead.first_name,
    lastName: lead.last_name,
    company: lead.company,
    email: of('email'),
    phone: of('phone'),
    contactPoints: points.map(({ invalid_because, state, line_type, ...point }) => ({
      ...point,
      because: invalid_because,
      line: point.kind === 'email' ? null : lineOf(point.value, state && { state, line_type }),
    })),
    state: lead.state,
    zip: lead.zip,
    timezone: lead.timezone,
    language: lead.language,
    source: lead.source,
    cost:
      lead.cost_amount === null
        ? null
        : { amount: lead.cost_amount, currency: lead.cost_currency ?? 'USD' },
    owner: lead.owner,
    tags: lead.tags,
    attributes: lead.attributes,
    // A hold on one channel (a halted sender) leaves the lead as it is.
    status: lead.status === 'nurturing' && whole ? 'held' : lead.status,
    dead:
      lead.dead_reason === null
        ? null
        : {
            reason: lead.dead_reason,
            details: detailsForPeople(lead.dead_details),
            since: isoOrNull(lead.dead_at),
            checkInAt: isoOrNull(lead.check_in_at),
          },
    cadence: episode
      ? {
          name: episode.cadence_name,
          kind: episode.kind,
          step: episode.step_id,
          startedAt: toIso(episode.started_at),
        }
      : null,
    queue: await viewQueue(executor, lead.id),
    holds: holds.map(({ kind, because, until_at }) => ({
      kind,
      because,
      until: isoOrNull(until_at),
    })),
    next: nextOf(lead),
    createdAt: toIso(lead.created_at),
    updatedAt: toIso(lead.updated_at),
  }
}

/** What the planner stored; of a lead that is to be planned anew, the old plan holds no more. */
export function nextOf(lead: LeadRow): LeadView['next'] {
  const { next_kind: kind } = lead
  if (kind === 'unplanned') return { kind, at: null, words: null }
  return { kind, at: isoOrNull(lead.next_at), words: lead.next_words }
}

/** ISO 8601, or null. */
export function isoOrNull(at: Instant | null): string | null {
  return at === null ? null : toIso(at)
}

function isOpen({ status }: LeadRow): boolean {
  return status === 'nurturing' || status === 'engaged'
}

async function openHolds(
  executor: Executor,
  lead: LeadRow,
  cadence: string | null,
): Promise<HoldRow[]> {
  const holds = await holdsOn(executor, lead.id, cadence, lead.updated_at)
  return holds.filter(({ lifted_at }) => lifted_at === null)
}

/** Inside, instants are numbers; outside they are ISO text. */
function detailsForPeople(details: DeadDetails | null): unknown {
  if (details?.reason === 'unresponsive') {
    return {
      ...details,
      attempts: details.attempts.map((attempt) => ({ ...attempt, at: toIso(attempt.at) })),
    }
  }
  if (details?.reason === 'postponing') {
    return {
      ...details,
      postponements: details.postponements.map(({ askedAt, until }) => ({
        askedAt: toIso(askedAt),
        until: toIso(until),
      })),
    }
  }
  return details
}
