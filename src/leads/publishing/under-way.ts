import { sql } from 'kysely'
import type { Cadence, Position } from '../../domain/cadence/types.ts'
import type { StandingGroup } from '../../domain/cadence/versions/impact.ts'
import type { CadenceVersionId } from '../../domain/ids.ts'
import { cadenceVersion } from '../../store/company/cadences.ts'
import type { Executor } from '../../store/executor.ts'
import { templatesOf } from './published-files.ts'

interface GroupRow {
  readonly version_id: CadenceVersionId
  readonly version: number
  readonly step_id: string | null
  readonly visit: number
  readonly passed: readonly (readonly [string, number])[] | null
  readonly leads: number
}

/** The leads under way in a cadence, grouped by version, step, visit and what they have passed. */
export async function standingGroups(
  executor: Executor,
  cadence: string,
): Promise<(StandingGroup & { readonly versionId: CadenceVersionId })[]> {
  const { rows } = await sql<GroupRow>`
    select e.cadence_version_id as version_id, v.version, e.step_id, e.visit, p.passed,
      count(*)::integer as leads
    from episodes e
    join leads l on l.id = e.lead_id and l.episode_id = e.id and l.status = 'nurturing'
    join cadence_versions v on v.id = e.cadence_version_id
    left join lateral (
      select jsonb_agg(jsonb_build_array(s.step_id, s.visit) order by s.step_id, s.visit) as passed
      from step_visits s where s.episode_id = e.id and s.left_at is not null
    ) p on true
    where e.cadence_name = ${cadence} and e.ended_at is null
    group by 1, 2, 3, 4, 5
    order by v.version
  `.execute(executor)
  const groups = []
  for (const row of rows) {
    const passed = (row.passed ?? []).map(([stepId, visit]): Position => ({ stepId, visit }))
    groups.push({
      versionId: row.version_id,
      version: row.version,
      cadence: await cadenceVersion(executor, row.version_id),
      position: row.step_id === null ? null : { stepId: row.step_id, visit: row.visit },
      passed,
      leads: row.leads,
    })
  }
  return groups
}

interface UsedVersion {
  readonly id: CadenceVersionId
  readonly definition: Cadence
  readonly step_id: string | null
  readonly leads: number
}

/** The cadence versions with leads under way, one of whose steps uses a template. */
export async function versionsUsing(
  executor: Executor,
  template: string,
): Promise<CadenceVersionId[]> {
  const rows = await usedVersions(executor)
  const using = rows.filter(({ definition }) => templatesOf(definition).includes(template))
  return [...new Set(using.map(({ id }) => id))]
}

/** How many leads under way have a message of this template before them still. */
export async function leadsAheadOf(executor: Executor, template: string): Promise<number> {
  const rows = await usedVersions(executor)
  return rows.reduce((sum, { definition, step_id, leads }) => {
    const { steps } = definition
    const at = steps.findIndex(({ id }) => id === step_id)
    const ahead = at === -1 ? [] : steps.slice(at)
    return templatesOf({ ...definition, steps: ahead }).includes(template) ? sum + leads : sum
  }, 0)
}

async function usedVersions(executor: Executor): Promise<UsedVersion[]> {
  const rows = await executor
    .selectFrom('episodes')
    .innerJoin('cadence_versions', 'cadence_versions.id', 'episodes.cadence_version_id')
    .select(['cadence_versions.id', 'step_id', (on) => on.fn.countAll<number>().as('leads')])
    .where('ended_at', 'is', null)
    .groupBy(['cadence_versions.id', 'step_id'])
    .execute()
  const used = []
  for (const row of rows) {
    const definition = await cadenceVersion(executor, row.id)
    used.push({ ...row, leads: Number(row.leads), definition })
  }
  return used
}
