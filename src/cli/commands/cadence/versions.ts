import { z } from 'zod'
import { ask, withQuery } from '../../data/client.ts'
import { withData } from '../../data/open.ts'
import { EXIT, type Exit } from '../../exit.ts'
import { table } from '../../table.ts'
import type { Terminal } from '../../terminal.ts'

const versionSchema = z.object({
  version: z.number(),
  checksum: z.string(),
  publishedAt: z.string(),
  publishedBy: z.string().nullable(),
})
const cadenceSchema = z.looseObject({
  name: z.string(),
  version: z.number(),
  source: z.string(),
  versions: z.array(versionSchema),
})

/** `rekindle cadence versions NAME`: who published what, and when. */
export async function cadenceVersions(
  terminal: Terminal,
  [name = '']: readonly string[],
): Promise<Exit> {
  const { versions } = await readPublished(terminal, name)
  terminal.answer({ name, versions })
  const rows = versions.map(({ version, publishedAt, publishedBy, checksum }) => [
    String(version),
    publishedAt,
    publishedBy ?? '–',
    checksum.slice(0, 8),
  ])
  for (const line of table(['version', 'published', 'by', 'checksum'], rows)) terminal.say(line)
  return EXIT.ok
}

/** `rekindle cadence show NAME[@VERSION]`: the source of a version, as it was published. */
export async function showCadence(
  terminal: Terminal,
  [wanted = '']: readonly string[],
): Promise<Exit> {
  const cadence = await readPublished(terminal, wanted)
  terminal.answer(cadence)
  terminal.say(cadence.source.trimEnd())
  return EXIT.ok
}

function readPublished(terminal: Terminal, wanted: string) {
  const [name = '', version] = wanted.split('@')
  const path = withQuery(`/v1/cadences/${encodeURIComponent(name)}`, { version })
  return withData(terminal, (client) => ask(client, cadenceSchema, path))
}
