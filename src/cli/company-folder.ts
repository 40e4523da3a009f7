import { resolve } from 'node:path'
import { z } from 'zod'
import { checksum } from '../domain/cadence/versions/checksum.ts'
import type { PublishedFile } from '../domain/cadence/versions/drift.ts'
import type { SourceFile } from '../domain/templates/parse.ts'
import { companyFolderOf, readCadenceFolder } from '../local/folder.ts'
import { usageError } from './problem.ts'
import type { Terminal } from './terminal.ts'

/** The company's folder: the one that is named, else that of the environment, else this one. */
export function folderFor(terminal: Terminal, named: string | undefined): string {
  if (named !== undefined) return resolve(named)
  const folder = companyFolderOf(terminal.env.REKINDLE_FOLDER)
  if (folder !== null) return folder
  throw usageError(
    'This is not the folder of a company.',
    'Name one, set REKINDLE_FOLDER, or make one: `rekindle init DIR`.',
  )
}

/** Cadences and templates of a folder; none of a folder that is not there yet. */
export function filesIn(folder: string): readonly SourceFile[] {
  return readCadenceFolder(folder)
}

const publishedFileSchema = z.object({
  name: z.string(),
  path: z.string(),
  version: z.number(),
  publishedAt: z.string(),
  publishedBy: z.string().nullable(),
  checksums: z.array(z.object({ version: z.number(), checksum: z.string() })),
})

/** What `GET /v1/published` answers. */
export const publishedSchema = z.object({
  cadences: z.array(publishedFileSchema),
  templates: z.array(publishedFileSchema),
})

/** Whether a text was published in some version: then nothing is lost when it is overwritten. */
export function wasPublished(text: string, known: PublishedFile | undefined): boolean {
  const sum = checksum(text)
  return known?.checksums.some((each) => each.checksum === sum) ?? false
}
