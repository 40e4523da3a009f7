import type { ContactPointVerdict, Retries } from '../../channels/types.ts'
import { nextPosition } from '../../domain/cadence/walk.ts'
import type { TouchId } from '../../domain/ids.ts'
import type { Instant } from '../../domain/time.ts'
import { cadenceVersion } from '../../store/company/cadences.ts'
import { openEpisode, returnTo } from '../../store/episodes.ts'
import type { Executor } from '../../store/executor.ts'
import { addHold } from '../../store/holds.ts'
import type { LeadRow } from '../../store/leads.ts'
import { staleNow } from '../../store/stale.ts'
import { attemptsLike, findTouch, type TouchRow } from '../../store/touches.ts'
import { raiseAlert } from '../../store/watch/alerts.ts'
import { addTask } from '../../store/work/tasks.ts'

/** What a failure that may pass comes to, once the attempts that make sense are counted. */
export type AfterRetries =
  | { readonly kind: 'again' }
  /** Another attempt makes no sense: the failure is final, and this is what it teaches. */
  | { readonly kind: 'final'; readonly contactPoint: ContactPointVerdict }
  /** Nobody knows what it means: the lead waits for a person. */
  | { readonly kind: 'park' }

/** Counts the earlier attempts at the touch's step that failed with the same code. */
export async function afterRetries(
  trx: Executor,
  touchId: TouchId,
  code: string,
  retries: Retries | undefined,
): Promise<AfterRetries> {
  const touch = retries === undefined ? null : await findTouch(trx, touchId)
  if (retries === undefined || touch === null) return { kind: 'again' }
  const attempts = await attemptsLike(trx, touch)
  const before = attempts.filter(({ id, failure_code }) => id !== touchId && failure_code === code)
  if (before.length < retries.atMost) return { kind: 'again' }
  if (retries.thenPark) return { kind: 'park' }
  return { kind: 'final', contactPoint: retries.contactPoint }
}

/** Lets a lead wait for a person, who is told why; `resume` lets it go on. */
export async function parkLead(
  trx: Executor,
  lead: LeadRow,
  { code, because, at }: { code: string; because: string; at: Instant },
): Promise<void> {
  await addHold(trx, {
    scope: 'lead',
    leadId: lead.id,
    key: null,
    kind: 'parked',
    because: `${because} (${code})`,
    by: 'engine',
    untilAt: null,
    at,
  })
  await raiseAlert(trx, {
    kind: 'unknown_answer',
    leadId: lead.id,
    because: `${because} (${code})`,
    fix: 'Look the code up, then resume the lead, or skip the step.',
    at,
  })
}

/**
 * Puts the lead back on the step of a touch that was accepted and failed afterwards, so that it is
 * tried again like one that failed at once. False when the cadence has gone on since: a later
 * message stands for this one, and nothing is sent out of its turn.
 */
export async function retryStep(
  trx: Executor,
  lead: LeadRow,
  touch: TouchRow,
  because: string,
): Promise<boolean> {
  const { step_id: stepId, visit } = touch
  if (lead.status !== 'nurturing' || stepId === null) return false
  const episode = await openEpisode(trx, lead.episode_id)
  if (episode === null || episode.id !== touch.episode_id || episode.ended_at !== null) return false
  const here = { stepId, visit }
  if (episode.step_id !== here.stepId || episode.visit !== here.visit) {
    const cadence = await cadenceVersion(trx, episode.cadence_version_id)
    // It was moved into a version that has the step no more.
    if (!cadence.steps.some(({ id }) => id === stepId)) return false
    const next = nextPosition(cadence, here)
    const after = next.kind === 'step' ? next.position : null
    const isNext =
      episode.step_id === (after?.stepId ?? null) &&
      (after === null || episode.visit === after.visit)
    if (!isNext || (after !== null && (await wasTouched(trx, episode.id, after)))) return false
    await returnTo(trx, episode.id, here, touch.intent_at)
  }
  await staleNow(trx, lead, because)
  return true
}

/** Tells the lead's owner that what a person wrote to the lead did not arrive. */
export async function tellUndelivered(
  trx: Executor,
  lead: LeadRow,
  { channel, class: kind, written_id }: TouchRow,
  because: string,
  at: Instant,
): Promise<void> {
  if (written_id === null || kind === 'required') return
  await addTask(trx, {
    leadId: lead.id,
    kind: 'other',
    title: `A ${channel === 'email' ? 'mail' : 'text'} to the lead was not delivered`,
    because,
    assignee: lead.owner,
    dueAt: null,
    at,
  })
}

async function wasTouched(
  trx: Executor,
  episodeId: TouchRow['episode_id'],
  { stepId, visit }: { stepId: string; visit: number },
): Promise<boolean> {
  const step = { episode_id: episodeId, step_id: stepId, visit, written_id: null }
  const attempts = await attemptsLike(trx, step)
  return attempts.some(({ state }) => state !== 'intent' && state !== 'abandoned')
}
