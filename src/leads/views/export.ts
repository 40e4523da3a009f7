import { type Instant, toIso } from '../../domain/time.ts'
import type { Executor } from '../../store/executor.ts'
import type { LeadRow } from '../../store/leads.ts'
import { timelineOf } from './timeline/timeline.ts'
import { viewLead } from './view.ts'

/** Everything held on a person, for their right to read it (GDPR Art. 15; CCPA 1798.110). */
export async function exportLead(
  executor: Executor,
  lead: LeadRow,
  now: Instant,
): Promise<Record<string, unknown>> {
  const hashes = (
    await executor
      .selectFrom('contact_points')
      .select('hash')
      .where('lead_id', '=', lead.id)
      .execute()
  ).map(({ hash }) => hash)
  const consents =
    hashes.length === 0
      ? []
      : await executor
          .selectFrom('consents')
          .select([
            'channel',
            'basis',
            'disclosure',
            'at',
            'source',
            'ip',
            'url',
            'proof',
            'by_lead',
            'received_at',
          ])
          .where('contact_hash', 'in', hashes)
          .orderBy('at')
          .execute()
  const suppressions =
    hashes.length === 0
      ? []
      : await executor
          .selectFrom('suppressions')
          .select(['channel', 'cause', 'how', 'at'])
          .where('contact_hash', 'in', hashes)
          .orderBy('at')
          .execute()
  const visits = await executor
    .selectFrom('visits')
    .selectAll()
    .where('lead_id', '=', lead.id)
    .orderBy('started_at')
    .execute()
  const audit = await executor
    .selectFrom('audit_log')
    .select(['at', 'who', 'action'])
    .where('lead_id', '=', lead.id)
    .orderBy('at')
    .execute()
  return {
    exportedAt: toIso(now),
    lead: await viewLead(executor, lead),
    consents: consents.map(({ by_lead, received_at, at, ...consent }) => ({
      ...consent,
      byLead: by_lead,
      at: toIso(at),
      receivedAt: toIso(received_at),
    })),
    suppressions: suppressions.map(({ at, ...one }) => ({ ...one, at: toIso(at) })),
    visits: visits.map((visit) => ({
      firstPage: visit.first_page,
      pages: visit.pages,
      interacted: visit.interacted,
      startedAt: toIso(visit.started_at),
      lastAt: toIso(visit.last_at),
    })),
    timeline: await timelineOf(executor, lead.id),
    audit: audit.map(({ at, ...entry }) => ({ ...entry, at: toIso(at) })),
  }
}
