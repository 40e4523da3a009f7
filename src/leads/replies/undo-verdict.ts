import type { EpisodeId, HoldId, SignalId } from '../../domain/ids.ts'
import type { Channel } from '../../domain/policy/types.ts'
import type { ReplyFacts, ReplyReading } from '../../domain/replies/types.ts'
import type { SignalPayloads } from '../../domain/signals.ts'
import type { Instant } from '../../domain/time.ts'
import type { Executor } from '../../store/executor.ts'
import { json } from '../../store/json.ts'
import { type LeadRow, patchLead } from '../../store/leads.ts'
import { newId } from '../../store/new-id.ts'
import { reopenQueue } from '../../store/work/queue.ts'
import type { ReplyVerdict } from '../../store/work/reply-verdicts.ts'

/** Who takes a verdict back, by which signal, when and why. */
interface TakenBack {
  readonly signalId: SignalId
  readonly by: string
  readonly because: string | null
  readonly at: Instant
}

/** The channels that an opt-out may cover. */
export function isStops(detail: string | null): detail is Channel | 'all' {
  return detail === 'email' || detail === 'sms' || detail === 'all'
}

/** The reading that a person puts in the place of ours. */
export function readingOf(
  verdict: ReplyVerdict,
  channel: Channel,
  { intent, detail }: SignalPayloads['correct_reply'],
): ReplyReading | null {
  if (intent === null) return null
  const facts: ReplyFacts = {
    stops: intent === 'hostile' ? 'all' : isStops(detail) ? detail : channel,
    literal: false,
    thanks: intent === 'unknown' && detail === 'thanks',
    competitor: intent === 'competitor' ? detail : null,
    why: intent === 'competitor' ? (verdict.facts?.why ?? null) : null,
    contractEnds: intent === 'competitor' ? (verdict.facts?.contractEnds ?? null) : null,
    wanted: intent === 'no_matching_offering' ? (detail ?? verdict.words) : null,
    instead: intent === 'wrong_person' ? detail : null,
    day: intent === 'postpone' || intent === 'out_of_office' ? detail : null,
  }
  return {
    intent,
    detail,
    confidence: 1,
    visibleText: verdict.words ?? '',
    rule: 'corrected',
    rulesVersion: verdict.rules_version,
    facts,
  }
}

/** Takes back what a verdict did to a locked lead, as far as nothing has happened since. */
export async function undoVerdict(
  trx: Executor,
  lead: LeadRow,
  verdict: ReplyVerdict,
  cause: TakenBack,
): Promise<void> {
  const { did } = verdict
  const { at, by, signalId } = cause
  if (did.holds.length > 0) {
    await trx
      .updateTable('holds')
      .set({ lifted_at: at, lifted_by: signalId })
      .where('id', 'in', [...did.holds])
      .where('lifted_at', 'is', null)
      .execute()
  }
  if (did.tasks.length > 0) {
    await trx
      .updateTable('tasks')
      .set({ done_at: at, done_by: by })
      .where('id', 'in', [...did.tasks])
      .where('done_at', 'is', null)
      .execute()
  }
  for (const { id, validity } of did.points) {
    await trx
      .updateTable('contact_points')
      .set({ validity: validity, invalid_because: null })
      .where('id', '=', id)
      .where('validity', '=', 'invalid')
      .execute()
  }
  await forgetSuppressions(trx, verdict)
  await restore(trx, lead, verdict, cause)
  await trx
    .updateTable('reply_verdicts')
    .set({ undone_at: at, undone_by: by, undone_because: cause.because })
    .where('id', '=', verdict.id)
    .execute()
}

/**
 * A suppression that another verdict rests on stays until that one is taken back: an answer of several
 * leads is corrected for all of them at once, and the last one takes it away.
 */
async function forgetSuppressions(
  trx: Executor,
  { id, did, created_at }: ReplyVerdict,
): Promise<void> {
  if (did.suppressions.length === 0) return
  const others = await trx
    .selectFrom('reply_verdicts')
    .select('did')
    .where('id', '!=', id)
    .where('undone_at', 'is', null)
    .where('intent', 'in', ['opt_out', 'hostile'])
    .where('created_at', '=', created_at)
    .execute()
  const kept = new Set(others.flatMap((other) => other.did.suppressions))
  const gone = did.suppressions.filter((each) => !kept.has(each))
  if (gone.length === 0) return
  await trx.deleteFrom('suppressions').where('id', 'in', gone).execute()
}

/** Puts the lead back where it stood, unless something else has moved it since. */
async function restore(
  trx: Executor,
  lead: LeadRow,
  { did }: ReplyVerdict,
  { signalId, at }: Pick<TakenBack, 'signalId' | 'at'>,
): Promise<void> {
  const { before } = did
  if (before === null || !(await isStillThere(trx, lead, did.by))) return
  await trx
    .insertInto('transitions')
    .values({
      id: newId('transition'),
      lead_id: lead.id,
      from_status: lead.status,
      to_status: before.status,
      dead_reason: before.dead_reason,
      episode_id: before.episode_id,
      cause: 'correct_reply',
      signal_id: signalId,
      because: 'an answer was misread',
      at,
    })
    .execute()
  await patchLead(trx, lead, { ...before, dead_details: json(before.dead_details) })
  if (before.episode_id !== null) {
    await reopen(trx, lead, before.episode_id, did.by, { signalId, at })
    await reopenQueue(trx, lead.id, did.by)
  }
}

/** Whether the last thing that moved the lead was this signal. */
async function isStillThere(trx: Executor, lead: LeadRow, by: SignalId): Promise<boolean> {
  const rows = await trx
    .selectFrom('transitions')
    .select(['signal_id', 'to_status', 'dead_reason', 'at'])
    .where('lead_id', '=', lead.id)
    .orderBy('at', 'desc')
    .execute()
  const mine = rows.find(({ signal_id }) => signal_id === by)
  if (mine === undefined) return false
  const isLatest = rows.every(({ at, signal_id }) => at <= mine.at || signal_id === by)
  return isLatest && lead.status === mine.to_status && lead.dead_reason === mine.dead_reason
}

/** The episode goes on where it was; the time in between counts as a pause. */
async function reopen(
  trx: Executor,
  lead: LeadRow,
  episodeId: EpisodeId,
  endedBy: SignalId,
  { signalId, at }: Pick<TakenBack, 'signalId' | 'at'>,
): Promise<void> {
  const episode = await trx
    .selectFrom('episodes')
    .select('ended_at')
    .where('id', '=', episodeId)
    .where('ended_by', '=', endedBy)
    .executeTakeFirst()
  if (episode === undefined) {
    await patchLead(trx, lead, { episode_id: null })
    return
  }
  await trx
    .updateTable('episodes')
    .set({ ended_at: null, outcome: null, ended_by: null })
    .where('id', '=', episodeId)
    .execute()
  await trx
    .insertInto('holds')
    .values({
      id: newId<HoldId>('hold'),
      scope: 'lead',
      lead_id: lead.id,
      scope_key: null,
      kind: 'paused',
      because: 'an answer was misread',
      by: 'engine',
      until_at: null,
      created_at: at,
      began_at: episode.ended_at,
      lifted_at: at,
      // Stamped again by the planner's clock.
      lifted_by: signalId,
    })
    .execute()
}
