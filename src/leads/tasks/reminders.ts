import type { LeadId } from '../../domain/ids.ts'
import type { Instant } from '../../domain/time.ts'
import type { Executor } from '../../store/executor.ts'
import type { LeadRow } from '../../store/leads.ts'
import { addTask, closeTasksBecause } from '../../store/work/tasks.ts'

/** Why the watch reminds somebody; by it the reminders are found again. */
const BECAUSE = 'a person took it over, and there is no disposition yet'

/** Reminds somebody of a lead that a person talks with. */
export function remind(
  trx: Executor,
  lead: Pick<LeadRow, 'id'>,
  title: string,
  assignee: string | null,
  now: Instant,
): Promise<void> {
  return addTask(trx, {
    leadId: lead.id,
    kind: 'other',
    title,
    because: BECAUSE,
    assignee,
    dueAt: now,
    at: now,
  })
}

/** Nobody needs to be reminded any more, or the watch begins anew. */
export function closeReminders(
  trx: Executor,
  leadId: LeadId,
  by: string,
  at: Instant,
): Promise<void> {
  return closeTasksBecause(trx, leadId, BECAUSE, by, at)
}
