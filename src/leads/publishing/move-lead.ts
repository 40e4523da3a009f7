import { stableFraction } from '../../domain/cadence/hash.ts'
import type { Cadence, Position } from '../../domain/cadence/types.ts'
import { type Landing, landingIn } from '../../domain/cadence/versions/migrate.ts'
import type { PublishPolicy } from '../../domain/cadence/versions/policy.ts'
import type { EngineRules } from '../../domain/company/company.ts'
import type { CadenceVersionId, LeadId, PublicationId } from '../../domain/ids.ts'
import { currentDue } from '../../domain/plan/plan.ts'
import { HOUR_MS, type Instant, plus } from '../../domain/time.ts'
import { audit } from '../../store/company/audit.ts'
import { cadenceVersion } from '../../store/company/cadences.ts'
import { type EpisodeRow, openEpisode } from '../../store/episodes.ts'
import type { Executor } from '../../store/executor.ts'
import { type LeadRow, lockLead } from '../../store/leads.ts'
import { staleNow } from '../../store/stale.ts'
import { enterStep, leaveStep, passedSteps } from '../../store/step-visits.ts'
import type { Ring } from '../../temporal/doorbell.ts'
import { type LeadFacts, loadFacts } from '../facts.ts'
import { ringOf } from '../intake.ts'

/** What moves leads into a version: ids and the chosen policy. */
export interface Move {
  readonly publication: PublicationId
  readonly cadence: string
  readonly versionId: CadenceVersionId
  readonly policy: Exclude<PublishPolicy, 'pin'>
  readonly by: string
}

export type Moved =
  | { readonly kind: 'moved'; readonly ended: boolean; readonly ring: Ring }
  /** It is in the version already, or in the cadence no more. */
  | { readonly kind: 'not_concerned' }

/**
 * Moves one lead into another version of the cadence that it is in, under its row's lock: from the
 * commit on every plan by the old version is stale. Doing it again changes nothing.
 */
export async function moveLead(
  trx: Executor,
  leadId: LeadId,
  move: Move,
  { now, rules }: { readonly now: Instant; readonly rules: EngineRules },
): Promise<Moved> {
  const lead = await lockLead(trx, leadId)
  const episode = lead && (await openEpisode(trx, lead.episode_id))
  if (!lead || !episode || episode.ended_at !== null || !isConcerned(lead, episode, move)) {
    return { kind: 'not_concerned' }
  }
  const facts = await loadFacts(trx, lead, now, rules)
  const from = await cadenceVersion(trx, episode.cadence_version_id)
  const to = await cadenceVersion(trx, move.versionId)
  const left = leftAt(facts)
  const landing = landingIn(from, to, {
    position: positionOf(episode),
    passed: await passedSteps(trx, episode.id),
    underWay: left !== null,
  })
  await stand(trx, episode, landing, move, { ...waitOf(facts, from, to, landing, move), left, now })
  await audit(trx, {
    who: move.by,
    action: 'move_version',
    leadId,
    at: now,
    details: {
      publication: move.publication,
      policy: move.policy,
      cadence: move.cadence,
      from: episode.cadence_version_id,
      to: move.versionId,
      stepBefore: episode.step_id,
      step: landing.kind === 'end' ? null : landing.position.stepId,
    },
  })
  await staleNow(trx, lead, 'its cadence was changed')
  const ended = landing.kind === 'end' && episode.step_id !== null
  return { kind: 'moved', ended, ring: ringOf(lead, 'moved') }
}

function isConcerned(lead: LeadRow, episode: EpisodeRow, move: Move): boolean {
  return (
    lead.status === 'nurturing' &&
    episode.cadence_name === move.cadence &&
    episode.cadence_version_id !== move.versionId
  )
}

function positionOf({ step_id: stepId, visit }: EpisodeRow): Position | null {
  return stepId === null ? null : { stepId, visit }
}

/** When the message of the current step left, or may have; null when it has not. */
function leftAt({ plan }: LeadFacts): Instant | null {
  const last = plan.episode?.attempts.at(-1)
  const left = ['dispatching', 'sent', 'delivered', 'uncertain']
  return last !== undefined && left.includes(last.state) ? last.settledAt : null
}

interface Wait {
  /** The due time that is kept, without time on hold. */
  readonly keptDueAt: Instant | null
  /** The move may have made it overdue. */
  readonly mayBeOverdue: boolean
}

/** What becomes of the wait that has begun. Equal waits need no word: they come out the same. */
function waitOf(
  { plan, episode }: LeadFacts,
  from: Cadence,
  to: Cadence,
  landing: Landing,
  { policy }: Move,
): Wait {
  const stays = landing.kind === 'same' || (landing.kind === 'end' && episode?.step_id === null)
  if (!stays) return { keptDueAt: null, mayBeOverdue: true }
  const kept = episode?.kept_due_at ?? null
  const stepId = landing.kind === 'same' ? landing.position.stepId : null
  if (kept === null && waitKey(from, stepId) === waitKey(to, stepId)) {
    return { keptDueAt: null, mayBeOverdue: false }
  }
  if (policy === 're-time') return { keptDueAt: null, mayBeOverdue: true }
  const due = kept === null ? currentDue(plan) : null
  if (due === null) return { keptDueAt: kept, mayBeOverdue: false }
  return { keptDueAt: plus(due, -(plan.episode?.pausedMs ?? 0)), mayBeOverdue: false }
}

/** All that may make a step, or the end, come at another time; null: the end. */
function waitKey(cadence: Cadence, stepId: string | null): string {
  const whole = { ...cadence, title: null, description: null, steps: null, end: null }
  const step = cadence.steps.find(({ id }) => id === stepId)
  return JSON.stringify([whole, step && { ...step, template: null, title: null }])
}

async function stand(
  trx: Executor,
  episode: EpisodeRow,
  landing: Landing,
  move: Move,
  at: Wait & { readonly left: Instant | null; readonly now: Instant },
): Promise<void> {
  const position = landing.kind === 'end' ? null : landing.position
  const same = landing.kind === 'same'
  if (!same) await leaveStep(trx, episode.id, at.left ?? at.now)
  await trx
    .updateTable('episodes')
    .set({
      cadence_version_id: move.versionId,
      publication_id: move.publication,
      step_id: position?.stepId ?? null,
      visit: position?.visit ?? episode.visit,
      // A message on its way is what the next delay counts from.
      ...(!same && at.left !== null && { anchor_at: at.left }),
      ...(!same && { send_now: false, due_at: null }),
      kept_due_at: at.keptDueAt,
      spread_overdue: at.mayBeOverdue,
    })
    .where('id', '=', episode.id)
    .execute()
  if (position === null) return
  await enterStep(trx, episode.id, position, at.now)
  await trx
    .updateTable('step_visits')
    .set({ cadence_version_id: move.versionId })
    .where('episode_id', '=', episode.id)
    .where('left_at', 'is', null)
    .execute()
}

/** What a move made overdue leaves within this span, not all at once. */
const OVERDUE_SPREAD_MS = 4 * HOUR_MS

/**
 * Puts a move on the planner's clock: a step that it made overdue is spread over the hours to
 * come, each lead at its own place. True when the facts have changed by that.
 */
export async function settleMove(
  trx: Executor,
  { plan, episode }: LeadFacts,
  now: Instant,
): Promise<boolean> {
  if (episode === null || !episode.spread_overdue) return false
  const due = currentDue(plan)
  const overdue = due !== null && due < now
  const fraction = stableFraction(plan.leadId, episode.id, episode.step_id ?? 'end', 'moved')
  const spread = Math.floor(fraction * OVERDUE_SPREAD_MS)
  const keptDueAt = overdue ? plus(now, spread - (plan.episode?.pausedMs ?? 0)) : null
  await trx
    .updateTable('episodes')
    .set({ spread_overdue: false, kept_due_at: keptDueAt })
    .where('id', '=', episode.id)
    .execute()
  return true
}
