import { readFile } from 'node:fs/promises'
import { parse } from 'yaml'
import { z } from 'zod'
import { ask, withQuery } from '../data/client.ts'
import { leadPageSchema, nameOf } from '../data/leads.ts'
import { withData } from '../data/open.ts'
import { EXIT, type Exit } from '../exit.ts'
import { usageError } from '../problem.ts'
import { table } from '../table.ts'
import type { Terminal } from '../terminal.ts'

const PATH = '/v1/segments'
const segmentSchema = z.looseObject({ name: z.string(), title: z.string(), words: z.string() })

export interface SegmentLeadsOptions {
  readonly cursor?: string
}

/** `rekindle segments list`. */
export async function listSegments(terminal: Terminal): Promise<Exit> {
  const schema = z.object({ items: z.array(segmentSchema) })
  const { items } = await withData(terminal, (client) => ask(client, schema, PATH))
  terminal.answer({ items })
  if (items.length === 0) terminal.say('No segment yet.')
  for (const { name, title, words } of items) {
    terminal.say(`${terminal.paint('bold', name)}: ${title}`)
    terminal.say(`  ${words}`)
  }
  return EXIT.ok
}

/** `rekindle segments set NAME FILE`: a YAML or JSON file with a title and a condition. */
export async function setSegment(
  terminal: Terminal,
  [name = '', file = '']: readonly string[],
): Promise<Exit> {
  const body = await readDefinition(file)
  const answer = await withData(terminal, (client) =>
    ask(client, z.object({ segment: segmentSchema }), pathOf(name), {
      method: 'PUT',
      body: JSON.stringify(body),
      headers: { 'Content-Type': 'application/json' },
    }),
  )
  terminal.answer(answer)
  terminal.say(`${name}: ${answer.segment.words}`)
  return EXIT.ok
}

async function readDefinition(file: string): Promise<unknown> {
  try {
    const definition: unknown = parse(await readFile(file, 'utf8'))
    return definition
  } catch {
    throw usageError(`${file} is no file of YAML or JSON.`, 'Write it as {title: …, when: …}.')
  }
}

/** `rekindle segments leads NAME`: who is in it now. */
export async function segmentLeads(
  terminal: Terminal,
  [name = '']: readonly string[],
  { cursor }: SegmentLeadsOptions,
): Promise<Exit> {
  const path = withQuery(`${pathOf(name)}/leads`, { cursor })
  const page = await withData(terminal, (client) => ask(client, leadPageSchema, path))
  terminal.answer(page)
  const rows = page.items.map((lead) => [lead.id, nameOf(lead), lead.status])
  if (rows.length === 0) terminal.say('Nobody on this page.')
  else for (const line of table(['id', 'lead', 'status'], rows)) terminal.say(line)
  if (page.cursor !== null) terminal.say(`More: add --cursor ${page.cursor}`)
  return EXIT.ok
}

/** `rekindle segments remove NAME`. */
export async function removeSegment(
  terminal: Terminal,
  [name = '']: readonly string[],
): Promise<Exit> {
  const answer = await withData(terminal, (client) =>
    ask(client, z.object({ removed: z.string() }), pathOf(name), { method: 'DELETE' }),
  )
  terminal.answer(answer)
  terminal.say(`${name} is gone; leads stay as they are.`)
  return EXIT.ok
}

function pathOf(name: string): string {
  return `${PATH}/${encodeURIComponent(name)}`
}
