import { suggest } from '../domain/cadence/file/problems.ts'
import type { CadenceVersionId, LeadId } from '../domain/ids.ts'
import type { Answer } from '../domain/lifecycle.ts'
import { cadenceVersion, currentVersion, publishedCadences } from '../store/company/cadences.ts'
import { openEpisode } from '../store/episodes.ts'
import type { Executor } from '../store/executor.ts'
import type { LeadRow } from '../store/leads.ts'
import { invalidField } from './intake.ts'

/** What became of the wish to have a lead in a cadence. */
export interface Enrollment {
  readonly status: 'started' | 'queued' | 'replaced' | 'already' | 'refused'
  /** Why it was refused, in words. */
  readonly reason?: string
}

/** The cadence a lead is in, or will be once the planner has looked. */
export interface Underway {
  readonly cadence: string
  readonly priority: number
  readonly kind: 'nurture' | 'revival' | 'check-in'
}

/**
 * Where the lead is under way: its open episode, or the cadence that an accepted and not yet
 * absorbed signal will begin. Null when it is in none.
 */
export async function underway(
  executor: Executor,
  lead: LeadRow,
  defaultCadence: string,
): Promise<Underway | null> {
  const pending = await pendingCadence(executor, lead.id, defaultCadence)
  if (pending !== null) {
    const priority = await publishedPriority(executor, pending)
    return priority === null ? null : { cadence: pending, priority, kind: 'nurture' }
  }
  const episode = await openEpisode(executor, lead.episode_id)
  if (episode === null) return null
  const { priority } = await cadenceVersion(executor, episode.cadence_version_id)
  return { cadence: episode.cadence_name, priority, kind: episode.kind }
}

async function pendingCadence(
  executor: Executor,
  leadId: LeadId,
  defaultCadence: string,
): Promise<string | null> {
  const rows = await executor
    .selectFrom('signals')
    .select(['payload', 'answer'])
    .where('lead_id', '=', leadId)
    .where('processed_at', 'is', null)
    .where('kind', 'in', ['form', 'enroll'])
    .orderBy('seq')
    .execute()
  const starts = rows.filter(({ answer, payload }) => begins(answer, payload))
  const last = starts.at(-1)
  if (last === undefined) return null
  return typeof last.payload.cadence === 'string' ? last.payload.cadence : defaultCadence
}

/** Whether an accepted signal will begin a cadence; without fresh consent some only may. */
function begins(answer: Answer, payload: Readonly<Record<string, unknown>>): boolean {
  if (answer.do === 'enroll') return true
  if (answer.do !== 'revive') return false
  return answer.by !== 'fresh_consent' || payload.freshConsent === true
}

/** The priority of a published cadence; null when none of this name is published. */
export async function publishedPriority(executor: Executor, name: string): Promise<number | null> {
  const versionId = await currentVersion(executor, name)
  return versionId === null ? null : (await cadenceVersion(executor, versionId)).priority
}

/**
 * Makes sure that a cadence is published; answers its current version.
 * @throws Refusal 422 that names the field and the cadences there are
 */
export async function requireCadence(
  executor: Executor,
  name: string,
  field = 'cadence',
): Promise<CadenceVersionId> {
  const versionId = await currentVersion(executor, name)
  if (versionId !== null) return versionId
  const known = (await publishedCadences(executor)).map((cadence) => cadence.name)
  throw invalidField(
    field,
    'No cadence of this name is published.',
    known.length === 0
      ? 'Publish one first: `rekindle cadence publish FILE`.'
      : suggest(name, known),
  )
}

/**
 * Whether `wanted` may take a nurturing lead over from where it is under way: a higher priority
 * replaces, an equal one waits in the queue (which is the caller's to fill), a lower is refused.
 */
export async function judgeMove(
  executor: Executor,
  current: Underway | null,
  wanted: string,
): Promise<Enrollment> {
  if (current === null) return { status: 'started' }
  if (current.cadence === wanted) return { status: 'already' }
  const priority = (await publishedPriority(executor, wanted)) ?? 0
  if (priority > current.priority) return { status: 'replaced' }
  if (priority === current.priority) return { status: 'queued' }
  return {
    status: 'refused',
    reason: `It is in ${current.cadence}, whose priority ${current.priority} is above ${priority}.`,
  }
}
