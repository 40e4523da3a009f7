import { type Selectable, sql } from 'kysely'
import type { Position } from '../domain/cadence/types.ts'
import type { EpisodeId, SignalId } from '../domain/ids.ts'
import type { Instant } from '../domain/time.ts'
import { compiledOnce } from './compiled-once.ts'
import type { Executor } from './executor.ts'
import type { EpisodesTable } from './schema.ts'
import { enterStep, leaveStep, returnToStep } from './step-visits.ts'

export type EpisodeRow = Selectable<EpisodesTable>

/** The lead's open episode; null when it is in none. */
export async function openEpisode(
  executor: Executor,
  episodeId: EpisodeId | null,
): Promise<EpisodeRow | null> {
  if (episodeId === null) return null
  const [row] = await byId(executor, { episodeId })
  return row ?? null
}

const byId = compiledOnce((executor, { episodeId }: { episodeId: EpisodeId }) =>
  executor.selectFrom('episodes').selectAll().where('id', '=', episodeId),
)

/** Ends the lead's open episode, if it is in one, and takes the lead out of it. */
export async function endEpisode(
  trx: Executor,
  episodeId: EpisodeId | null,
  end: { outcome: string; at: Instant; by: SignalId | null },
): Promise<void> {
  if (episodeId === null) return
  await trx
    .updateTable('episodes')
    .set({ ended_at: end.at, outcome: end.outcome, ended_by: end.by })
    .where('id', '=', episodeId)
    .where('ended_at', 'is', null)
    .execute()
}

/**
 * Moves the lead inside its episode; the next delay counts from `at`. Null: past the last step.
 * `hurried` keeps what an operator asked for: that the next message leaves at once.
 */
export async function moveTo(
  trx: Executor,
  episodeId: EpisodeId,
  position: Position | null,
  at: Instant,
  { hurried }: { readonly hurried: boolean } = { hurried: false },
): Promise<void> {
  await leaveStep(trx, episodeId, at)
  await trx
    .updateTable('episodes')
    .set({
      step_id: position?.stepId ?? null,
      visit: position?.visit ?? 1,
      anchor_at: at,
      anchor_seq: SEEN_BEFORE,
      ...(!hurried && { send_now: false }),
      due_at: null,
      closed_channel: null,
      release_at: null,
      kept_due_at: null,
      spread_overdue: false,
    })
    .where('id', '=', episodeId)
    .execute()
  if (position !== null) await enterStep(trx, episodeId, position, at)
}

/** Lets the current step leave from `at` on, and not before. */
export async function releaseAt(trx: Executor, episodeId: EpisodeId, at: Instant): Promise<void> {
  await trx.updateTable('episodes').set({ release_at: at }).where('id', '=', episodeId).execute()
}

/**
 * The last of the lead's signals that came before its step was done: for a message, before it was
 * handed over, as its answer may be late (both times are the wall clock's); else all so far.
 */
const SEEN_BEFORE = sql<number>`(
  select case when left_at.at is null then leads.last_seq else coalesce((
    select max(seq) from signals
    where signals.lead_id = leads.id and received_at < left_at.at
  ), 0) end
  from leads, (
    select max(dispatched_wall_at) as at from touches
    where touches.episode_id = episodes.id
      and touches.step_id = episodes.step_id and touches.visit = episodes.visit
  ) as left_at
  where leads.id = episodes.lead_id
)`

/** Moves the lead back to a step that was due by `dueAt` and has to be tried again. */
export async function returnTo(
  trx: Executor,
  episodeId: EpisodeId,
  position: Position,
  dueAt: Instant,
): Promise<void> {
  await trx
    .updateTable('episodes')
    .set({ step_id: position.stepId, visit: position.visit, due_at: dueAt })
    .where('id', '=', episodeId)
    .execute()
  await returnToStep(trx, episodeId, position)
}
