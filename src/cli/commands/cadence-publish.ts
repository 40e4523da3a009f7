import { z } from 'zod'
import { textSizeWords } from '../../domain/texts.ts'
import { readCadenceFiles } from '../cadence-files.ts'
import { ask, posting } from '../data/client.ts'
import { withData } from '../data/open.ts'
import { EXIT, type Exit } from '../exit.ts'
import type { Terminal } from '../terminal.ts'

const itemSchema = z.object({ name: z.string(), version: z.number(), changed: z.boolean() })
const sizeSchema = z.object({
  encoding: z.enum(['GSM-7', 'UCS-2']),
  segments: z.number(),
  characters: z.number(),
  outsideGsm7: z.array(z.string()),
})
const publishedSchema = z.object({
  cadences: z.array(itemSchema),
  templates: z.array(itemSchema),
  texts: z.array(
    z.object({ template: z.string(), variant: z.string().nullable(), first: sizeSchema }),
  ),
  warnings: z.array(
    z.object({
      file: z.string().optional(),
      line: z.number().optional(),
      column: z.number().optional(),
      message: z.string(),
      fix: z.string(),
    }),
  ),
})

/** `rekindle cadence publish FILE`: new versions of what has changed; the rest stays. */
export async function publishCadences(terminal: Terminal, paths: readonly string[]): Promise<Exit> {
  const { folders, loose } = readCadenceFiles(paths)
  const files = [
    ...folders.flatMap((folder) => folder.files),
    ...loose.map(({ path, text }) => ({ path: `cadences/${fileName(path)}`, text })),
  ]
  const published = await withData(terminal, (client) =>
    ask(client, publishedSchema, '/v1/cadences', posting({ files })),
  )
  terminal.answer(published)
  for (const { name, version, changed } of published.cadences) {
    terminal.say(`cadence ${name}: version ${version}${changed ? ' is published' : ', unchanged'}`)
  }
  const changed = published.templates.filter((template) => template.changed)
  for (const { name, version } of changed) terminal.say(`template ${name}: version ${version}`)
  for (const { template, variant, first } of published.texts) {
    const name = variant === null ? template : `${template}, ${variant}`
    terminal.say(`text ${name}: ${textSizeWords(first)} as a first text`)
  }
  for (const { file, line, column, message, fix } of published.warnings) {
    const where = file === undefined ? '' : `${file}:${line}:${column}: `
    terminal.say(terminal.paint('yellow', `${where}${message} ${fix}`))
  }
  terminal.say('Leads under way keep the version they began with.')
  return EXIT.ok
}

function fileName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
