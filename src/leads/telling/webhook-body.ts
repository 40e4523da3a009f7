import { toIso } from '../../domain/time.ts'
import type { DeliveryRow, WebhookRow } from '../../store/company/webhooks.ts'
import type { Executor } from '../../store/executor.ts'
import { findLead, type LeadRow } from '../../store/leads.ts'
import { currentPointsOf } from '../../store/people/contact-points.ts'

/**
 * What an endpoint is told: that a lead came to a step, and what is known of the lead now. Names
 * and addresses go only where the endpoint was set to get them. Null for a person who was erased.
 */
export async function webhookBody(
  executor: Executor,
  delivery: DeliveryRow,
  webhook: WebhookRow,
): Promise<Record<string, unknown> | null> {
  const lead = await findLead(executor, delivery.lead_id)
  if (lead === null || lead.status === 'erased') return null
  const episode = await executor
    .selectFrom('episodes')
    .innerJoin('cadence_versions', 'cadence_versions.id', 'episodes.cadence_version_id')
    .select(['cadence_name', 'version', 'kind'])
    .where('episodes.id', '=', delivery.episode_id)
    .executeTakeFirst()
  return {
    id: delivery.id,
    type: 'cadence.step',
    at: toIso(delivery.happened_at),
    cadence: episode?.cadence_name ?? null,
    version: episode?.version ?? null,
    episode: { id: delivery.episode_id, kind: episode?.kind ?? null },
    step: delivery.step_id,
    visit: delivery.visit,
    lead: {
      id: lead.id,
      externalId: lead.external_id,
      status: lead.status,
      source: lead.source,
      owner: lead.owner,
      tags: lead.tags,
      attributes: lead.attributes,
      ...(webhook.contact_data && (await contactData(executor, lead))),
    },
  }
}

async function contactData(executor: Executor, lead: LeadRow): Promise<Record<string, unknown>> {
  const { email, phone } = await currentPointsOf(executor, lead.id)
  return {
    firstName: lead.first_name,
    lastName: lead.last_name,
    company: lead.company,
    email,
    phone,
  }
}
