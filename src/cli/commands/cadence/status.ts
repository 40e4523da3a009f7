import { driftOf } from '../../../domain/cadence/versions/drift.ts'
import { filesIn, folderFor, publishedSchema } from '../../company-folder.ts'
import { ask } from '../../data/client.ts'
import { withData } from '../../data/open.ts'
import { EXIT, type Exit } from '../../exit.ts'
import { table } from '../../table.ts'
import type { Terminal } from '../../terminal.ts'

/** `rekindle cadence status [DIR]`: how files and what is published differ. */
export async function cadenceStatus(
  terminal: Terminal,
  [named]: readonly string[],
  { all = false }: { readonly all?: boolean },
): Promise<Exit> {
  const folder = folderFor(terminal, named)
  const published = await withData(terminal, (client) =>
    ask(client, publishedSchema, '/v1/published'),
  )
  const items = driftOf(filesIn(folder), published)
  const differing = items.filter(({ state }) => state !== 'same')
  terminal.answer({ folder, same: differing.length === 0, items })
  const shown = all ? items : differing
  const rows = shown.map(({ kind, name, words, fileChecksum, publishedChecksum }) => [
    kind,
    name,
    words,
    short(fileChecksum),
    short(publishedChecksum),
  ])
  if (rows.length > 0) {
    for (const line of table(['', 'name', 'state', 'file', 'published'], rows)) terminal.say(line)
  }
  if (differing.length === 0) {
    terminal.say(`${folder}: all ${items.length} are as published.`)
    return EXIT.ok
  }
  terminal.say(
    '`rekindle cadence publish DIR` publishes files, `rekindle cadence pull NAME` writes',
  )
  terminal.say('what is published back to files.')
  return EXIT.no
}

function short(checksum: string | null): string {
  return checksum === null ? '–' : checksum.slice(0, 8)
}
