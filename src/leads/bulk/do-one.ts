import { type BulkWork, bulkEventId } from '../../domain/bulk.ts'
import type { EngineRules } from '../../domain/company/company.ts'
import { PRIORITY } from '../../domain/contract.ts'
import { id, type LeadId, type SignalId } from '../../domain/ids.ts'
import type { Instant } from '../../domain/time.ts'
import type { Executor } from '../../store/executor.ts'
import { lockLead } from '../../store/leads.ts'
import { staleNow } from '../../store/stale.ts'
import type { BulkRow } from '../../store/work/bulk-runs.ts'
import type { Ring } from '../../temporal/doorbell.ts'
import { act } from '../actions.ts'
import { Refusal, ringOf } from '../intake.ts'
import { isConcerned } from './whom.ts'

export interface DoOne {
  readonly rules: EngineRules
  /** The engine's clock, by which segments are judged. */
  readonly now: Instant
  readonly receivedAt: Instant
}

/**
 * Does the work of a run to one lead, in the caller's transaction. Doing it again changes nothing.
 * @throws Refusal when nothing can be done to this lead
 */
export async function doOne(
  trx: Executor,
  run: BulkRow,
  leadId: LeadId,
  context: DoOne,
): Promise<readonly Ring[]> {
  const concerned = { whom: run.whom, knownBefore: run.created_at }
  if (!(await isConcerned(trx, concerned, leadId, context))) throw noLonger()
  return await carryOut(trx, run, run.work, leadId, context)
}

async function carryOut(
  trx: Executor,
  run: BulkRow,
  work: BulkWork,
  leadId: LeadId,
  { rules, receivedAt }: DoOne,
): Promise<readonly Ring[]> {
  switch (work.kind) {
    case 'wake':
      return await wakeOne(trx, leadId, work.because)
    case 'enroll':
    case 'pause':
    case 'resume':
    case 'skip':
    case 'jump':
    case 'hold':
    case 'send_now':
    case 'mark_dead':
    case 'revive': {
      const eventId = id<SignalId>(bulkEventId(run.id, leadId))
      const who = `bulk:${run.id}`
      return (await act(trx, leadId, work, { who, receivedAt, rules, eventId })).rings
    }
  }
}

/** Makes the lead's plan stale, so that it is made anew; nothing happens to one that has none. */
async function wakeOne(trx: Executor, leadId: LeadId, because: string): Promise<readonly Ring[]> {
  const lead = await lockLead(trx, leadId)
  if (lead === null || (lead.status !== 'nurturing' && lead.open_messages === 0)) return []
  await staleNow(trx, lead, because)
  return [ringOf(lead, 'wake', PRIORITY.normal)]
}

function noLonger(): Refusal {
  return new Refusal(
    409,
    'no_longer_concerned',
    'It did not meet the conditions any more when its turn came.',
    'Look at the lead, and do it to this one alone if it is still wanted.',
  )
}
