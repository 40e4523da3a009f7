import { z } from 'zod'
import { ask, posting, withQuery } from '../data/client.ts'
import { withData } from '../data/open.ts'
import { EXIT, type Exit } from '../exit.ts'
import { usageError } from '../problem.ts'
import type { Terminal } from '../terminal.ts'

export interface StopOnOptions {
  readonly everything?: true
  readonly cadence?: string
  readonly channel?: string
  readonly state?: string
  readonly because: string
}
export interface StopListOptions {
  readonly all?: true
}

const stopSchema = z.looseObject({
  id: z.string(),
  stops: z.string(),
  because: z.string(),
  by: z.string(),
  since: z.string(),
  liftedAt: z.string().nullable(),
})
const listSchema = z.object({
  items: z.array(
    stopSchema.extend({
      holds: z.looseObject({ leads: z.number(), waiting: z.number() }).nullable(),
    }),
  ),
})

const PATH = '/v1/emergency-stops'

/** `rekindle emergency-stop on`: from the answer on nothing that it concerns leaves. */
export async function stopOn(
  terminal: Terminal,
  _args: readonly string[],
  options: StopOnOptions,
): Promise<Exit> {
  const body = { ...scopeOf(options), because: options.because }
  const answer = await withData(terminal, (client) =>
    ask(client, z.object({ stop: stopSchema, created: z.boolean() }), PATH, posting(body)),
  )
  terminal.answer(answer)
  const { stop, created } = answer
  const said = created ? 'is on' : 'was on already'
  terminal.say(`The emergency stop for ${stop.stops} ${said}: ${stop.because}.`)
  terminal.say(`Lift it with: rekindle emergency-stop off ${stop.id}`)
  return EXIT.ok
}

function scopeOf({ everything, cadence, channel, state }: StopOnOptions) {
  const given = [
    everything && { scope: 'global', key: null },
    cadence !== undefined && { scope: 'cadence', key: cadence },
    channel !== undefined && { scope: 'channel', key: channel },
    state !== undefined && { scope: 'state', key: state.toUpperCase() },
  ].flatMap((one) => (one ? [one] : []))
  const [scope, another] = given
  if (scope !== undefined && another === undefined) return scope
  throw usageError(
    'One of --everything, --cadence, --channel and --state says what is stopped.',
    'Try: rekindle emergency-stop on --state LA --because "hurricane".',
  )
}

/** `rekindle emergency-stop off ID`: what waited goes on. */
export async function stopOff(terminal: Terminal, [id = '']: readonly string[]): Promise<Exit> {
  const schema = z.object({ stop: stopSchema, woken: z.number() })
  const answer = await withData(terminal, (client) =>
    ask(client, schema, `${PATH}/${encodeURIComponent(id)}`, { method: 'DELETE' }),
  )
  terminal.answer(answer)
  const { stop, woken } = answer
  terminal.say(`The emergency stop for ${stop.stops} is lifted; ${woken} leads that waited go on.`)
  return EXIT.ok
}

/** `rekindle emergency-stop list`: what is stopped, and what waits; exit code 1 when any is on. */
export async function listStops(
  terminal: Terminal,
  _args: readonly string[],
  { all }: StopListOptions,
): Promise<Exit> {
  const path = withQuery(PATH, { all: all ? 'true' : undefined })
  const { items } = await withData(terminal, (client) => ask(client, listSchema, path))
  terminal.answer({ items })
  if (items.length === 0) terminal.say('No emergency stop is on.')
  for (const { id, stops, because, by, since, liftedAt, holds } of items) {
    terminal.say(`${terminal.paint('bold', stops)}, since ${since} by ${by}: ${because}`)
    const held = holds && `concerns ${holds.leads} leads; ${holds.waiting} of them wait now`
    terminal.say(`  ${id}: ${held ?? `lifted ${liftedAt}`}`)
  }
  return items.some(({ liftedAt }) => liftedAt === null) ? EXIT.no : EXIT.ok
}
