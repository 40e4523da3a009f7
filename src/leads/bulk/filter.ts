import { type Expression, type ExpressionBuilder, type SqlBool, sql } from 'kysely'
import type { LeadFilter } from '../../domain/bulk.ts'
import type { LeadId } from '../../domain/ids.ts'
import { hasHold } from '../../store/held.ts'
import type { Database } from '../../store/schema.ts'

type OnLeads = ExpressionBuilder<Database, 'leads'>

/** What the database can tell of a filter; a segment is judged lead by lead (segments.ts). */
export function meets(filter: LeadFilter): (on: OnLeads) => Expression<SqlBool> {
  return (on) =>
    on.and([
      ...(filter.status === undefined ? [] : [hasStatus(on, filter.status)]),
      ...(filter.reason === undefined ? [] : [on('leads.dead_reason', '=', filter.reason)]),
      ...(filter.source === undefined ? [] : [on('leads.source', '=', filter.source)]),
      ...(filter.owner === undefined ? [] : [on('leads.owner', '=', filter.owner)]),
      ...(filter.state === undefined
        ? []
        : [sql<SqlBool>`upper(btrim(leads.state)) = ${filter.state.toUpperCase()}`]),
      ...(filter.tag === undefined
        ? []
        : [sql<SqlBool>`leads.tags @> ${JSON.stringify([filter.tag])}::jsonb`]),
      ...(filter.ids === undefined ? [] : [amongIds(on, filter.ids)]),
      ...(filter.cadence === undefined && filter.step === undefined
        ? []
        : [stands(on, filter.cadence, filter.step)]),
    ])
}

/** A lead's status as people see it: one that is held is not `nurturing`. */
function hasStatus(on: OnLeads, status: NonNullable<LeadFilter['status']>) {
  if (status === 'held') return on.and([on('leads.status', '=', 'nurturing'), hasHold(on)])
  if (status === 'nurturing') {
    return on.and([on('leads.status', '=', 'nurturing'), on.not(hasHold(on))])
  }
  return on('leads.status', '=', status)
}

function amongIds(on: OnLeads, ids: readonly LeadId[]) {
  return ids.length === 0 ? sql<SqlBool>`false` : on('leads.id', 'in', [...ids])
}

function stands(on: OnLeads, cadence: string | undefined, step: string | undefined) {
  return on.exists(
    on
      .selectFrom('episodes')
      .select(sql`1`.as('one'))
      .whereRef('episodes.id', '=', 'leads.episode_id')
      .$if(cadence !== undefined, (query) => query.where('cadence_name', '=', cadence ?? ''))
      .$if(step !== undefined, (query) => query.where('step_id', '=', step ?? '')),
  )
}
