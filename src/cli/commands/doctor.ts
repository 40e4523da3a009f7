import { z } from 'zod'
import { readConfig } from '../../config.ts'
import { readInstance } from '../../store/instance.ts'
import { ask } from '../data/client.ts'
import { withData } from '../data/open.ts'
import { because, type Check, checks } from '../doctor/check.ts'
import { checkOutbound, checkPorts, checkTemporal, checkTestTools } from '../doctor/services.ts'
import { checkDatabase, checkFolder } from '../doctor/store.ts'
import { EXIT, type Exit } from '../exit.ts'
import type { Terminal } from '../terminal.ts'

export interface DoctorOptions {
  /** Also tries the channels, with a message to this address or number. */
  readonly channels?: string
}

/** `rekindle doctor`: what a start would find, and what to do about what is missing. */
export async function doctor(
  terminal: Terminal,
  _args: readonly string[] = [],
  { channels }: DoctorOptions = {},
): Promise<Exit> {
  const found = [
    ...(await examine(terminal)),
    ...(channels === undefined ? [] : await examineChannels(terminal, channels)),
  ]
  const missing = found.filter(({ state }) => state === 'missing')
  terminal.answer({ ok: missing.length === 0, checks: found })
  for (const check of found) tell(terminal, check)
  terminal.say()
  terminal.say(
    missing.length === 0
      ? 'Nothing is missing: `rekindle start` will work.'
      : `Missing: ${[...new Set(missing.map(({ name }) => name))].join(', ')}.`,
  )
  return missing.length === 0 ? EXIT.ok : EXIT.missing
}

async function examine({ env }: Terminal): Promise<Check[]> {
  const node = checks('Node').ok(`${process.versions.node} on ${process.platform}.`)
  const reading = readConfig({ ...env })
  if (!reading.ok) {
    const { missing } = checks('Environment')
    return [node, ...reading.problems.map((problem) => missing(`${problem}.`, 'Correct it.'))]
  }
  const { config } = reading
  return [
    node,
    checkFolder(config),
    await checkDatabase(config),
    await checkTemporal(config, env),
    ...(await checkPorts(config, env)),
    checkOutbound(config),
    ...checkTestTools(env),
  ]
}

const settingsSchema = z.object({
  settings: z.object({
    senders: z.array(z.object({ email: z.string() })),
    ownerSenders: z.array(
      z.union([z.object({ email: z.string() }), z.object({ domain: z.string() })]),
    ),
    company: z.object({
      name: z.string(),
      brand: z.string(),
      postalAddress: z.string(),
      website: z.string(),
      bookingUrl: z.string().nullable(),
      phone: z.string().nullable(),
      timezone: z.string(),
      from: z.object({ name: z.string(), email: z.string() }),
      replyTo: z.string().nullable(),
      helpContact: z.string().nullable(),
    }),
  }),
})

async function examineChannels(terminal: Terminal, to: string): Promise<Check[]> {
  const reading = readConfig({ ...terminal.env })
  if (!reading.ok) return []
  const { config } = reading
  try {
    const { settings, outbound } = await withData(terminal, async (client) => ({
      ...(await ask(client, settingsSchema, '/v1/settings')),
      ...(await ask(client, outboundSchema, '/v1/outbound')),
    }))
    const { checkChannels } = await import('../doctor/channels.ts')
    const runs = readInstance(config.REKINDLE_DATA_DIR) !== null || !!terminal.env.REKINDLE_URL
    const running = runs ? outbound : null
    return await checkChannels({ config, ...settings, running, to })
  } catch (error) {
    // The rest of the findings is worth more than this error alone.
    const { message, fix } = because(error)
    return [checks('Channels').missing(`The settings cannot be read. ${message}`, fix)]
  }
}

const outboundSchema = z.object({ outbound: z.enum(['catch', 'allowlist', 'live']) })

const SIGNS: Readonly<
  Record<
    Check['state'],
    { readonly sign: string; readonly style: 'green' | 'dim' | 'yellow' | 'red' }
  >
> = {
  ok: { sign: 'ok     ', style: 'green' },
  info: { sign: 'note   ', style: 'dim' },
  warning: { sign: 'warning', style: 'yellow' },
  missing: { sign: 'missing', style: 'red' },
}

function tell(terminal: Terminal, { name, state, message, fix }: Check): void {
  const { sign, style } = SIGNS[state]
  const indented = message.replaceAll('\n', `\n${' '.repeat(26)}`)
  terminal.say(`${terminal.paint(style, sign)}  ${name.padEnd(17)}${indented}`)
  if (fix !== null && !message.includes(fix)) terminal.say(`${' '.repeat(26)}→ ${fix}`)
}
