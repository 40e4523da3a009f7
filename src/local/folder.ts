import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative, resolve, sep } from 'node:path'
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

/** What makes a folder a company's own, beside its cadences and templates. */
export const COMPANY_FILE = 'company.yaml'

/** The company's folder: the one that was chosen, else the working folder when it is one. */
export function companyFolderOf(chosen: string | undefined): string | null {
  if (chosen !== undefined && chosen !== '') return resolve(chosen)
  return existsSync(COMPANY_FILE) ? process.cwd() : null
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
