import { existsSync, type FSWatcher, watch } from 'node:fs'
import { join } from 'node:path'
import type { Problem } from '../domain/cadence/file/problems.ts'
import { parseCadenceSet } from '../domain/cadence/file/set.ts'
import { type Drift, driftOf } from '../domain/cadence/versions/drift.ts'
import type { SourceFile } from '../domain/templates/parse.ts'
import { compileLayouts } from '../leads/publishing/layouts.ts'
import { publishedState } from '../leads/publishing/published-state.ts'
import type { Store } from '../store/connect.ts'
import { readCadenceFolder } from './folder.ts'

/** How a company's folder stands to what is published, at this moment. */
export interface FolderState {
  readonly root: string
  readonly files: readonly SourceFile[]
  readonly drift: readonly Drift[]
  /** Every mistake in the files, with its line; none may be published while there is one. */
  readonly problems: readonly Problem[]
}

/** A company's folder, whose changed files are drafts. */
export interface CompanyFolder {
  read(): Promise<FolderState>
  close(): void
}

/** A save is often several writes. */
const SETTLE_MS = 200

/**
 * Watches a company's folder: a changed file is read, checked and told of at once; whoever asks
 * reads it as it is by then.
 */
export function openCompanyFolder(
  root: string,
  store: Store,
  onChange: (state: FolderState) => void,
): CompanyFolder {
  const read = () => readFolder(root, store)
  let timer: NodeJS.Timeout | null = null
  const changed = () => {
    if (timer !== null) clearTimeout(timer)
    timer = setTimeout(() => {
      // A file that is gone again by then, or a store that closes: the next change tells more.
      read().then(onChange, () => {})
    }, SETTLE_MS)
  }
  const watchers = ['cadences', 'templates']
    .map((name) => join(root, name))
    .filter((path) => existsSync(path))
    .map((path): FSWatcher => watch(path, { recursive: true, persistent: false }, changed))
  return {
    read,
    close: () => {
      if (timer !== null) clearTimeout(timer)
      for (const each of watchers) each.close()
    },
  }
}

async function readFolder(root: string, store: Store): Promise<FolderState> {
  const files = readCadenceFolder(root)
  const parsed = parseCadenceSet(files)
  const problems = parsed.ok ? await compileLayouts(parsed.templates) : parsed.problems
  return { root, files, drift: driftOf(files, await publishedState(store.db)), problems }
}

/** What differs from what is published, of the files that are there. */
export function draftsOf({ drift }: FolderState): readonly Drift[] {
  return drift.filter(({ state }) => state === 'edited' || state === 'only_file')
}
