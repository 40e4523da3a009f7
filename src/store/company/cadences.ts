import type { Cadence } from '../../domain/cadence/types.ts'
import type { CadenceVersionId } from '../../domain/ids.ts'
import { compiledOnce } from '../compiled-once.ts'
import type { Executor } from '../executor.ts'

/** Published versions never change, so each is read once per process. */
const versions = new Map<CadenceVersionId, Cadence>()

/** The cadence as published under this version. Throws when the store has no such version. */
export async function cadenceVersion(
  executor: Executor,
  versionId: CadenceVersionId,
): Promise<Cadence> {
  const known = versions.get(versionId)
  if (known) return known
  const row = await executor
    .selectFrom('cadence_versions')
    .select('definition')
    .where('id', '=', versionId)
    .executeTakeFirstOrThrow()
  const cadence = row.definition as Cadence
  versions.set(versionId, cadence)
  return cadence
}

/** The current version of a cadence by name; null when none is published. */
export async function currentVersion(
  executor: Executor,
  name: string,
): Promise<CadenceVersionId | null> {
  const [row] = await current(executor, { name })
  return row?.current_version_id ?? null
}

const current = compiledOnce((executor, { name }: { readonly name: string }) =>
  executor.selectFrom('cadences').select('current_version_id').where('name', '=', name),
)

/** Names and titles of what is published, by name. */
export function publishedCadences(executor: Executor): Promise<{ name: string; title: string }[]> {
  return executor.selectFrom('cadences').select(['name', 'title']).orderBy('name').execute()
}

/** The number of a cadence's current version; null when none is published. */
export async function currentVersionNumber(
  executor: Executor,
  name: string,
): Promise<number | null> {
  const row = await executor
    .selectFrom('cadences')
    .innerJoin('cadence_versions', 'cadence_versions.id', 'cadences.current_version_id')
    .select('version')
    .where('cadences.name', '=', name)
    .executeTakeFirst()
  return row?.version ?? null
}
