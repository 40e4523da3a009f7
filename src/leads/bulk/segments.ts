import { describeCondition } from '../../domain/cadence/conditions/condition-words.ts'
import { type Condition } from '../../domain/cadence/conditions/conditions.ts'
import { judgeCondition } from '../../domain/cadence/conditions/judge.ts'
import { suggest } from '../../domain/cadence/file/problems.ts'
import type { EngineRules } from '../../domain/company/company.ts'
import type { LeadId } from '../../domain/ids.ts'
import { type Instant, toIso } from '../../domain/time.ts'
import { allSegments, findSegment, type Segment } from '../../store/company/segments.ts'
import { openEpisode } from '../../store/episodes.ts'
import type { Executor } from '../../store/executor.ts'
import { findLead } from '../../store/leads.ts'
import { invalidField } from '../intake.ts'
import { loadPerson } from '../people.ts'
import { loadSituation } from '../situation.ts'

/** A segment as it is shown. */
export interface SegmentView {
  readonly name: string
  readonly title: string
  /** The condition in words. */
  readonly words: string
  readonly when: Condition
  readonly updatedAt: string
  readonly updatedBy: string
}

/** A segment as it is shown, its condition in words as well. */
export function viewSegment(segment: Segment): SegmentView {
  const { name, title, when, updatedAt, updatedBy } = segment
  return {
    name,
    title,
    words: describeCondition(when),
    when,
    updatedAt: toIso(updatedAt),
    updatedBy,
  }
}

/** @throws Refusal 422 that names the field and the segments there are */
export async function requireSegment(
  executor: Executor,
  name: string,
  field: string,
): Promise<Segment> {
  const segment = await findSegment(executor, name)
  if (segment !== null) return segment
  const known = (await allSegments(executor)).map((each) => each.name)
  throw invalidField(
    field,
    'There is no segment of this name.',
    known.length === 0 ? 'Make one first: PUT /v1/segments/NAME.' : suggest(name, known),
  )
}

/** Whether a lead meets a condition now; a lead that is gone meets none. */
export async function meetsCondition(
  executor: Executor,
  leadId: LeadId,
  when: Condition,
  now: Instant,
  rules: EngineRules,
): Promise<boolean> {
  const lead = await findLead(executor, leadId)
  if (lead === null || lead.status === 'erased') return false
  const { policy } = await loadPerson(executor, lead, now)
  const episode = await openEpisode(executor, lead.episode_id)
  const { facts } = await loadSituation(executor, lead, policy, episode, now, rules)
  return judgeCondition(when, facts).holds
}
