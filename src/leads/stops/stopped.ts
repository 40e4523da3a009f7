import { type ExpressionBuilder, sql } from 'kysely'
import { id, type LeadId } from '../../domain/ids.ts'
import {
  channelsStopped,
  type EmergencyStop,
  locate,
  type PolicyContactPoint,
  stateEvidence,
} from '../../domain/policy/index.ts'
import type { Instant } from '../../domain/time.ts'
import type { Executor } from '../../store/executor.ts'
import type { Database } from '../../store/schema.ts'

/** A lead that a stop keeps from something, and what it would do next. */
export interface StoppedLead {
  readonly id: LeadId
  readonly cadence: string | null
  readonly nextAt: Instant | null
  readonly nextWords: string | null
  /** Its plan is to wait until something is lifted. */
  readonly waiting: boolean
}

const PAGE = 1_000

/** Every lead that is nurtured, or owed a message, and that a stop concerns; in pages and in id order, from `after` on. */
export async function* stoppedLeads(
  executor: Executor,
  stop: EmergencyStop,
  after: string | null = null,
  pageSize: number = PAGE,
): AsyncGenerator<readonly StoppedLead[]> {
  for (let from = after ?? ''; ; ) {
    const rows = await openAfter(executor, stop, from, pageSize)
    const last = rows.at(-1)
    if (last === undefined) return
    yield rows.filter((row) => concerns(stop, row)).map(asStopped)
    from = last.id
  }
}

type Row = Awaited<ReturnType<typeof openAfter>>[number]

/** What the database can tell apart; what is said of places is judged by the policy itself. */
function openAfter(executor: Executor, stop: EmergencyStop, after: string, limit: number) {
  return executor
    .selectFrom('leads')
    .leftJoin('episodes', 'episodes.id', 'leads.episode_id')
    .leftJoin('contact_points as phone', (join) =>
      join
        .onRef('phone.lead_id', '=', 'leads.id')
        .on('phone.kind', '=', 'phone')
        .on('phone.current', '=', true),
    )
    .select(['leads.id', 'leads.state', 'leads.zip', 'leads.timezone', 'phone.value as phone'])
    .select(['episodes.cadence_name as cadence', 'leads.next_at', 'leads.next_words'])
    .where((on) => on.or([on('leads.status', '=', 'nurturing'), on('leads.open_messages', '>', 0)]))
    .where('leads.id', '>', id<LeadId>(after))
    .$if(stop.scope === 'cadence', (query) => query.where('episodes.cadence_name', '=', stop.key))
    .$if(stop.scope === 'channel', (query) => query.where(hasPoint(stop.key)))
    .$if(stop.scope === 'state', (query) => query.where(mayBeIn(stop.key ?? '')))
    .orderBy('leads.id')
    .limit(limit)
    .execute()
}

function hasPoint(channel: string | null) {
  return (on: ExpressionBuilder<Database, 'leads'>) =>
    on.exists(
      on
        .selectFrom('contact_points as point')
        .select(sql`1`.as('one'))
        .whereRef('point.lead_id', '=', 'leads.id')
        .where('point.kind', '=', channel === 'email' ? 'email' : 'phone')
        .where('point.current', '=', true),
    )
}

/** A hint for the database: the given state, the area code, or neither known. */
function mayBeIn(state: string) {
  const { names, areaCodes } = stateEvidence(state)
  const given = sql<string | null>`upper(btrim(leads.state))`
  const areaCode = sql<string | null>`substr(phone.value, 3, 3)`
  return sql<boolean>`(${given} in (${sql.join([...names])})
    or ${areaCode} in (${sql.join([...areaCodes])})
    or leads.state is null or leads.state !~ '^\\s*[A-Za-z]{2}\\s*$')`
}

function concerns(stop: EmergencyStop, { cadence, phone, ...row }: Row): boolean {
  const place = { ...row, phone: phone === null ? null : pointOf(phone) }
  return channelsStopped(stop, { cadence, location: locate(place) }).length > 0
}

function pointOf(value: string): PolicyContactPoint {
  return { value, validity: 'unknown', invalidBecause: null }
}

function asStopped({ id, cadence, next_at, next_words }: Row): StoppedLead {
  const waiting = next_words?.startsWith('held: ') ?? false
  return { id, cadence, nextAt: next_at, nextWords: next_words, waiting }
}
