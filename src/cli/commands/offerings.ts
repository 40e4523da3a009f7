import { z } from 'zod'
import { count } from '../count.ts'
import { ask, posting, withQuery } from '../data/client.ts'
import { withData } from '../data/open.ts'
import { EXIT, type Exit } from '../exit.ts'
import { table } from '../table.ts'
import type { Terminal } from '../terminal.ts'

export interface OfferingListOptions {
  readonly all?: true
}
export interface OfferingAddOptions {
  readonly words?: string
  readonly tags?: string
  readonly description?: string
  readonly dryRun?: true
}

const offeringSchema = z.looseObject({
  id: z.string(),
  name: z.string(),
  tags: z.array(z.string()),
  words: z.array(z.string()),
  withdrawnAt: z.string().nullable(),
})
const listSchema = z.object({
  items: z.array(
    offeringSchema.extend({
      leads: z.object({ waiting: z.number(), told: z.number(), passed: z.number() }),
    }),
  ),
})

const PATH = '/v1/offerings'

/** `rekindle offerings list`: what the company offers, and to whom it was told. */
export async function listOfferings(
  terminal: Terminal,
  _args: readonly string[],
  { all }: OfferingListOptions,
): Promise<Exit> {
  const path = withQuery(PATH, { all: all ? 'true' : undefined })
  const { items } = await withData(terminal, (client) => ask(client, listSchema, path))
  terminal.answer({ items })
  if (items.length === 0) terminal.say('The catalogue is empty.')
  else {
    const rows = items.map(({ id, name, words, tags, leads, withdrawnAt }) => [
      id,
      withdrawnAt === null ? name : `${name} (withdrawn)`,
      [...words, ...tags.map((tag) => `#${tag}`)].join(', '),
      `${leads.told} told, ${leads.waiting} waiting`,
    ])
    for (const line of table(['id', 'offering', 'asked for as', 'leads'], rows)) terminal.say(line)
  }
  return EXIT.ok
}

/** `rekindle offerings add NAME`: tells it to the leads it was missing for, a few at a time. */
export async function addOffering(
  terminal: Terminal,
  [name = '']: readonly string[],
  { words, tags, description, dryRun }: OfferingAddOptions,
): Promise<Exit> {
  const counted = z.object({ leads: z.number() })
  const query = withQuery(`${PATH}/matches`, { name, words, tags })
  if (dryRun) {
    const answer = await withData(terminal, (client) => ask(client, counted, query))
    terminal.answer(answer)
    terminal.say(`${count(answer.leads, 'lost lead')} would be told.`)
    return EXIT.ok
  }
  const body = { name, description: description ?? null, words: listOf(words), tags: listOf(tags) }
  const answer = await withData(terminal, async (client) => {
    const { leads } = await ask(client, counted, query)
    const added = await ask(client, z.object({ offering: offeringSchema }), PATH, posting(body))
    return { ...added, leads }
  })
  terminal.answer(answer)
  terminal.say(`${answer.offering.name} is in the catalogue: ${answer.offering.id}`)
  terminal.say(`${count(answer.leads, 'lost lead')} wanted it and will be told, a few at a time.`)
  return EXIT.ok
}

/** `rekindle offerings remove ID`: who waits to be told of it is not told any more. */
export async function removeOffering(
  terminal: Terminal,
  [id = '']: readonly string[],
): Promise<Exit> {
  const schema = z.object({ status: z.string(), id: z.string() })
  const answer = await withData(terminal, (client) =>
    ask(client, schema, `${PATH}/${encodeURIComponent(id)}`, { method: 'DELETE' }),
  )
  terminal.answer(answer)
  terminal.say('The offering is withdrawn.')
  return EXIT.ok
}

function listOf(written: string | undefined): string[] {
  return (
    written
      ?.split(',')
      .map((each) => each.trim())
      .filter(Boolean) ?? []
  )
}
