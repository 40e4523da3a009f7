import { checksum } from '../../domain/cadence/versions/checksum.ts'
import type { PublishedFile } from '../../domain/cadence/versions/drift.ts'
import { toIso } from '../../domain/time.ts'
import type { Executor } from '../../store/executor.ts'
import { templateFiles } from './published-files.ts'

/** Everything that is published, as files with the checksum of each version. */
export interface PublishedState {
  readonly cadences: readonly PublishedFile[]
  /** One for each file of a template, by its path. */
  readonly templates: readonly PublishedFile[]
}

/** What is published now, for comparing with the files of a folder. */
export async function publishedState(executor: Executor): Promise<PublishedState> {
  return { cadences: await cadenceFiles(executor), templates: await filesOfTemplates(executor) }
}

async function cadenceFiles(executor: Executor): Promise<PublishedFile[]> {
  const rows = await executor
    .selectFrom('cadence_versions')
    .select(['name', 'version', 'checksum', 'published_at', 'published_by'])
    .orderBy('name')
    .orderBy('version', 'desc')
    .execute()
  const names = [...new Set(rows.map(({ name }) => name))]
  return names.flatMap((name) => {
    const versions = rows.filter((row) => row.name === name)
    const [newest] = versions
    if (newest === undefined) return []
    return {
      name,
      path: `cadences/${name}.yaml`,
      version: newest.version,
      publishedAt: toIso(newest.published_at),
      publishedBy: newest.published_by,
      checksums: versions.map(({ version, checksum: sum }) => ({ version, checksum: sum })),
    }
  })
}

async function filesOfTemplates(executor: Executor): Promise<PublishedFile[]> {
  const rows = await executor
    .selectFrom('template_versions')
    .select(['name', 'version', 'files', 'source', 'published_at', 'published_by'])
    .orderBy('name')
    .orderBy('version', 'desc')
    .execute()
  const newest = new Map<string, number>()
  for (const { name, version } of rows) if (!newest.has(name)) newest.set(name, version)
  const byPath = new Map<string, PublishedFile>()
  for (const row of rows) {
    for (const { path, text } of templateFiles(row)) {
      const known = byPath.get(path)
      // A file that the newest version has no more is not published.
      if (known === undefined && newest.get(row.name) !== row.version) continue
      const version = { version: row.version, checksum: checksum(text) }
      byPath.set(path, {
        name: path,
        path,
        version: known?.version ?? row.version,
        publishedAt: known?.publishedAt ?? toIso(row.published_at),
        publishedBy: known === undefined ? row.published_by : known.publishedBy,
        checksums: [...(known?.checksums ?? []), version],
      })
    }
  }
  return [...byPath.values()].sort((a, b) => (a.path < b.path ? -1 : 1))
}
