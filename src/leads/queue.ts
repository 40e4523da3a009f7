import type { LeadId, QueuedId } from '../domain/ids.ts'
import type { Instant } from '../domain/time.ts'
import { audit } from '../store/company/audit.ts'
import { currentVersion } from '../store/company/cadences.ts'
import { endEpisode } from '../store/episodes.ts'
import type { Executor } from '../store/executor.ts'
import { type LeadRow, lockLead } from '../store/leads.ts'
import { addQueued, closeQueued, type NewQueued, queueOf } from '../store/work/queue.ts'
import { type Enrollment, publishedPriority } from './enrollment.ts'
import { type EntryRulesInForce, refusedBy } from './entry.ts'
import { noSuchLead, Refusal } from './intake.ts'
import { startEpisode } from './transitions.ts'

/** Puts a cadence behind the one that a locked lead is in. */
export async function enqueue(
  trx: Executor,
  lead: LeadRow,
  wanted: { cadence: string; begunBy: NewQueued['begun_by']; by: string; at: Instant },
): Promise<Enrollment> {
  const added = await addQueued(trx, {
    lead_id: lead.id,
    cadence_name: wanted.cadence,
    priority: (await publishedPriority(trx, wanted.cadence)) ?? 0,
    begun_by: wanted.begunBy,
    by: wanted.by,
    at: wanted.at,
  })
  const reason = added
    ? 'It begins when the present cadence ends without an answer.'
    : 'It waits in the queue already.'
  return { status: 'queued', reason }
}

/**
 * Begins what waits for a lead whose cadence has just ended without an answer; false when nothing
 * does. What is not published any more is passed over, and said so.
 */
export async function startQueued(
  trx: Executor,
  lead: LeadRow,
  now: Instant,
  rules: EntryRulesInForce,
): Promise<boolean> {
  for (const queued of await queueOf(trx, lead.id)) {
    const cadence = queued.cadence_name
    const versionId = await currentVersion(trx, cadence)
    const end = { at: now, by: null }
    if (versionId === null) {
      const because = 'no cadence of this name is published any more'
      await closeQueued(trx, lead.id, queued.id, { ...end, outcome: 'cancelled', because })
      continue
    }
    const refusal = await refusedBy(trx, lead, { cadence, versionId }, now, rules)
    if (refusal !== null) {
      const refused = { outcome: 'cancelled', because: refusal } as const
      await closeQueued(trx, lead.id, queued.id, { ...end, ...refused })
      continue
    }
    const because = 'the cadence before it ended without an answer'
    await closeQueued(trx, lead.id, queued.id, { ...end, outcome: 'started', because })
    await endEpisode(trx, lead.episode_id, { outcome: 'unanswered, the next began', ...end })
    await startEpisode(
      trx,
      lead,
      { kind: 'nurture', cadence, versionId, begunBy: queued.begun_by },
      { kind: 'cadence_ended', signalId: null, because, at: now },
    )
    return true
  }
  return false
}

/** Takes a cadence out of a lead's queue. @throws Refusal 404 */
export async function cancelQueued(
  trx: Executor,
  leadId: LeadId,
  queuedId: QueuedId,
  who: string,
  at: Instant,
): Promise<LeadRow> {
  const lead = await lockLead(trx, leadId)
  if (lead === null) throw noSuchLead()
  const end = { outcome: 'cancelled', because: `cancelled by ${who}`, at, by: null } as const
  const row = await closeQueued(trx, leadId, queuedId, end)
  if (row === null) {
    throw new Refusal(
      404,
      'not_in_queue',
      'No cadence of this id waits for this lead.',
      'GET the lead: `queue` lists what waits.',
    )
  }
  const details = { cadence: row.cadence_name }
  await audit(trx, { who, action: 'queue_cancelled', leadId, at, details })
  return lead
}
