import { type BulkId, type HoldId, id, type LeadId } from '../../domain/ids.ts'
import {
  CHANNELS,
  channelsStopped,
  type EmergencyStop,
  isStateCode,
  locate,
  type StopScope,
  stopWords,
} from '../../domain/policy/index.ts'
import { type Instant, toIso } from '../../domain/time.ts'
import { audit } from '../../store/company/audit.ts'
import { publishedCadences } from '../../store/company/cadences.ts'
import {
  addStop,
  asStop,
  endStop,
  haltSends,
  stopKey,
  stopRows,
} from '../../store/company/emergency-stops.ts'
import type { Executor } from '../../store/executor.ts'
import { type HoldRow, holdById } from '../../store/holds.ts'
import { findLead } from '../../store/leads.ts'
import { wakeLeads } from '../bulk/wake-leads.ts'
import { type Intake, invalidField, Refusal } from '../intake.ts'
import { loadPerson } from '../people.ts'
import { isoOrNull } from '../views/view.ts'
import { type StoppedLead, stoppedLeads } from './stopped.ts'

export interface NewStop {
  readonly scope: StopScope
  readonly key: string | null
  readonly because: string
}

/** A stop as it is shown; instants are ISO 8601. */
export interface StopView {
  readonly id: string
  readonly scope: StopScope
  readonly key: string | null
  /** "everything", "texts", "the cadence new-lead", "leads in Louisiana". */
  readonly stops: string
  readonly because: string
  readonly by: string
  readonly since: string
  readonly liftedAt: string | null
}

/** What an open stop keeps from leaving. */
export interface StopHolds {
  readonly leads: number
  /** Of them, those that came to a touch and wait now. */
  readonly waiting: number
  /** The next that would come to something, soonest first. */
  readonly next: readonly StoppedLeadView[]
}

export interface StoppedLeadView {
  readonly id: LeadId
  readonly cadence: string | null
  readonly nextAt: string | null
  readonly next: string | null
  readonly waiting: boolean
}

/** As many as anyone reads at once; the others are paged through. */
const FIRST_LEADS = 20

/**
 * Puts an emergency stop on, in the caller's transaction: it waits for every decision to send that
 * is under way, and takes back what was intended and has not begun. From the commit on only what
 * is `dispatching` already may still leave. The same stop again changes nothing.
 * @throws Refusal 422 for a key that stops nothing
 */
export async function setStop(
  trx: Executor,
  stop: NewStop,
  who: string,
  at: Instant,
): Promise<{ stop: StopView; created: boolean }> {
  await checkKey(trx, stop)
  await haltSends(trx)
  const wanted = stopKey(stop.scope, stop.key)
  const on = (await stopRows(trx)).find(({ scope_key }) => scope_key === wanted)
  if (on !== undefined) return { stop: viewStop(on), created: false }
  const because = stop.because.replace(/[.\s]+$/, '')
  const stopId = await addStop(trx, { ...stop, because, by: who, at })
  await takeBackIntents(trx, { ...stop, because, id: stopId, since: at })
  const details = { stop: stopId, scope: stop.scope, key: stop.key, because }
  await audit(trx, { who, action: 'emergency_stop_on', leadId: null, at, details })
  return { stop: viewStop(await holdById(trx, stopId)), created: true }
}

async function checkKey(executor: Executor, { scope, key }: NewStop): Promise<void> {
  switch (scope) {
    case 'global':
      if (key === null) return
      throw invalidField('key', 'A global stop has no key.', 'Leave it out.')
    case 'channel':
      if (CHANNELS.some((channel) => channel === key)) return
      throw invalidField('key', 'There is no such channel.', 'Write email or sms.')
    case 'state':
      if (key !== null && isStateCode(key)) return
      throw invalidField('key', 'There is no such state.', 'Write its two letters, such as LA.')
    case 'cadence': {
      const names = (await publishedCadences(executor)).map(({ name }) => name)
      if (key !== null && names.includes(key)) return
      throw invalidField(
        'key',
        'No cadence of this name is published.',
        `Write one of ${names.join(', ')}.`,
      )
    }
  }
}

/** Takes back what was intended and not begun; few are open at any moment. */
async function takeBackIntents(trx: Executor, stop: EmergencyStop): Promise<void> {
  const intents = await trx
    .selectFrom('touches')
    .select(['id', 'lead_id', 'channel'])
    .where('state', '=', 'intent')
    .execute()
  for (const { id, lead_id: leadId, channel } of intents) {
    const lead = await findLead(trx, leadId)
    if (lead === null) continue
    const { policy } = await loadPerson(trx, lead, stop.since)
    const stopped = channelsStopped(stop, { ...policy, location: locate(policy) })
    if (!stopped.includes(channel)) continue
    await trx
      .updateTable('touches')
      .set({ state: 'abandoned', because: 'taken back: an emergency stop is on' })
      .where('id', '=', id)
      .where('state', '=', 'intent')
      .execute()
  }
}

/**
 * Lifts a stop; a bulk run wakes the leads that waited for it, so many a minute. Their clocks shift
 * by as long as it was on. @throws Refusal 404 when no such stop is on
 */
export async function liftStop(
  intake: Pick<Intake, 'store' | 'now'>,
  stopId: string,
  who: string,
): Promise<{ stop: StopView; woken: number; bulk: BulkId }> {
  const at = intake.now()
  return await intake.store.transaction(async (trx) => {
    const ended = await endStop(trx, stopId, at)
    if (ended === null) throw noSuchStop()
    const details = { stop: stopId, scope: ended.scope, key: ended.key }
    await audit(trx, { who, action: 'emergency_stop_lifted', leadId: null, at, details })
    const whom = { kind: 'stop', stop: ended } as const
    const wake = await wakeLeads(trx, whom, 'the emergency stop is over', who, at)
    const stop = viewStop(await holdById(trx, id<HoldId>(ended.id)))
    return { stop, woken: wake.total, bulk: wake.id }
  })
}

function noSuchStop(): Refusal {
  return new Refusal(
    404,
    'no_such_stop',
    'No emergency stop of this id is on.',
    'List them with GET /v1/emergency-stops.',
  )
}

/** The stops that are on, oldest first; with the lifted ones, when all are asked for. */
export async function listStops(executor: Executor, all: boolean): Promise<StopView[]> {
  return (await stopRows(executor, all)).map(viewStop)
}

/** How many leads a stop holds, and the first of them. */
export async function whatStopHolds(executor: Executor, stop: StopView): Promise<StopHolds> {
  let leads = 0
  let waiting = 0
  let next: StoppedLead[] = []
  for await (const page of stoppedLeads(executor, asEmergencyStop(stop))) {
    leads += page.length
    waiting += page.filter((lead) => lead.waiting).length
    next = [...next, ...page].sort(sooner).slice(0, FIRST_LEADS)
  }
  return { leads, waiting, next: next.map(viewStopped) }
}

/** One page of the leads that a stop holds. @throws Refusal 404 */
export async function leadsOfStop(
  executor: Executor,
  stopId: string,
  cursor: string | null,
): Promise<{ items: StoppedLeadView[]; cursor: string | null }> {
  const row = (await stopRows(executor)).find(({ id }) => id === stopId)
  if (row === undefined) throw noSuchStop()
  const items: StoppedLeadView[] = []
  for await (const page of stoppedLeads(executor, asStop(row), cursor, LISTED)) {
    items.push(...page.map(viewStopped))
    if (items.length >= LISTED) break
  }
  const shown = items.slice(0, LISTED)
  return { items: shown, cursor: items.length < LISTED ? null : (shown.at(-1)?.id ?? null) }
}

const LISTED = 200

function sooner(a: StoppedLead, b: StoppedLead): number {
  return (a.nextAt ?? Number.MAX_SAFE_INTEGER) - (b.nextAt ?? Number.MAX_SAFE_INTEGER)
}

function viewStopped({ id, cadence, nextAt, nextWords, waiting }: StoppedLead): StoppedLeadView {
  return { id, cadence, nextAt: isoOrNull(nextAt), next: nextWords, waiting }
}

function asEmergencyStop({ id, scope, key, because, since }: StopView): EmergencyStop {
  return { id, scope, key, because, since: Date.parse(since) as Instant }
}

function viewStop(row: HoldRow): StopView {
  const { scope, key, because, since } = asStop(row)
  return {
    id: row.id,
    scope,
    key,
    stops: stopWords({ scope, key }),
    because,
    by: row.by,
    since: toIso(since),
    liftedAt: isoOrNull(row.lifted_at),
  }
}
