import { sql } from 'kysely'
import type { CadenceVersionId, EpisodeId } from '../../domain/ids.ts'
import type { Channel } from '../../domain/policy/types.ts'
import type { Template } from '../../domain/templates/types.ts'
import type { Executor } from '../executor.ts'

export interface StoredTemplate {
  readonly versionId: string
  readonly template: Template
}

/** Published versions never change, so each is read once per process. */
const versions = new Map<string, Template>()

/** What tells templates apart: an email and a text may share a name. */
export function templateKey(channel: Channel, name: string): string {
  return `${channel}:${name}`
}

/**
 * The version of a template that an episode's messages are made of: the one that it keeps, else
 * the current one; null when none is published.
 */
export async function templateFor(
  executor: Executor,
  episodeId: EpisodeId,
  channel: Channel,
  name: string,
): Promise<StoredTemplate | null> {
  const row = await executor
    .selectFrom('templates')
    .leftJoin('template_pins', (on) =>
      on
        .onRef('template_pins.template', '=', 'templates.name')
        .on('template_pins.episode_id', '=', episodeId),
    )
    .select(['current_version_id', 'template_pins.version_id'])
    .where('name', '=', templateKey(channel, name))
    .executeTakeFirst()
  if (!row) return null
  const versionId = row.version_id ?? row.current_version_id
  return { versionId, template: await templateVersion(executor, versionId) }
}

/** The current version of a template; null when none is published. */
export async function currentTemplate(
  executor: Executor,
  channel: Channel,
  name: string,
): Promise<Template | null> {
  const row = await executor
    .selectFrom('templates')
    .select('current_version_id')
    .where('name', '=', templateKey(channel, name))
    .executeTakeFirst()
  return row === undefined ? null : await templateVersion(executor, row.current_version_id)
}

async function templateVersion(executor: Executor, versionId: string): Promise<Template> {
  const known = versions.get(versionId)
  if (known) return known
  const version = await executor
    .selectFrom('template_versions')
    .select('source')
    .where('id', '=', versionId)
    .executeTakeFirstOrThrow()
  // Written by publish() from a parsed template: it needs no second check.
  const template: Template = JSON.parse(version.source)
  versions.set(versionId, template)
  return template
}

/**
 * Lets open episodes of these cadence versions keep a template as it was in `versionId`. One that
 * keeps an older version of it already goes on with that.
 */
export async function pinTemplate(
  trx: Executor,
  template: string,
  versionId: string,
  cadenceVersions: readonly CadenceVersionId[],
): Promise<number> {
  if (cadenceVersions.length === 0) return 0
  const pinned = await trx
    .insertInto('template_pins')
    .columns(['episode_id', 'template', 'version_id'])
    .expression(
      trx
        .selectFrom('episodes')
        .select([
          'id',
          sql<string>`${template}::text`.as('template'),
          sql<string>`${versionId}::text`.as('version_id'),
        ])
        .where('ended_at', 'is', null)
        .where('cadence_version_id', 'in', [...cadenceVersions]),
    )
    .onConflict((on) => on.columns(['episode_id', 'template']).doNothing())
    .executeTakeFirst()
  return Number(pinned.numInsertedOrUpdatedRows ?? 0)
}

/** Messages not yet sent use the current version again. */
export async function unpinTemplate(trx: Executor, template: string): Promise<void> {
  await trx.deleteFrom('template_pins').where('template', '=', template).execute()
}
