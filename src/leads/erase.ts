import { forgetMailOf } from '../store/channels/inbound-mail.ts'
import { eraseMessages } from '../store/channels/messages.ts'
import { forgetTestSends } from '../store/channels/test-sends.ts'
import type { Executor } from '../store/executor.ts'
import { liftLeadHolds } from '../store/holds.ts'
import { forgetResponses } from '../store/idempotency.ts'
import { json } from '../store/json.ts'
import { type LeadRow, patchLead } from '../store/leads.ts'
import { closeTasks } from '../store/work/tasks.ts'
import { hashesOf, suppressPerson } from './stops.ts'
import type { Cause } from './transitions.ts'

/**
 * Erases the person: what identifies or quotes them goes; the keyed hashes in the suppressions
 * stay so that they are never written to again, and the ledger keeps its hashes without the
 * payloads. GDPR Art. 17; CCPA regs § 7022 lets a record of the request stay.
 */
export async function eraseLead(trx: Executor, lead: LeadRow, cause: Cause): Promise<void> {
  const { id: leadId } = lead
  await suppressPerson(trx, lead, 'all', 'erasure', cause.at)
  await forgetMailOf(trx, leadId)
  await forgetTestSends(trx, await hashesOf(trx, leadId))
  await trx.deleteFrom('contact_points').where('lead_id', '=', leadId).execute()
  await trx
    .updateTable('touches')
    .set({ subject: null, text: null, html: null })
    .where('lead_id', '=', leadId)
    .execute()
  await eraseMessages(trx, lead, cause.at)
  await trx
    .updateTable('signals')
    .set({ payload: json({}) })
    .where('lead_id', '=', leadId)
    .execute()
  await trx
    .updateTable('reply_verdicts')
    .set({
      detail: null,
      words: null,
      facts: json(null),
      undone_because: null,
      did: json(NOTHING_DONE),
    })
    .where('lead_id', '=', leadId)
    .execute()
  await trx
    .updateTable('ledger_entries')
    .set({ payload: json(null), salt: null })
    .where('lead_id', '=', leadId)
    .execute()
  await trx
    .updateTable('episodes')
    .set({ from_details: json(null) })
    .where('lead_id', '=', leadId)
    .execute()
  await trx
    .updateTable('consents')
    .set({ ip: null, url: null, proof: null, lead_id: null })
    .where('lead_id', '=', leadId)
    .execute()
  // Also what the visitor looked at before it was known to be this person.
  await trx
    .deleteFrom('visits')
    .where((on) =>
      on.or([
        on('lead_id', '=', leadId),
        on(
          'visitor_id',
          'in',
          on.selectFrom('visitors').select('visitors.id').where('visitors.lead_id', '=', leadId),
        ),
      ]),
    )
    .execute()
  await trx
    .updateTable('visitors')
    .set({ lead_id: null, linked_at: null, linked_by: null })
    .where('lead_id', '=', leadId)
    .execute()
  await trx.deleteFrom('tokens').where('lead_id', '=', leadId).execute()
  await trx
    .updateTable('tasks')
    .set({ title: 'erased', because: 'erased' })
    .where('lead_id', '=', leadId)
    .execute()
  await trx.updateTable('holds').set({ because: 'erased' }).where('lead_id', '=', leadId).execute()
  await trx
    .updateTable('alerts')
    .set({ resolved_at: cause.at })
    .where('lead_id', '=', leadId)
    .where('resolved_at', 'is', null)
    .execute()
  await trx
    .updateTable('audit_log')
    .set({ details: json({}) })
    .where('lead_id', '=', leadId)
    .execute()
  await forgetResponses(trx, leadId)
  await liftLeadHolds(trx, leadId, { at: cause.at, by: cause.signalId })
  await closeTasks(trx, leadId, 'erasure', cause.at)
  await trx
    .updateTable('episodes')
    .set({ ended_at: cause.at, outcome: 'erased', ended_by: cause.signalId })
    .where('lead_id', '=', leadId)
    .where('ended_at', 'is', null)
    .execute()
  await trx
    .insertInto('transitions')
    .values({
      id: `transition_erased_${leadId}`,
      lead_id: leadId,
      from_status: lead.status,
      to_status: 'erased',
      dead_reason: null,
      episode_id: null,
      cause: cause.kind,
      signal_id: cause.signalId,
      because: cause.because,
      at: cause.at,
    })
    .execute()
  await patchLead(trx, lead, { ...NOBODY, status: 'erased', erased_at: cause.at })
}

/** What a verdict did may quote the person, and nothing of it can be taken back any more. */
const NOTHING_DONE = { by: '', holds: [], tasks: [], suppressions: [], points: [], before: null }

const NOBODY = {
  external_id: null,
  first_name: null,
  last_name: null,
  company: null,
  state: null,
  zip: null,
  language: null,
  timezone: null,
  tags: json([]),
  attributes: json({}),
  dead_reason: null,
  dead_details: json(null),
  dead_at: null,
  check_in_at: null,
  episode_id: null,
  next_words: null,
} as const
