import { z } from 'zod'
import { readCadenceFiles } from '../cadence-files.ts'
import { ask, posting } from '../data/client.ts'
import { withData } from '../data/open.ts'
import { EXIT, type Exit } from '../exit.ts'
import type { Terminal } from '../terminal.ts'

const itemSchema = z.object({ name: z.string(), version: z.number(), changed: z.boolean() })
const publishedSchema = z.object({
  cadences: z.array(itemSchema),
  templates: z.array(itemSchema),
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
  terminal.say('Leads under way keep the version they began with.')
  return EXIT.ok
}

function fileName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
