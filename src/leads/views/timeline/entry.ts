import { type Selectable, sql } from 'kysely'
import type { LeadId } from '../../../domain/ids.ts'
import type { Executor } from '../../../store/executor.ts'
import type { Database } from '../../../store/schema.ts'

/** One thing that happened to a lead, or that we did. */
export interface TimelineEntry {
  /** By the engine's clock, which runs ahead for a lead that was fast-forwarded. */
  readonly at: string
  /** By the wall clock of whoever received it; null for what the engine did by itself. */
  readonly receivedAt: string | null
  readonly kind:
    | 'signal'
    | 'transition'
    | 'message'
    | 'touch'
    | 'decision'
    | 'task'
    | 'hold'
    | 'episode'
    | 'step'
    | 'score'
    | 'webhook'
  /** One line for people. */
  readonly title: string
  readonly details: Readonly<Record<string, unknown>>
}

/** The tables that tell a lead's story, and the columns by which theirs stands in order. */
interface Told {
  readonly signals: 'seq'
  readonly transitions: 'at'
  readonly messages: 'requested_at'
  readonly tasks: 'created_at'
  readonly holds: 'created_at'
}

/** All of a table's rows about a lead, in order. */
export async function rowsOf<Table extends keyof Told>(
  executor: Executor,
  table: Table,
  leadId: LeadId,
  orderBy: Told[Table],
): Promise<Selectable<Database[Table]>[]> {
  const { rows } = await sql<Selectable<Database[Table]>>`
    select * from ${sql.table(table)} where lead_id = ${leadId}
    order by ${sql.ref(orderBy)}`.execute(executor)
  return rows
}
