import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { driftOf } from '../../../domain/cadence/versions/drift.ts'
import { filesIn, folderFor, publishedSchema, wasPublished } from '../../company-folder.ts'
import { ask, withQuery } from '../../data/client.ts'
import { withData } from '../../data/open.ts'
import { EXIT, type Exit } from '../../exit.ts'
import { CliError } from '../../problem.ts'
import type { Terminal } from '../../terminal.ts'

export interface PullOptions {
  readonly into?: string
  readonly force?: true
}

const filesSchema = z.object({
  files: z.array(
    z.object({
      path: z.string().regex(/^(cadences|templates)\/(?!.*\.\.)[\w./-]+$/),
      text: z.string(),
    }),
  ),
})

/**
 * `rekindle cadence pull [NAME]`: writes what is published back to files, with the templates that
 * it uses; everything, when no cadence is named. A file with words that were never published is
 * not overwritten unless it is forced.
 */
export async function pullCadence(
  terminal: Terminal,
  [name]: readonly string[],
  { into, force = false }: { readonly into?: string; readonly force?: boolean },
): Promise<Exit> {
  const folder = folderFor(terminal, into)
  const { files, published } = await withData(terminal, async (client) => ({
    ...(await ask(client, filesSchema, withQuery('/v1/files', { cadence: name }))),
    published: await ask(client, publishedSchema, '/v1/published'),
  }))
  const here = driftOf(filesIn(folder), published)
  const known = [...published.cadences, ...published.templates]
  const wanted = files.map((file) => {
    const mine = known.find(({ path }) => path === file.path)
    // A cadence may lie in a file of another name here.
    const drift = here.find((each) => each.name === mine?.name && each.fileChecksum !== null)
    return { ...file, path: drift?.path ?? file.path, mine }
  })
  const differing = wanted.filter(({ path, text }) => textAt(folder, path) !== text)
  const edited = differing.filter(({ path, mine }) => {
    const text = textAt(folder, path)
    return text !== null && !wasPublished(text, mine)
  })
  if (edited.length > 0 && !force) throw localEdits(edited.map(({ path }) => path))
  for (const { path, text } of differing) {
    const target = join(folder, path)
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, text)
  }
  const written = differing.map(({ path }) => path)
  terminal.answer({ folder, written, unchanged: wanted.length - written.length })
  for (const path of written) terminal.say(`${path}: written`)
  terminal.say(`${wanted.length - written.length} files were so already.`)
  return EXIT.ok
}

function textAt(folder: string, path: string): string | null {
  const target = join(folder, path)
  return existsSync(target) ? readFileSync(target, 'utf8') : null
}

function localEdits(paths: readonly string[]): CliError {
  return new CliError(EXIT.no, {
    code: 'local_edits',
    message: `These files hold words that were never published: ${paths.join(', ')}.`,
    fix: 'Publish or keep them elsewhere first, or add --force to overwrite them.',
  })
}
