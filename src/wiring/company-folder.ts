import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { changeWrittenSettings } from '../api/change-settings.ts'
import { describeProblem } from '../domain/cadence/file/problems.ts'
import { parseCadenceSet } from '../domain/cadence/file/set.ts'
import { readYaml } from '../domain/cadence/file/yaml-source.ts'
import type { Instant } from '../domain/time.ts'
import { Refusal } from '../leads/intake.ts'
import { compileLayouts } from '../leads/publishing/layouts.ts'
import { publish } from '../leads/publishing/publish.ts'
import { draftsOf, type FolderState } from '../local/company-folder.ts'
import { COMPANY_FILE, readCadenceFolder } from '../local/folder.ts'
import { publishedCadences } from '../store/company/cadences.ts'
import type { Store } from '../store/connect.ts'

const BY = 'company folder'

/**
 * Fills a new store from a company's folder: its cadences, when nothing is published, and its
 * settings, when none were made. From then on what is published is the truth.
 */
export async function fillFromFolder(
  store: Store,
  root: string,
  at: Instant,
  say: (line: string) => void,
): Promise<void> {
  if ((await publishedCadences(store.db)).length === 0) await publishFolder(store, root, at, say)
  const settled = await store.db.selectFrom('settings').select('key').execute()
  const path = join(root, COMPANY_FILE)
  if (settled.some(({ key }) => key === 'company') || !existsSync(path)) return
  const reading = readYaml(path, readFileSync(path, 'utf8'))
  if (!reading.ok) return say(reading.problems.map(describeProblem).join('\n'))
  const { value } = reading.source
  try {
    await store.transaction((trx) => changeWrittenSettings(trx, () => value, BY, at))
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const fields = error.problems.map(({ field, message }) => `${field}: ${message}`).join(' ')
    say(`${path} was not taken: ${error.message} ${fields}`)
  }
}

async function publishFolder(
  store: Store,
  root: string,
  at: Instant,
  say: (line: string) => void,
): Promise<void> {
  const files = readCadenceFolder(root)
  const set = parseCadenceSet(files)
  const problems = set.ok ? await compileLayouts(set.templates) : set.problems
  if (!set.ok || problems.length > 0) return say(problems.map(describeProblem).join('\n'))
  await store.transaction((trx) => publish(trx, { ...set, files }, BY, at))
}

/** What a changed folder holds, in one line for a terminal. */
export function draftWords(state: FolderState): string {
  const drafts = draftsOf(state)
  const [problem] = state.problems
  const names = drafts.map(({ path }) => path).join(', ')
  if (problem !== undefined) return describeProblem(problem)
  return drafts.length === 0 ? 'All files are as published' : `Drafts: ${names}`
}
