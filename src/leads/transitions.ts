import { firstPosition } from '../domain/cadence/walk.ts'
import type { CadenceVersionId, SignalId } from '../domain/ids.ts'
import type { DeadDetails, EpisodeKind, LeadStatus } from '../domain/lead.ts'
import { checkInAfterDeath, mayComeBack, type RevivalRules } from '../domain/revival.ts'
import type { SignalKind } from '../domain/signals.ts'
import type { Instant } from '../domain/time.ts'
import { beginEpisode } from '../store/begin-episode.ts'
import { cadenceVersion } from '../store/company/cadences.ts'
import { endEpisode } from '../store/episodes.ts'
import type { Executor } from '../store/executor.ts'
import { json } from '../store/json.ts'
import { type LeadRow, patchLead } from '../store/leads.ts'
import { newId } from '../store/new-id.ts'
import { cancelQueue } from '../store/work/queue.ts'
import { addTaskOnce, closeTasks } from '../store/work/tasks.ts'
import { revivalFor } from './revival-rules.ts'
import { closeReminders } from './tasks/reminders.ts'

/** Why a transition happens. `at` is the planner's clock, or the time of receipt until it looks. */
export interface Cause {
  readonly kind: SignalKind | 'created'
  readonly signalId: SignalId | null
  readonly because: string
  readonly at: Instant
}

/** A person takes over: the episode ends, and someone is told to answer. */
export async function engage(
  trx: Executor,
  lead: LeadRow,
  cause: Cause,
  title = cause.kind === 'reply' ? 'Answer the lead' : 'Talk with the lead',
): Promise<void> {
  await addTaskOnce(trx, {
    leadId: lead.id,
    kind: cause.kind === 'reply' ? 'reply' : 'hand_off',
    title,
    because: cause.because,
    assignee: lead.owner,
    dueAt: null,
    at: cause.at,
  })
  if (lead.status === 'engaged') {
    await closeReminders(trx, lead.id, 'nobody: the lead was heard of again', cause.at)
    return startWatching(trx, lead)
  }
  await leaveEpisode(trx, lead, cause, cause.kind)
  await become(trx, lead, 'engaged', cause, null)
  await startWatching(trx, lead)
}

/** From here on somebody is to say what becomes of the lead; the planner's clock says since when. */
async function startWatching(trx: Executor, lead: LeadRow): Promise<void> {
  await patchLead(trx, lead, { watch_since: null, watch_step: 0 })
}

/** A person has said what becomes of the lead. */
export async function stopWatching(trx: Executor, lead: LeadRow): Promise<void> {
  await patchLead(trx, lead, { watch_since: null, watch_step: null })
}

/** Nobody is waited for before this day. */
export async function watchFrom(trx: Executor, lead: LeadRow, since: Instant): Promise<void> {
  if (lead.status !== 'engaged') return
  await patchLead(trx, lead, { watch_since: since, watch_step: 0 })
}

/** Puts the beginning of the watch on the planner's clock. */
export async function stampWatch(trx: Executor, lead: LeadRow, now: Instant): Promise<void> {
  if (lead.status !== 'engaged' || lead.watch_step === null || lead.watch_since !== null) return
  await patchLead(trx, lead, { watch_since: now })
}

export async function convert(trx: Executor, lead: LeadRow, cause: Cause): Promise<void> {
  await closeReminders(trx, lead.id, `nobody: ${cause.because}`, cause.at)
  await leaveEpisode(trx, lead, cause, 'converted')
  await become(trx, lead, 'converted', cause, null)
}

/**
 * The lead dies for a reason, with what is to be recorded beside it. The planner's clock sets
 * `dead_at` and the check-in when it absorbs the cause (`stampDeath`); until then they are null.
 */
export async function die(
  trx: Executor,
  lead: LeadRow,
  details: DeadDetails,
  cause: Cause,
): Promise<void> {
  await leaveEpisode(trx, lead, cause, `dead: ${details.reason}`)
  await closeReminders(trx, lead.id, `nobody: ${cause.because}`, cause.at)
  // Who is to be left alone is left alone by people too.
  if (!mayComeBack(details.reason)) {
    await closeTasks(trx, lead.id, `nobody: ${cause.because}`, cause.at)
  }
  await become(trx, lead, 'dead', cause, details)
}

/** Sets when the lead died, and when it is checked in on, by the planner's clock. */
export async function stampDeath(
  trx: Executor,
  lead: LeadRow,
  now: Instant,
  rules: RevivalRules,
): Promise<void> {
  if (lead.status !== 'dead' || lead.dead_at !== null || lead.dead_details === null) return
  const own = await revivalFor(trx, lead, rules)
  const checkInAt = lead.check_ins > 0 ? null : checkInAfterDeath(lead.dead_details, now, own)
  await patchLead(trx, lead, { dead_at: now, check_in_at: checkInAt })
}

export interface NewEpisode {
  readonly kind: EpisodeKind
  readonly cadence: string
  readonly versionId: CadenceVersionId
  readonly begunBy: SignalKind | 'import' | 'api'
}

/** Starts an episode now; the reason a dead lead was dead for is kept with it. */
export async function startEpisode(
  trx: Executor,
  lead: LeadRow,
  episode: NewEpisode,
  cause: Cause,
): Promise<void> {
  await leaveEpisode(trx, lead, cause, 'replaced')
  const first = firstPosition(await cadenceVersion(trx, episode.versionId))
  const { dead_reason: fromReason, dead_details: fromDetails } = lead
  if (lead.status !== 'nurturing') await become(trx, lead, 'nurturing', cause, null)
  await beginEpisode(trx, lead, {
    kind: episode.kind,
    cadence: episode.cadence,
    versionId: episode.versionId,
    begunBy: episode.begunBy,
    at: cause.at,
    signalId: cause.signalId,
    fromReason,
    fromDetails,
    stepId: first.kind === 'step' ? first.position.stepId : null,
    checkIns: episode.kind === 'check-in' ? lead.check_ins + 1 : 0,
  })
}

async function leaveEpisode(
  trx: Executor,
  lead: LeadRow,
  cause: Cause,
  outcome: string,
): Promise<void> {
  if (lead.episode_id === null) return
  await endEpisode(trx, lead.episode_id, { outcome, at: cause.at, by: cause.signalId })
  await patchLead(trx, lead, { episode_id: null })
}

async function become(
  trx: Executor,
  lead: LeadRow,
  status: LeadStatus,
  cause: Cause,
  details: DeadDetails | null,
): Promise<void> {
  if (status !== 'nurturing') {
    const { because, at, signalId: by } = cause
    await cancelQueue(trx, lead.id, { because, at, by })
  }
  await trx
    .insertInto('transitions')
    .values({
      id: newId('transition'),
      lead_id: lead.id,
      from_status: lead.status,
      to_status: status,
      dead_reason: details?.reason ?? null,
      episode_id: lead.episode_id,
      cause: cause.kind,
      signal_id: cause.signalId,
      because: cause.because,
      at: cause.at,
    })
    .execute()
  await patchLead(trx, lead, {
    status,
    dead_reason: details?.reason ?? null,
    dead_details: json(details),
    dead_at: null,
    check_in_at: null,
    watch_since: null,
    watch_step: null,
  })
}
