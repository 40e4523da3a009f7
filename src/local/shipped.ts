import { describeProblem } from '../domain/cadence/file/problems.ts'
import { parseCadenceSet } from '../domain/cadence/file/set.ts'
import type { Instant } from '../domain/time.ts'
import { compileLayouts } from '../leads/publishing/layouts.ts'
import { publish } from '../leads/publishing/publish.ts'
import { publishedCadences } from '../store/company/cadences.ts'
import type { Store } from '../store/connect.ts'
import { readCadenceFolder, SHIPPED_FOLDER } from './folder.ts'

/** Publishes the shipped cadences into a store that has none yet; a first start works at once. */
export async function publishShipped(store: Store, at: Instant): Promise<void> {
  if ((await publishedCadences(store.db)).length > 0) return
  const files = readCadenceFolder(SHIPPED_FOLDER)
  const set = parseCadenceSet(files)
  if (!set.ok) throw new Error(set.problems.map(describeProblem).join('\n'))
  const problems = await compileLayouts(set.templates)
  if (problems.length > 0) throw new Error(problems.map(describeProblem).join('\n'))
  await store.transaction((trx) => publish(trx, { ...set, files }, 'rekindle', at))
}
