import { type RawBuilder, sql } from 'kysely'
import type { Executor } from '../../store/executor.ts'
import type { OpenSpan } from './overview.ts'

type Counts = Readonly<Record<string, number>>

/** What a step did to the leads that came to it. */
export interface StepReport {
  readonly step: string
  readonly entered: number
  /** Leads that stand at it now. */
  readonly waiting: number
  readonly sent: number
  readonly delivered: number
  readonly clicked: number
  readonly replied: number
  readonly optedOut: number
  /** Why it was left out, by the rule that said so. */
  readonly dropped: Counts
}

/** What became of the leads that a split sent one of its ways. */
export interface ArmReport {
  readonly step: string
  readonly arm: string
  readonly entered: number
  readonly clicked: number
  readonly replied: number
  readonly optedOut: number
  readonly booked: number
  readonly converted: number
}

/** What became of the leads of one version of a cadence. */
export interface VersionReport {
  readonly cadence: string
  readonly version: number
  readonly entered: number
  /** Of them, those that a publication moved into it. */
  readonly movedIn: number
  readonly underWay: number
  readonly sent: number
  readonly delivered: number
  readonly clicked: number
  readonly replied: number
  readonly optedOut: number
  readonly booked: number
  readonly converted: number
  /** What the leads died of that this version lost. */
  readonly dead: Counts
  /** Of those that died, leads that came back later. */
  readonly revived: number
  readonly steps: readonly StepReport[]
  /** By each way of each split. */
  readonly arms: readonly ArmReport[]
}

/**
 * Results by version and step, of the leads that began within the span, whatever became of them
 * since. A lead that was moved counts in the version that it is in now; a step counts in the
 * version in which it was left.
 */
export async function cadenceReport(
  executor: Executor,
  cadence: string | null,
  span: OpenSpan,
): Promise<VersionReport[]> {
  const cohort = cohortOf(cadence, span)
  const versions = await versionRows(executor, cohort)
  const dead = await deadRows(executor, cohort)
  const steps = await stepRows(executor, cohort)
  const dropped = await droppedRows(executor, cohort)
  const arms = await armRows(executor, cohort)
  return versions.map(({ version_id, ...row }) => {
    const mine = steps.filter((step) => step.version_id === version_id)
    const all = (key: 'sent' | 'delivered') => mine.reduce((sum, step) => sum + step[key], 0)
    return {
      ...row,
      sent: all('sent'),
      delivered: all('delivered'),
      dead: countsOf(dead.filter((each) => each.version_id === version_id)),
      steps: mine.map(({ version_id: of, ...step }) => ({
        ...step,
        dropped: countsOf(
          dropped.filter((each) => each.version_id === of && each.step === step.step),
        ),
      })),
      arms: arms.filter((arm) => arm.version_id === version_id).map(asArm),
    }
  })
}

function asArm({ step, arm, entered, clicked, replied, optedOut, booked, converted }: ArmReport) {
  return { step, arm, entered, clicked, replied, optedOut, booked, converted }
}

/** The episodes that a report is about, as a part of a statement. */
function cohortOf(cadence: string | null, { from, to }: OpenSpan): RawBuilder<unknown> {
  return sql`cohort as (
    select e.* from episodes e
    where ${cadence === null ? sql`true` : sql`e.cadence_name = ${cadence}`}
      and ${from === undefined ? sql`true` : sql`e.started_at >= ${from}`}
      and ${to === undefined ? sql`true` : sql`e.started_at < ${to}`}
  )`
}

/** What leads said and did during their episodes, each with the step that it answers. */
const HEARD = sql`heard as (
  select c.id as episode_id, s.kind, coalesce(
    (select t.step_id from touches t
      where t.id = s.payload->>'touchId' and t.episode_id = c.id),
    (select t.step_id from touches t
      where t.episode_id = c.id and t.state in ('sent','delivered','uncertain')
        and coalesce(t.dispatched_at, t.intent_at) <= coalesce(s.processed_at, s.received_at)
      order by t.intent_at desc limit 1)
  ) as step_id
  from cohort c join signals s on s.lead_id = c.lead_id
    and s.kind in ('reply','click','opt_out','complaint','booking')
    and coalesce(s.processed_at, s.received_at) >= c.started_at
    and (c.ended_at is null or coalesce(s.processed_at, s.received_at) <= c.ended_at)
)`

interface VersionRow {
  readonly version_id: string
  readonly cadence: string
  readonly version: number
  readonly entered: number
  readonly movedIn: number
  readonly underWay: number
  readonly clicked: number
  readonly replied: number
  readonly optedOut: number
  readonly booked: number
  readonly converted: number
  readonly revived: number
}

async function versionRows(executor: Executor, cohort: RawBuilder<unknown>): Promise<VersionRow[]> {
  const heard = (...kinds: string[]) => sql`count(*) filter (where exists (
    select from heard h where h.episode_id = c.id and h.kind in (${sql.join(kinds)})
  ))::integer`
  const { rows } = await sql<VersionRow>`
    with ${cohort}, ${HEARD}
    select c.cadence_version_id as version_id, c.cadence_name as cadence, v.version,
      count(*)::integer as entered,
      count(*) filter (where c.publication_id is not null)::integer as "movedIn",
      count(*) filter (where c.ended_at is null)::integer as "underWay",
      ${heard('click')} as clicked, ${heard('reply')} as replied,
      ${heard('opt_out', 'complaint')} as "optedOut", ${heard('booking')} as booked,
      count(*) filter (where c.outcome = 'converted')::integer as converted,
      count(*) filter (where c.outcome like 'dead: %' and exists (
        select from episodes later where later.lead_id = c.lead_id and later.number > c.number
      ))::integer as revived
    from cohort c join cadence_versions v on v.id = c.cadence_version_id
    group by 1, 2, 3 order by c.cadence_name, v.version
  `.execute(executor)
  return rows
}

interface CountRow {
  readonly version_id: string
  readonly name: string
  readonly count: number
}

async function deadRows(executor: Executor, cohort: RawBuilder<unknown>): Promise<CountRow[]> {
  const { rows } = await sql<CountRow>`
    with ${cohort}
    select cadence_version_id as version_id, substring(outcome from 7) as name,
      count(*)::integer as count
    from cohort where outcome like 'dead: %' group by 1, 2 order by 3 desc
  `.execute(executor)
  return rows
}

type StepRow = Omit<StepReport, 'dropped'> & { readonly version_id: string }

async function stepRows(executor: Executor, cohort: RawBuilder<unknown>): Promise<StepRow[]> {
  const touched = (...states: string[]) => sql`count(*) filter (where exists (
    select from touches t where t.episode_id = s.episode_id and t.step_id = s.step_id
      and t.visit = s.visit and t.state in (${sql.join(states)})
  ))::integer`
  const heard = (...kinds: string[]) => sql`count(distinct c.id) filter (where exists (
    select from heard h where h.episode_id = c.id and h.step_id = s.step_id
      and h.kind in (${sql.join(kinds)})
  ))::integer`
  const { rows } = await sql<StepRow>`
    with ${cohort}, ${HEARD}
    select s.cadence_version_id as version_id, s.step_id as step,
      count(*)::integer as entered,
      count(*) filter (where s.left_at is null and c.ended_at is null)::integer as waiting,
      ${touched('sent', 'delivered', 'uncertain')} as sent, ${touched('delivered')} as delivered,
      ${heard('click')} as clicked, ${heard('reply')} as replied,
      ${heard('opt_out', 'complaint')} as "optedOut"
    from cohort c join step_visits s on s.episode_id = c.id
    join cadence_versions v on v.id = s.cadence_version_id
    left join lateral (
      select min(o.place) as place
      from jsonb_array_elements(v.definition->'steps') with ordinality as o(step, place)
      where o.step->>'id' = s.step_id
    ) p on true
    group by 1, 2, p.place order by p.place nulls last, s.step_id
  `.execute(executor)
  return rows
}

async function armRows(
  executor: Executor,
  cohort: RawBuilder<unknown>,
): Promise<(ArmReport & { readonly version_id: string })[]> {
  const heard = (...kinds: string[]) => sql`count(distinct c.id) filter (where exists (
    select from heard h where h.episode_id = c.id and h.kind in (${sql.join(kinds)})
  ))::integer`
  const { rows } = await sql<ArmReport & { version_id: string }>`
    with ${cohort}, ${HEARD}
    select c.cadence_version_id as version_id, r.step_id as step, r.arm,
      count(distinct c.id)::integer as entered,
      ${heard('click')} as clicked, ${heard('reply')} as replied,
      ${heard('opt_out', 'complaint')} as "optedOut", ${heard('booking')} as booked,
      count(distinct c.id) filter (where c.outcome = 'converted')::integer as converted
    from cohort c join step_results r on r.episode_id = c.id and r.arm is not null
    group by 1, 2, 3 order by r.step_id, r.arm
  `.execute(executor)
  return rows
}

async function droppedRows(
  executor: Executor,
  cohort: RawBuilder<unknown>,
): Promise<(CountRow & { readonly step: string })[]> {
  const { rows } = await sql<CountRow & { step: string }>`
    with ${cohort}
    select s.cadence_version_id as version_id, s.step_id as step, l.meta->>'by' as name,
      count(*)::integer as count
    from cohort c
    join step_visits s on s.episode_id = c.id and s.visit = 1
    join ledger_entries l on l.lead_id = c.lead_id and l.kind = 'decision'
      and l.meta->>'verdict' = 'dropped' and l.meta->>'episode' = c.id
      and l.meta->>'step' = s.step_id
    group by 1, 2, 3 order by 4 desc
  `.execute(executor)
  return rows
}

function countsOf(rows: readonly CountRow[]): Counts {
  return Object.fromEntries(rows.map(({ name, count }) => [name, count]))
}
