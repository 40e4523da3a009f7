import type { Selectable } from 'kysely'
import type { Cadence, Step } from '../domain/cadence/types.ts'
import { id, type LeadId, type TouchId } from '../domain/ids.ts'
import type { DeadReason, LeadStatus } from '../domain/lead.ts'
import type { Instant } from '../domain/time.ts'
import { Refusal } from '../leads/intake.ts'
import type { ShownStatus } from '../leads/views/view.ts'
import { cadenceVersion } from '../store/company/cadences.ts'
import { openEpisode } from '../store/episodes.ts'
import type { Executor } from '../store/executor.ts'
import { hasHold } from '../store/held.ts'
import type { LeadRow } from '../store/leads.ts'
import type { AlertsTable, TasksTable } from '../store/schema.ts'
import { findTouch } from '../store/touches.ts'
import { countStuck } from '../store/watch/stuck.ts'

/** More than anyone reads on one page; what is older is found on the lead. */
const MOST_ROWS = 200

export type TaskRow = Selectable<TasksTable> & { readonly lead_name: string }

/** What people have to do, the most urgent first. */
export async function openTasks(executor: Executor): Promise<TaskRow[]> {
  const rows = await executor
    .selectFrom('tasks')
    .innerJoin('leads', 'leads.id', 'tasks.lead_id')
    .selectAll('tasks')
    .select(['leads.first_name', 'leads.last_name', 'leads.company'])
    .where('tasks.done_at', 'is', null)
    .orderBy((on) => on.fn.coalesce('tasks.due_at', 'tasks.created_at'))
    .limit(MOST_ROWS)
    .execute()
  return rows.map((row) => ({ ...row, lead_name: nameOf(row) }))
}

/** What ops has to mend, the newest first. */
export function openAlerts(executor: Executor): Promise<Selectable<AlertsTable>[]> {
  return executor
    .selectFrom('alerts')
    .selectAll()
    .where('resolved_at', 'is', null)
    .orderBy('at', 'desc')
    .limit(MOST_ROWS)
    .execute()
}

export interface PublishedCadence {
  readonly cadence: Cadence
  readonly version: number
  readonly publishedAt: Instant
  readonly publishedBy: string
  /** Leads that are in it at this moment, in any version. */
  readonly leads: number
}

/** The current version of each cadence, and how many leads are in it. */
export async function cadencesInUse(executor: Executor): Promise<PublishedCadence[]> {
  const rows = await executor
    .selectFrom('cadences')
    .innerJoin('cadence_versions as version', 'version.id', 'cadences.current_version_id')
    .select(['cadences.name', 'version.version', 'version.definition'])
    .select(['version.published_at', 'version.published_by'])
    .orderBy('cadences.name')
    .execute()
  const counts = await executor
    .selectFrom('episodes')
    .select(['cadence_name', (on) => on.fn.countAll<number>().as('leads')])
    .where('ended_at', 'is', null)
    .groupBy('cadence_name')
    .execute()
  const leads = new Map(counts.map((row) => [row.cadence_name, Number(row.leads)]))
  return rows.map((row) => ({
    // Published versions were parsed and checked, and never change.
    cadence: row.definition as Cadence,
    version: row.version,
    publishedAt: row.published_at,
    publishedBy: row.published_by,
    leads: leads.get(row.name) ?? 0,
  }))
}

interface Named {
  readonly status?: LeadStatus
  readonly first_name: string | null
  readonly last_name: string | null
  readonly company: string | null
}

/** What people call the lead. */
export function nameOf({ status, first_name, last_name, company }: Named): string {
  if (status === 'erased') return 'Erased person'
  const name = [first_name, last_name].filter((part) => part !== null && part !== '').join(' ')
  if (name !== '') return name
  return company ?? 'Nameless lead'
}

export interface LeadCounts {
  readonly all: number
  readonly byStatus: Readonly<Record<ShownStatus, number>>
  /** Of the dead, by what they died of. */
  readonly byReason: ReadonlyMap<DeadReason, number>
  /** Leads to which nothing will happen by itself. */
  readonly stuck: number
}

/** How many leads there are in each state. */
export async function countLeads(executor: Executor): Promise<LeadCounts> {
  const rows = await executor
    .selectFrom('leads')
    .select(['status', 'dead_reason', (on) => on.fn.countAll<number>().as('count')])
    .groupBy(['status', 'dead_reason'])
    .execute()
  const held = await executor
    .selectFrom('leads')
    .select((on) => on.fn.countAll<number>().as('count'))
    .where('status', '=', 'nurturing')
    .where(hasHold)
    .executeTakeFirstOrThrow()
  const of = (status: LeadStatus) =>
    rows.reduce((sum, row) => sum + (row.status === status ? Number(row.count) : 0), 0)
  const byReason = rows.flatMap(({ dead_reason, count }) =>
    dead_reason === null ? [] : [[dead_reason, Number(count)] as const],
  )
  return {
    all: rows.reduce((sum, row) => sum + Number(row.count), 0),
    byStatus: {
      nurturing: of('nurturing') - Number(held.count),
      held: Number(held.count),
      engaged: of('engaged'),
      converted: of('converted'),
      dead: of('dead'),
      erased: of('erased'),
    },
    byReason: new Map(byReason),
    stuck: await countStuck(executor),
  }
}

/** One line of the list. */
export interface ListedLead {
  readonly lead: LeadRow
  readonly name: string
  readonly held: boolean
  readonly email: string | null
  readonly phone: string | null
}

/** What the list tells of these leads, in their order. */
export async function describeLeads(
  executor: Executor,
  leads: readonly LeadRow[],
): Promise<ListedLead[]> {
  const ids = leads.map(({ id }) => id)
  if (ids.length === 0) return []
  const points = await executor
    .selectFrom('contact_points')
    .select(['lead_id', 'kind', 'value'])
    .where('lead_id', 'in', ids)
    .where('current', '=', true)
    .execute()
  const held = await executor
    .selectFrom('leads')
    .select('id')
    .where('id', 'in', ids)
    .where(hasHold)
    .execute()
  const pointOf = (leadId: LeadId, kind: 'email' | 'phone') =>
    points.find((point) => point.lead_id === leadId && point.kind === kind)?.value ?? null
  return leads.map((lead) => ({
    lead,
    name: nameOf(lead),
    held: held.some(({ id }) => id === lead.id),
    email: pointOf(lead.id, 'email'),
    phone: pointOf(lead.id, 'phone'),
  }))
}

/** What a person still has to do about one lead. */
export function openTasksOf(executor: Executor, leadId: LeadId): Promise<Selectable<TasksTable>[]> {
  return executor
    .selectFrom('tasks')
    .selectAll()
    .where('lead_id', '=', leadId)
    .where('done_at', 'is', null)
    .orderBy('created_at')
    .execute()
}

/** The steps of the cadence version that the lead is in; none when it is in none. */
export async function stepsOf(executor: Executor, lead: LeadRow): Promise<readonly Step[]> {
  const episode = await openEpisode(executor, lead.episode_id)
  if (episode === null) return []
  return (await cadenceVersion(executor, episode.cadence_version_id)).steps
}

/** Whom a caught message was for, when its touch is known. */
export async function leadOfTouch(
  executor: Executor,
  touchId: string | null,
): Promise<LeadId | null> {
  if (touchId === null) return null
  return (await findTouch(executor, id<TouchId>(touchId)))?.lead_id ?? null
}

/**
 * The id of the lead that a person means: by id, external id, email or phone.
 * @throws Refusal 404 when nobody, 409 when several are meant
 */
export async function findMeant(executor: Executor, meant: string): Promise<LeadId> {
  const points = await executor
    .selectFrom('contact_points')
    .select('lead_id')
    .distinct()
    .where('value', '=', meant.toLowerCase())
    .where('current', '=', true)
    .execute()
  const named = await executor
    .selectFrom('leads')
    .select('id')
    .where((on) => on.or([on('id', '=', id<LeadId>(meant)), on('external_id', '=', meant)]))
    .execute()
  const found = [...new Set([...named.map((row) => row.id), ...points.map((row) => row.lead_id)])]
  const [lead, another] = found
  if (lead !== undefined && another === undefined) return lead
  throw lead === undefined
    ? new Refusal(404, 'no_such_lead', 'No lead is known by this.', 'Look it up under Leads.')
    : new Refusal(409, 'several_leads', 'Several leads have this.', 'Name one of them by its id.')
}
