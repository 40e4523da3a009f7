import { createHash } from 'node:crypto'
import { stepAt } from '../../domain/cadence/walk.ts'
import { id, type LeadId, type SignalId } from '../../domain/ids.ts'
import type { Channel } from '../../domain/policy/types.ts'
import { DAY_MS, HOUR_MS, type Instant, plus } from '../../domain/time.ts'
import { audit } from '../../store/company/audit.ts'
import { cadenceVersion } from '../../store/company/cadences.ts'
import {
  type Outbound,
  type OutboundTurn,
  readOutbound,
  writeOutbound,
} from '../../store/company/outbound.ts'
import type { Store } from '../../store/connect.ts'
import { openEpisode } from '../../store/episodes.ts'
import type { Executor } from '../../store/executor.ts'
import { lockLead } from '../../store/leads.ts'
import { accept } from '../accept.ts'
import type { Intake } from '../intake.ts'

/** What becomes of messages that are due when the switch is turned. */
export type DueChoice = 'shift' | 'skip'

/** A message that would leave within a day of turning the switch. */
export interface DueMessage {
  readonly leadId: LeadId
  readonly cadence: string
  readonly step: string
  readonly channel: Channel
  /** When it is planned; null: it is not planned yet, and may leave at once. */
  readonly at: Instant | null
}

export interface Due {
  readonly total: number
  /** The first of them, soonest first. */
  readonly some: readonly DueMessage[]
}

const LOOK_AHEAD_MS = DAY_MS
const SHIFT_MS = DAY_MS
/** What was shifted does not leave in one burst. */
const SPREAD_MS = 4 * HOUR_MS
/** A decision that nobody carried out is asked for again: what is due has changed. */
const DECISION_STANDS_MS = DAY_MS
const SHOWN = 50
const RANK: Readonly<Record<Outbound, number>> = { catch: 0, allowlist: 1, live: 2 }

/** Whether going from what it was to `to` lets out more than before. */
export function turnsUp(from: Outbound, to: Outbound): boolean {
  return RANK[to] > RANK[from]
}

/**
 * The messages of cadences that would leave within a day. Leads whose time was skipped are not
 * among them: they end when the switch is turned.
 */
export async function dueMessages(executor: Executor, now: Instant): Promise<Due> {
  const rows = await dueLeads(executor, now)
  const some: DueMessage[] = []
  let total = 0
  for (const row of rows) {
    const due = await dueOf(executor, row)
    if (due === null) continue
    total += 1
    if (some.length < SHOWN) some.push(due)
  }
  return { total, some }
}

function dueLeads(executor: Executor, now: Instant) {
  return executor
    .selectFrom('leads')
    .select(['id', 'episode_id', 'next_kind', 'next_at'])
    .where('status', '=', 'nurturing')
    .where('episode_id', 'is not', null)
    .where((on) =>
      on.or([
        on('next_kind', '=', 'unplanned'),
        on.and([on('next_kind', '=', 'touch'), on('next_at', '<=', plus(now, LOOK_AHEAD_MS))]),
      ]),
    )
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('audit_log')
            .select('audit_log.id')
            .whereRef('audit_log.lead_id', '=', 'leads.id')
            .where('action', '=', 'fast_forward'),
        ),
      ),
    )
    .orderBy('next_at')
    .orderBy('id')
    .execute()
}

async function dueOf(
  executor: Executor,
  { id, episode_id, next_at }: Awaited<ReturnType<typeof dueLeads>>[number],
): Promise<DueMessage | null> {
  const episode = await openEpisode(executor, episode_id)
  if (episode === null || episode.step_id === null || episode.ended_at !== null) return null
  const cadence = await cadenceVersion(executor, episode.cadence_version_id)
  const step = stepAt(cadence, { stepId: episode.step_id, visit: episode.visit })
  if (step.kind !== 'message') return null
  const { channel } = step
  return { leadId: id, cadence: episode.cadence_name, step: step.id, channel, at: next_at }
}

/** Where the switch stands, and what was decided of the next turn; null when nothing was. */
export async function outboundState(executor: Executor, now: Instant): Promise<OutboundTurn> {
  const state = await readOutbound(executor)
  const { decision } = state
  const stands = decision !== null && plus(decision.at, DECISION_STANDS_MS) > now
  return { ...state, decision: stands ? decision : null }
}

/** Keeps what is to become of due messages when the switch is turned to `to`; null takes it back. */
export async function decideTurn(
  trx: Executor,
  { to, due, who, at }: { to: Outbound; due: DueChoice | null; who: string; at: Instant },
): Promise<void> {
  const state = await readOutbound(trx)
  const decision = due === null ? null : { to, due, by: who, at }
  await writeOutbound(trx, { ...state, decision }, at)
  await audit(trx, { who, action: 'outbound_decided', leadId: null, at, details: { to, due } })
}

/** Notes that the switch stands where it stands now, and who turned it. */
export async function noteOutbound(
  store: Store,
  mode: Outbound,
  at: Instant,
  who = 'start',
): Promise<void> {
  await store.transaction(async (trx) => {
    const { mode: before } = await readOutbound(trx)
    if (before === mode) return
    await writeOutbound(trx, { mode, since: at, decision: null }, at)
    const details = { from: before, to: mode }
    await audit(trx, { who, action: 'outbound_turned', leadId: null, at, details })
  })
}

/**
 * Does what was decided to every due message: a shifted lead is held for a day, and its later
 * messages move along; a skipped step is passed over. Running it again changes nothing more.
 */
export async function carryOutTurn(
  { store, now }: Pick<Intake, 'store' | 'now'>,
  due: DueChoice,
  turnedAt: Instant,
): Promise<number> {
  const leads = await dueLeads(store.db, now())
  let done = 0
  for (const row of leads) {
    const did = await store.transaction(async (trx) => {
      const lead = await lockLead(trx, row.id)
      if (lead === null || (await dueOf(trx, { ...row, episode_id: lead.episode_id })) === null) {
        return false
      }
      const event = id<SignalId>(`outbound:${turnedAt}:${row.id}`)
      const because = 'OUTBOUND was turned: what was due moves by a day'
      const until = plus(turnedAt, SHIFT_MS + spreadOf(row.id))
      const signal =
        due === 'skip'
          ? ({ kind: 'skip', payload: {} } as const)
          : ({ kind: 'hold', payload: { until, because } } as const)
      await accept(trx, lead, { id: event, signal, via: 'outbound', receivedAt: now() })
      return true
    })
    if (did) done += 1
  }
  return done
}

/** The same part of the spread for a lead, whoever asks. */
function spreadOf(leadId: LeadId): number {
  const digest = createHash('sha256').update(leadId).digest()
  return Math.floor((digest.readUInt32BE(0) / 2 ** 32) * SPREAD_MS)
}
