import type { ExpressionBuilder } from 'kysely'
import type { LeadFilter } from '../../domain/bulk.ts'
import { normalizeEmail, normalizePhone } from '../../domain/contact.ts'
import { id, type LeadId } from '../../domain/ids.ts'
import { instant } from '../../domain/time.ts'
import type { Executor } from '../../store/executor.ts'
import type { LeadRow } from '../../store/leads.ts'
import type { Database } from '../../store/schema.ts'
import { isStuck } from '../../store/watch/stuck.ts'
import { meets } from '../bulk/filter.ts'
import { invalidField } from '../intake.ts'

export interface LeadQuery {
  /** The same conditions as those of bulk runs. */
  readonly filter?: LeadFilter | undefined
  /** A name, company, email, phone, external id or id. */
  readonly q?: string | undefined
  /** Only leads that break the invariant: nothing will happen to them by itself. */
  readonly stuck?: boolean | undefined
  readonly cursor?: string | undefined
  readonly limit?: number | undefined
}

export interface LeadPage {
  readonly leads: readonly LeadRow[]
  /** Asks for the next page; null on the last. */
  readonly cursor: string | null
}

const PAGE = 50

/** Leads, newest first. @throws Refusal 422 for a cursor that no page of ours gave */
export async function listLeads(executor: Executor, query: LeadQuery): Promise<LeadPage> {
  const limit = Math.min(query.limit ?? PAGE, 200)
  const from = readCursor(query.cursor)
  const rows = await executor
    .selectFrom('leads')
    .selectAll('leads')
    .$if(query.filter !== undefined, (leads) => leads.where(meets(query.filter ?? {})))
    .$if(query.stuck === true, (leads) => leads.where(isStuck))
    .$if((query.q?.trim() ?? '') !== '', (leads) =>
      leads.where((on) => matches(on, query.q?.trim() ?? '')),
    )
    .$if(from !== null, (leads) =>
      leads.where((on) =>
        on.or([
          on('leads.created_at', '<', from?.at ?? instant(0)),
          on.and([
            on('leads.created_at', '=', from?.at ?? instant(0)),
            on('leads.id', '<', from?.id ?? id<LeadId>('')),
          ]),
        ]),
      ),
    )
    .orderBy('leads.created_at', 'desc')
    .orderBy('leads.id', 'desc')
    .limit(limit + 1)
    .execute()
  const leads = rows.slice(0, limit)
  const last = leads.at(-1)
  return { leads, cursor: rows.length > limit && last ? writeCursor(last) : null }
}

function matches(on: ExpressionBuilder<Database, 'leads'>, q: string) {
  const like = `%${q.replaceAll(/[\\%_]/g, (sign) => `\\${sign}`)}%`
  const email = normalizeEmail(q)
  const phone = normalizePhone(q)
  const points = [email, phone].flatMap((each) => (each.ok ? each.value : []))
  return on.or([
    on('leads.id', '=', id<LeadId>(q)),
    on('leads.external_id', '=', q),
    on('leads.first_name', 'ilike', like),
    on('leads.last_name', 'ilike', like),
    on('leads.company', 'ilike', like),
    on.exists(
      on
        .selectFrom('contact_points')
        .select('contact_points.id')
        .whereRef('contact_points.lead_id', '=', 'leads.id')
        .where((point) =>
          point.or([
            point('contact_points.value', 'ilike', like),
            ...(points.length > 0 ? [point('contact_points.value', 'in', points)] : []),
          ]),
        ),
    ),
  ])
}

function writeCursor({ created_at, id }: LeadRow): string {
  return Buffer.from(`${created_at} ${id}`).toString('base64url')
}

function readCursor(cursor: string | undefined) {
  if (cursor === undefined || cursor === '') return null
  const [at, id] = Buffer.from(cursor, 'base64url').toString().split(' ')
  const ms = Number(at)
  if (id === undefined || id === '' || !Number.isSafeInteger(ms)) {
    const fix = 'Take the cursor of the page before as it is, or leave it out for the first page.'
    throw invalidField('cursor', 'This cursor is of no page of ours.', fix)
  }
  return { at: instant(ms), id: id as LeadId }
}
