import type { Template } from '../domain/templates/types.ts'
import type { Channel } from '../domain/policy/types.ts'
import type { Executor } from './executor.ts'

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

/** The current version of a template; null when none is published. */
export async function currentTemplate(
  executor: Executor,
  channel: Channel,
  name: string,
): Promise<StoredTemplate | null> {
  const row = await executor
    .selectFrom('templates')
    .select('current_version_id')
    .where('name', '=', templateKey(channel, name))
    .executeTakeFirst()
  if (!row) return null
  const versionId = row.current_version_id
  const known = versions.get(versionId)
  if (known) return { versionId, template: known }
  const version = await executor
    .selectFrom('template_versions')
    .select('source')
    .where('id', '=', versionId)
    .executeTakeFirstOrThrow()
  // Written by publish() from a parsed template: it needs no second check.
  const template: Template = JSON.parse(version.source)
  versions.set(versionId, template)
  return { versionId, template }
}
