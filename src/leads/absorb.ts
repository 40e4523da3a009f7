import { jumpPosition, nextPosition } from '../domain/cadence/walk.ts'
import type { Answer } from '../domain/lifecycle.ts'
import { judgeRevival, type RevivalRules } from '../domain/revival.ts'
import type { Signal } from '../domain/signals.ts'
import type { Instant } from '../domain/time.ts'
import { cadenceVersion, currentVersion } from '../store/company/cadences.ts'
import { moveTo, openEpisode } from '../store/episodes.ts'
import type { Executor } from '../store/executor.ts'
import { liftReplyHolds } from '../store/holds.ts'
import type { LeadRow } from '../store/leads.ts'
import { closeNews, closeSignal, type Effect, type SignalRow } from '../store/news.ts'
import { reachedOut } from '../store/touches.ts'
import { addTaskOnce } from '../store/work/tasks.ts'
import { type EntryRulesInForce, refusedBy } from './entry.ts'
import { holdWithoutCadence } from './new-lead.ts'
import { openChannels } from './open-channels.ts'
import { loadPerson } from './people.ts'
import { finishReplies, type ReplyRulesInForce } from './replies/finish-replies.ts'
import { revivalFor } from './revival-rules.ts'
import { stopsAtOnce } from './stop-now.ts'
import { type Cause, stampDeath, stampWatch, startEpisode } from './transitions.ts'

export interface AbsorbRules extends ReplyRulesInForce, EntryRulesInForce {
  readonly revival: RevivalRules
  /** The cadence of a form or a lead that names none. */
  readonly defaultCadence: string
}

/**
 * Absorbs a lead's new signals in order, with the planner's clock: stamps the times of what took
 * effect at acceptance, and does what had to wait for the clock.
 */
export async function absorb(
  trx: Executor,
  lead: LeadRow,
  signals: readonly SignalRow[],
  now: Instant,
  rules: AbsorbRules,
): Promise<void> {
  let last: Effect | null = null
  for (const [index, row] of signals.entries()) {
    // What a later signal asks of an earlier one stands in its row.
    if (last !== null) await closeSignal(trx, last, now)
    const overtaken = signals.slice(index + 1).some((later) => endsWhatBegan(later, lead))
    last = { id: row.id, effect: await absorbOne(trx, lead, row, overtaken, now, rules) }
  }
  await closeNews(trx, lead.id, last, now)
  await stampWatch(trx, lead, now)
  await stampDeath(trx, lead, now, rules.revival)
}

/** An answer that was understood as thanks or "later" ends nothing that began before it. */
function endsWhatBegan({ answer, kind }: SignalRow, lead: LeadRow): boolean {
  if (kind === 'reply') return lead.status !== 'nurturing'
  return stopsAtOnce(answer)
}

async function absorbOne(
  trx: Executor,
  lead: LeadRow,
  row: SignalRow,
  overtaken: boolean,
  now: Instant,
  rules: AbsorbRules,
): Promise<string> {
  const says = row.answer
  const signal = { kind: row.kind, payload: row.payload } as unknown as Signal
  const cause: Cause = { kind: row.kind, signalId: row.id, because: says.because, at: now }
  await stampTimes(trx, lead, row, now)
  if (overtaken && (says.do === 'enroll' || says.do === 'revive' || says.do === 'steer')) {
    return 'recorded: something later ended it'
  }
  switch (says.do) {
    case 'enroll':
      return enroll(trx, lead, signal, cause, rules)
    case 'revive':
      return reviveIfRulesAllow(trx, lead, signal, says.by, cause, rules)
    case 'steer':
      return steer(trx, lead, signal, now)
    case 'as_understood':
    case 'correct':
      return (await finishReplies(trx, lead, now, rules)) ?? says.because
    default:
      return says.because
  }
}

const TAKEN_AT_ONCE: ReadonlySet<Answer['do']> = new Set([
  'engage',
  'convert',
  'die',
  'close_channel',
  'as_disposed',
  'as_understood',
  'correct',
  'erase',
  'lift',
  'hold',
])

/** Puts what acceptance did on the planner's clock, which runs ahead for a fast-forwarded lead. */
async function stampTimes(
  trx: Executor,
  lead: LeadRow,
  row: SignalRow,
  now: Instant,
): Promise<void> {
  if (!TAKEN_AT_ONCE.has(row.answer.do)) {
    return
  }
  await trx
    .updateTable('transitions')
    .set({ at: now })
    .where('lead_id', '=', lead.id)
    .where('signal_id', '=', row.id)
    .execute()
  await trx
    .updateTable('tasks')
    .set({ created_at: now })
    .where('lead_id', '=', lead.id)
    .where('created_at', '=', row.received_at)
    .where('done_at', 'is', null)
    .execute()
  await trx
    .updateTable('episodes')
    .set({ ended_at: now })
    .where('lead_id', '=', lead.id)
    .where('ended_by', '=', row.id)
    .execute()
  await trx
    .updateTable('holds')
    .set({ lifted_at: now })
    .where('lead_id', '=', lead.id)
    .where('lifted_by', '=', row.id)
    .execute()
}

async function enroll(
  trx: Executor,
  lead: LeadRow,
  signal: Signal,
  cause: Cause,
  rules: AbsorbRules,
): Promise<string> {
  if (lead.status !== 'nurturing') return 'recorded: something ended it before it began'
  const named = signal.kind === 'enroll' || signal.kind === 'form' ? signal.payload.cadence : null
  const cadence = named ?? rules.defaultCadence
  const running = await openEpisode(trx, lead.episode_id)
  if (
    running !== null &&
    signal.kind === 'form' &&
    (named === null || running.cadence_name === named)
  ) {
    await liftReplyHolds(trx, lead.id, cause)
    await tellOfForm(trx, lead, cause.at)
    return 'recorded: the cadence goes on, and the owner is told'
  }
  if (running?.cadence_name === cadence) return 'recorded: it is in this cadence already'
  const versionId = await currentVersion(trx, cadence)
  if (versionId === null) return `recorded: no cadence named ${cadence} is published`
  const refusal = await refusedBy(trx, lead, { cadence, versionId }, cause.at, rules)
  if (refusal !== null) {
    if (running === null) await holdWithoutCadence(trx, lead.id, refusal, cause.at)
    return `recorded: ${refusal}`
  }
  const begunBy = signal.kind === 'enroll' ? signal.payload.begunBy : signal.kind
  if (running !== null && signal.kind === 'form') await tellOfForm(trx, lead, cause.at)
  await startEpisode(trx, lead, { kind: 'nurture', cadence, versionId, begunBy }, cause)
  return `started ${cadence}`
}

/** Whoever asks while it is written to is worth a call. */
async function tellOfForm(trx: Executor, lead: LeadRow, at: Instant): Promise<void> {
  await addTaskOnce(trx, {
    leadId: lead.id,
    kind: 'hand_off',
    title: 'The lead sent a form again',
    because: 'a form during the cadence',
    assignee: lead.owner,
    dueAt: null,
    at,
  })
}

async function reviveIfRulesAllow(
  trx: Executor,
  lead: LeadRow,
  signal: Signal,
  by: 'lead' | 'rule' | 'fresh_consent' | 'operator',
  cause: Cause,
  rules: AbsorbRules,
): Promise<string> {
  if (lead.status !== 'dead' || lead.dead_reason === null) return 'recorded: the lead is alive'
  const verdict = judgeRevival(
    {
      reason: lead.dead_reason,
      deadSince: lead.dead_at ?? cause.at,
      revivals: await revivalsOf(trx, lead),
      by,
      signal: signal.kind,
      lastSendAt: (await reachedOut(trx, lead.id, 1)).at(-1)?.dispatched_at ?? null,
      interacted: signal.kind === 'visit' && signal.payload.interacted,
      byLink: signal.kind === 'visit' && signal.payload.byLink === true,
      freshConsent: await hasFreshConsent(trx, lead, signal, cause.at),
    },
    cause.at,
    await revivalFor(trx, lead, rules.revival),
  )
  if (!verdict.revive) {
    if (verdict.tell !== 'nobody') await tellOwner(trx, lead, verdict.because, cause.at)
    return `recorded: ${verdict.because}`
  }
  if (by === 'fresh_consent' && (await openChannels(trx, lead, cause.at)).length === 0) {
    return 'recorded: the consent opens no channel for marketing'
  }
  const wanted = namedCadence(signal) ?? (by === 'lead' ? rules.defaultCadence : verdict.cadence)
  const isThere = (await currentVersion(trx, wanted)) !== null
  const cadence = isThere ? wanted : (verdict.otherwise ?? wanted)
  const versionId = await currentVersion(trx, cadence)
  if (versionId === null) return `recorded: no cadence named ${cadence} is published`
  const refusal = await refusedBy(trx, lead, { cadence, versionId }, cause.at, rules)
  if (refusal !== null) {
    await tellOwner(trx, lead, refusal, cause.at)
    return `recorded: ${refusal}`
  }
  const kind = by === 'lead' ? 'nurture' : 'revival'
  await startEpisode(trx, lead, { kind, cadence, versionId, begunBy: signal.kind }, cause)
  return `revived into ${cadence}`
}

/** Skip, jump, send now: the operator moves the lead; every gate still holds. */
async function steer(trx: Executor, lead: LeadRow, signal: Signal, now: Instant): Promise<string> {
  const episode = await openEpisode(trx, lead.episode_id)
  if (episode === null || episode.step_id === null) return 'recorded: no step is planned'
  const position = { stepId: episode.step_id, visit: episode.visit }
  const cadence = await cadenceVersion(trx, episode.cadence_version_id)
  switch (signal.kind) {
    case 'skip': {
      const next = nextPosition(cadence, position)
      await moveTo(trx, episode.id, next.kind === 'step' ? next.position : null, now)
      return `skipped ${position.stepId}`
    }
    case 'jump': {
      const next = jumpPosition(cadence, position, signal.payload.step)
      if (next === null) return 'recorded: this version of the cadence has no such step'
      await moveTo(trx, episode.id, next.kind === 'step' ? next.position : null, now)
      return `jumped to ${signal.payload.step}`
    }
    case 'send_now':
      await trx
        .updateTable('episodes')
        .set({ send_now: true })
        .where('id', '=', episode.id)
        .execute()
      return `${position.stepId} leaves as soon as the law allows`
    default:
      return 'recorded'
  }
}

/** Revivals by a signal count against the budget; the lead's own forms and check-ins do not. */
async function revivalsOf(trx: Executor, lead: LeadRow): Promise<Instant[]> {
  const rows = await trx
    .selectFrom('episodes')
    .select('started_at')
    .where('lead_id', '=', lead.id)
    .where('kind', '=', 'revival')
    .orderBy('number')
    .execute()
  return rows.map(({ started_at }) => started_at)
}

/** Whether the lead itself gave a consent after the last stop. */
async function hasFreshConsent(
  trx: Executor,
  lead: LeadRow,
  signal: Signal,
  at: Instant,
): Promise<boolean> {
  if (signal.kind === 'opt_in') return true
  if (signal.kind === 'form' && !signal.payload.freshConsent) return false
  const { policy } = await loadPerson(trx, lead, at)
  const stoppedAt = Math.max(0, ...policy.suppressions.map(({ at }) => at))
  return policy.consents.some((consent) => consent.byLead && consent.at > stoppedAt)
}

function namedCadence(signal: Signal): string | null {
  const { kind, payload } = signal
  return kind === 'form' || kind === 'enroll' || kind === 'revive' ? payload.cadence : null
}

async function tellOwner(
  trx: Executor,
  lead: LeadRow,
  because: string,
  at: Instant,
): Promise<void> {
  await addTaskOnce(trx, {
    leadId: lead.id,
    kind: 'other',
    title: 'The lead is back: have a look',
    because,
    assignee: lead.owner,
    dueAt: null,
    at,
  })
}
