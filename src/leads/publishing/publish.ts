import type { ParsedCadence } from '../../domain/cadence/file/set.ts'
import type { CadenceVersionId } from '../../domain/ids.ts'
import type { SourceFile } from '../../domain/templates/parse.ts'
import type { Template } from '../../domain/templates/types.ts'
import type { Instant } from '../../domain/time.ts'
import { templateKey } from '../../store/company/templates.ts'
import type { Executor } from '../../store/executor.ts'
import { json } from '../../store/json.ts'
import { newId } from '../../store/new-id.ts'
import { withLayouts } from './layouts.ts'
import { filesAsWritten } from './published-files.ts'

export interface Publishing {
  readonly cadences: readonly ParsedCadence[]
  readonly templates: readonly Template[]
  /** What they were read from, kept byte for byte; absent: as it is written anew. */
  readonly files?: readonly SourceFile[]
}

export interface Published {
  readonly name: string
  readonly version: number
  /** False when this very text was the current version already. */
  readonly changed: boolean
}

/**
 * Publishes parsed cadences and templates as new immutable versions; what has not changed keeps
 * its version. Leads under way keep the cadence version they are in; a publication moves them.
 */
export async function publish(
  trx: Executor,
  { cadences, templates: parsed, files = [] }: Publishing,
  by: string,
  at: Instant,
): Promise<{ cadences: Published[]; templates: Published[] }> {
  // Their layouts were compiled before this transaction; the store keeps what leaves.
  const templates = withLayouts(parsed)
  const published = { cadences: [] as Published[], templates: [] as Published[] }
  for (const template of templates) {
    published.templates.push(await publishTemplate(trx, template, files, by, at))
  }
  for (const cadence of cadences) {
    published.cadences.push(await publishCadence(trx, cadence, by, at))
  }
  return published
}

async function publishCadence(
  trx: Executor,
  { cadence, text, checksum }: ParsedCadence,
  by: string,
  at: Instant,
): Promise<Published> {
  const { name, title } = cadence
  const last = await trx
    .selectFrom('cadence_versions')
    .select(['version', 'checksum'])
    .where('name', '=', name)
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (last?.checksum === checksum) return { name, version: last.version, changed: false }
  const version = (last?.version ?? 0) + 1
  const versionId = newId<CadenceVersionId>('cadence-version')
  await trx
    .insertInto('cadence_versions')
    .values({
      id: versionId,
      name,
      version,
      checksum,
      source: text,
      definition: json(cadence),
      published_at: at,
      published_by: by,
    })
    .execute()
  await trx
    .insertInto('cadences')
    .values({ name, title, current_version_id: versionId })
    .onConflict((on) => on.column('name').doUpdateSet({ title, current_version_id: versionId }))
    .execute()
  return { name, version, changed: true }
}

async function publishTemplate(
  trx: Executor,
  template: Template,
  files: readonly SourceFile[],
  by: string,
  at: Instant,
): Promise<Published> {
  const name = templateKey(template.channel, template.name)
  const last = await trx
    .selectFrom('template_versions')
    .select(['version', 'checksum'])
    .where('name', '=', name)
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (last?.checksum === template.checksum) return { name, version: last.version, changed: false }
  const version = (last?.version ?? 0) + 1
  const versionId: string = newId('template-version')
  await trx
    .insertInto('template_versions')
    .values({
      id: versionId,
      name,
      version,
      checksum: template.checksum,
      path: template.standard.file,
      source: json(template),
      files: json(filesAsWritten(template, files)),
      published_at: at,
      published_by: by,
    })
    .execute()
  await trx
    .insertInto('templates')
    .values({ name, current_version_id: versionId })
    .onConflict((on) => on.column('name').doUpdateSet({ current_version_id: versionId }))
    .execute()
  return { name, version, changed: true }
}
