import { existsSync, readdirSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { TRANSCRIPTS } from '../../local/folder.ts'
import { usageError } from '../problem.ts'

/** A cadence file, and the transcripts that are saved beside it. */
export interface WithTranscripts {
  readonly cadence: string
  readonly transcripts: readonly string[]
}

/**
 * The cadences that are meant, with their transcripts: `cadences/new-lead.transcripts/*.yaml` for
 * `cadences/new-lead.yaml`. A path is a cadence, a transcript, or a folder with cadences/ in it.
 * @throws CliError (usage) for a path that is none of these
 */
export function findTranscripts(paths: readonly string[]): readonly WithTranscripts[] {
  const found = new Map<string, Set<string>>()
  const add = (cadence: string, transcripts: readonly string[]) =>
    found.set(cadence, new Set([...(found.get(cadence) ?? []), ...transcripts]))
  for (const path of paths) {
    if (isFolder(path)) {
      for (const cadence of cadencesIn(path)) add(cadence, transcriptsOf(cadence))
    } else if (dirname(path).endsWith(TRANSCRIPTS)) add(cadenceOf(path), [path])
    else add(path, transcriptsOf(path))
  }
  return [...found].map(([cadence, transcripts]) => ({
    cadence,
    transcripts: [...transcripts].sort(),
  }))
}

/** Where a first transcript of a cadence is written. */
export function firstTranscript(cadence: string): string {
  return join(folderOf(cadence), 'nobody-answers.yaml')
}

function isFolder(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined) {
    throw usageError(`There is no file "${path}".`, 'Name a cadence, a transcript, or a folder.')
  }
  return found.isDirectory()
}

function cadencesIn(folder: string): readonly string[] {
  const cadences = existsSync(join(folder, 'cadences')) ? join(folder, 'cadences') : folder
  const names = readdirSync(cadences)
    .filter((name) => /\.ya?ml$/.test(name))
    .sort()
  if (names.length > 0) return names.map((name) => join(cadences, name))
  throw usageError(
    `The folder "${folder}" holds no cadences.`,
    'Name a folder with cadences/*.yaml in it, or a cadence file.',
  )
}

function transcriptsOf(cadence: string): readonly string[] {
  const folder = folderOf(cadence)
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => /\.ya?ml$/.test(name))
    .map((name) => join(folder, name))
}

function folderOf(cadence: string): string {
  return join(dirname(cadence), `${basename(cadence).replace(/\.ya?ml$/, '')}${TRANSCRIPTS}`)
}

function cadenceOf(transcript: string): string {
  const folder = dirname(transcript)
  const name = basename(folder).slice(0, -TRANSCRIPTS.length)
  const path = ['yaml', 'yml'].map((ending) => join(dirname(folder), `${name}.${ending}`))
  const cadence = path.find((each) => existsSync(each))
  if (cadence !== undefined) return cadence
  throw usageError(`There is no cadence beside "${folder}".`, `Add ${path[0]}.`)
}
