import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import type { SourceFile } from '../domain/templates/parse.ts'
import { isTranscript } from '../local/folder.ts'
import { usageError } from './problem.ts'

/**
 * A company's folder, as far as it was asked about: cadences below `cadences/` and all templates
 * below `templates/`, by their paths in it.
 */
export interface CadenceFolder {
  readonly root: string
  readonly files: readonly SourceFile[]
}

/** What stands on the command line, read: whole folders, and cadences that lie outside of any. */
export interface CadenceFiles {
  readonly folders: readonly CadenceFolder[]
  /** Their templates are not known. */
  readonly loose: readonly SourceFile[]
}

/**
 * Reads cadence files, and company folders (with `cadences/` and `templates/` in them). A file in
 * a folder named `cadences` brings the templates beside that folder along.
 * @throws CliError (usage) for a path that cannot be read or holds no cadence
 */
export function readCadenceFiles(paths: readonly string[]): CadenceFiles {
  const byRoot = new Map<string, Set<string>>()
  const loose: SourceFile[] = []
  for (const path of paths) {
    if (isFolder(path)) addAll(byRoot, resolve(path), cadencesIn(path))
    else if (basename(dirname(resolve(path))) === 'cadences') {
      addAll(byRoot, dirname(dirname(resolve(path))), [`cadences/${basename(path)}`])
    } else loose.push({ path, text: read(path) })
  }
  const folders = [...byRoot].map(([root, names]) => ({
    root,
    files: [...names, ...templatesIn(root)].map((name) => ({
      path: name,
      text: read(join(root, name)),
    })),
  }))
  return { folders, loose }
}

/** A path in a folder as the user would write it from where they are. */
export function shownPath(root: string, name: string): string {
  const path = join(root, name)
  const fromHere = relative(process.cwd(), path)
  return fromHere.startsWith('..') ? path : fromHere
}

function addAll(byRoot: Map<string, Set<string>>, root: string, names: readonly string[]): void {
  byRoot.set(root, new Set([...(byRoot.get(root) ?? []), ...names]))
}

function isFolder(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found !== undefined) return found.isDirectory()
  throw usageError(`There is no file "${path}".`, 'Name a cadence file, or the folder above it.')
}

function cadencesIn(folder: string): string[] {
  const names = filesBelow(join(folder, 'cadences')).filter(
    (name) => /\.ya?ml$/.test(name) && !isTranscript(name),
  )
  if (names.length > 0) return names.map((name) => `cadences/${name}`)
  throw usageError(
    `The folder "${folder}" holds no cadences.`,
    'Name a folder with cadences/*.yaml in it, or a cadence file.',
  )
}

function templatesIn(root: string): string[] {
  return filesBelow(join(root, 'templates'))
    .filter((name) => !basename(name).startsWith('.'))
    .map((name) => `templates/${name}`)
}

/** Every file below a folder that may not exist, as sorted paths with forward slashes. */
function filesBelow(folder: string): string[] {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort()
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    throw usageError(`The file "${path}" cannot be read.`, 'Check the path and your rights to it.')
  }
}
