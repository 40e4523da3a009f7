import type { LeadId } from '../../domain/ids.ts'
import type { Instant } from '../../domain/time.ts'
import type { Executor } from '../executor.ts'
import { json } from '../json.ts'
import { newId } from '../new-id.ts'

export interface AuditEntry {
  /** "api:<key name>", "console:<user>" … */
  readonly who: string
  readonly action: string
  readonly leadId: LeadId | null
  /** Ids and enums; never contact data. */
  readonly details?: Readonly<Record<string, unknown>>
  readonly at: Instant
}

/** Records that a person, or a key of ours, did something. */
export async function audit(trx: Executor, entry: AuditEntry): Promise<void> {
  await trx
    .insertInto('audit_log')
    .values({
      id: newId('audit'),
      at: entry.at,
      who: entry.who,
      action: entry.action,
      lead_id: entry.leadId,
      details: json(entry.details ?? {}),
    })
    .execute()
}
