import type { ParsedCadence } from '../../domain/cadence/file/set.ts'
import type { Cadence } from '../../domain/cadence/types.ts'
import { type CadenceChange, diffCadences } from '../../domain/cadence/versions/diff.ts'
import { diffFiles, type FileChange } from '../../domain/cadence/versions/diff-files.ts'
import { type ImpactRow, impactOf } from '../../domain/cadence/versions/impact.ts'
import type { PublishPolicy } from '../../domain/cadence/versions/policy.ts'
import type { SourceFile } from '../../domain/templates/parse.ts'
import type { Template } from '../../domain/templates/types.ts'
import { templateKey } from '../../store/company/templates.ts'
import type { Executor } from '../../store/executor.ts'
import type { CheckedFiles } from './publish-files.ts'
import { filesAsWritten, templateFiles } from './published-files.ts'
import { leadsAheadOf, standingGroups } from './under-way.ts'

/** What publishing would do; nothing of it is done. */
export interface PublishPlan {
  readonly cadences: readonly CadencePlan[]
  readonly templates: readonly TemplatePlan[]
}

export interface CadencePlan {
  readonly name: string
  readonly title: string
  /** The version that is current; null: it is new. */
  readonly from: number | null
  /** The version that it becomes. */
  readonly version: number
  readonly changed: boolean
  readonly changes: readonly CadenceChange[]
  /** Leads under way in other versions than the one it becomes. */
  readonly leads: number
  /** What each policy does to them. */
  readonly impact: Readonly<Record<PublishPolicy, readonly ImpactRow[]>>
}

export interface TemplatePlan {
  readonly name: string
  readonly from: number | null
  readonly version: number
  readonly changed: boolean
  readonly files: readonly FileChange[]
  /** Leads under way that have this message before them still. */
  readonly leads: number
}

/** What publishing these files would change, and for whom, under each policy. */
export async function planPublishing(
  executor: Executor,
  { cadences, templates, files }: CheckedFiles,
): Promise<PublishPlan> {
  const plan = { cadences: [] as CadencePlan[], templates: [] as TemplatePlan[] }
  for (const cadence of cadences) plan.cadences.push(await planCadence(executor, cadence))
  if (plan.cadences.some(({ changed }) => changed)) {
    plan.cadences = plan.cadences.map((each) => (each.changed ? each : leftAlone(each)))
  }
  for (const template of templates) {
    plan.templates.push(await planTemplate(executor, template, files))
  }
  return plan
}

/** Beside what has changed the others are left alone, and so are the leads in them. */
function leftAlone(plan: CadencePlan): CadencePlan {
  return { ...plan, leads: 0, impact: { pin: [], move: [], 're-time': [] } }
}

async function planCadence(
  executor: Executor,
  { cadence, checksum }: ParsedCadence,
): Promise<CadencePlan> {
  const { name, title } = cadence
  const current = await executor
    .selectFrom('cadences')
    .innerJoin('cadence_versions', 'cadence_versions.id', 'cadences.current_version_id')
    .select(['version', 'checksum', 'definition'])
    .where('cadences.name', '=', name)
    .executeTakeFirst()
  const changed = current?.checksum !== checksum
  const from = current?.version ?? null
  const version = changed ? (from ?? 0) + 1 : (from ?? 1)
  const before = current === undefined ? null : (current.definition as Cadence)
  const groups = (await standingGroups(executor, name)).filter((each) => each.version !== version)
  const to = { cadence, version }
  const impact = (policy: PublishPolicy) => impactOf(groups, to, policy)
  return {
    name,
    title,
    from,
    version,
    changed,
    changes: changed && before !== null ? diffCadences(before, cadence) : [],
    leads: groups.reduce((sum, { leads }) => sum + leads, 0),
    impact: { pin: impact('pin'), move: impact('move'), 're-time': impact('re-time') },
  }
}

async function planTemplate(
  executor: Executor,
  template: Template,
  files: readonly SourceFile[],
): Promise<TemplatePlan> {
  const name = templateKey(template.channel, template.name)
  const current = await executor
    .selectFrom('templates')
    .innerJoin('template_versions', 'template_versions.id', 'templates.current_version_id')
    .select(['version', 'checksum', 'files', 'source'])
    .where('templates.name', '=', name)
    .executeTakeFirst()
  const changed = current?.checksum !== template.checksum
  const from = current?.version ?? null
  const before = current === undefined ? [] : templateFiles(current)
  return {
    name,
    from,
    version: changed ? (from ?? 0) + 1 : (from ?? 1),
    changed,
    files: changed ? diffFiles(before, filesAsWritten(template, files)) : [],
    leads: changed && from !== null ? await leadsAheadOf(executor, name) : 0,
  }
}
