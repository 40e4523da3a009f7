import { suggest } from '../../domain/cadence/file/problems.ts'
import type { Channel } from '../../domain/policy/types.ts'
import { toIso } from '../../domain/time.ts'
import { pausedCadences } from '../../store/company/cadence-pauses.ts'
import { publishedCadences } from '../../store/company/cadences.ts'
import { templateKey } from '../../store/company/templates.ts'
import type { Executor } from '../../store/executor.ts'
import type { HoldRow } from '../../store/holds.ts'
import { Refusal } from '../intake.ts'
import { viewPause } from '../stops/cadence-pause.ts'
import { templateFiles } from './published-files.ts'

/** The current version of each cadence, and whether it stands still. */
export async function publishedCadenceList(executor: Executor) {
  const rows = await executor
    .selectFrom('cadences')
    .innerJoin('cadence_versions', 'cadence_versions.id', 'cadences.current_version_id')
    .select(['cadences.name', 'title', 'version', 'checksum', 'published_at', 'published_by'])
    .orderBy('cadences.name')
    .execute()
  const paused = await pausedCadences(executor)
  return rows.map(({ published_at, published_by, ...row }) => ({
    ...row,
    publishedAt: toIso(published_at),
    publishedBy: published_by,
    paused: pauseOf(row.name, paused.get(row.name)),
  }))
}

function pauseOf(name: string, pause: HoldRow | undefined) {
  return pause === undefined ? null : viewPause(name, pause)
}

/** One version of a cadence, the current one when absent. @throws Refusal 404 */
export async function oneCadence(executor: Executor, name: string, version: number | undefined) {
  const rows = await executor
    .selectFrom('cadence_versions')
    .selectAll()
    .where('name', '=', name)
    .orderBy('version', 'desc')
    .execute()
  const row = version === undefined ? rows[0] : rows.find((each) => each.version === version)
  if (row === undefined && rows.length > 0) throw noSuchVersion(name, rows)
  if (row === undefined) {
    const known = (await publishedCadences(executor)).map((each) => each.name)
    throw new Refusal(404, 'no_such_cadence', 'No such cadence is published.', suggest(name, known))
  }
  return {
    name: row.name,
    version: row.version,
    checksum: row.checksum,
    source: row.source,
    definition: row.definition,
    publishedAt: toIso(row.published_at),
    publishedBy: row.published_by,
    versions: rows.map((each) => ({
      version: each.version,
      checksum: each.checksum,
      publishedAt: toIso(each.published_at),
      publishedBy: each.published_by,
    })),
  }
}

/** The current version of each template. */
export async function publishedTemplateList(executor: Executor) {
  const rows = await executor
    .selectFrom('templates')
    .innerJoin('template_versions', 'template_versions.id', 'templates.current_version_id')
    .select(['templates.name', 'version', 'checksum', 'published_at', 'published_by'])
    .orderBy('templates.name')
    .execute()
  return rows.map(({ name, published_at, published_by, ...row }) => ({
    ...splitKey(name),
    ...row,
    publishedAt: toIso(published_at),
    publishedBy: published_by,
  }))
}

/** One version of a template, the current one when absent. @throws Refusal 404 */
export async function oneTemplate(
  executor: Executor,
  wanted: {
    readonly channel: Channel
    readonly name: string
    readonly version?: number | undefined
  },
) {
  const key = templateKey(wanted.channel, wanted.name)
  const rows = await executor
    .selectFrom('template_versions')
    .selectAll()
    .where('name', '=', key)
    .orderBy('version', 'desc')
    .execute()
  const row = rows.find(({ version }) => version === (wanted.version ?? version))
  if (row === undefined && rows.length > 0) throw noSuchVersion(wanted.name, rows)
  if (row === undefined) {
    const fix = 'List them with GET /v1/templates.'
    throw new Refusal(404, 'no_such_template', 'No such template is published.', fix)
  }
  return {
    ...splitKey(row.name),
    version: row.version,
    checksum: row.checksum,
    files: templateFiles(row),
    versions: rows.map((each) => ({
      version: each.version,
      checksum: each.checksum,
      publishedAt: toIso(each.published_at),
      publishedBy: each.published_by,
    })),
  }
}

function noSuchVersion(name: string, rows: readonly { readonly version: number }[]): Refusal {
  const newest = rows[0]?.version ?? 1
  const fix = newest === 1 ? 'There is version 1.' : `There are the versions 1 to ${newest}.`
  return new Refusal(404, 'no_such_version', `${name} has no such version.`, fix)
}

function splitKey(key: string): { channel: string; name: string } {
  const [channel = '', ...name] = key.split(':')
  return { channel, name: name.join(':') }
}
