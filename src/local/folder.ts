import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { SourceFile } from '../domain/templates/parse.ts'

/** What ships: the project's own `cadences/` and `templates/`. */
export const SHIPPED_FOLDER = fileURLToPath(new URL('../..', import.meta.url))

/** What the folder of a cadence's transcripts is called behind the cadence's own name. */
export const TRANSCRIPTS = '.transcripts'

/** True for what is saved beside a cadence to test it, and is never published. */
export function isTranscript(path: string): boolean {
  return path.split(/[/\\]/).some((part) => part.endsWith(TRANSCRIPTS))
}

/** Reads `cadences/` and `templates/` below a company's folder, with paths below it. */
export function readCadenceFolder(folder: string): SourceFile[] {
  return ['cadences', 'templates']
    .map((name) => join(folder, name))
    .filter((path) => existsSync(path))
    .flatMap((path) =>
      readdirSync(path, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
        .filter((entry) => !isTranscript(relative(folder, entry.parentPath)))
        .map((entry) => join(entry.parentPath, entry.name)),
    )
    .sort()
    .map((path) => ({
      path: relative(folder, path).split(sep).join('/'),
      text: readFileSync(path, 'utf8'),
    }))
}
