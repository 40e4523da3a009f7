import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { delimiter, join } from 'node:path'
import type { Config } from '../../config.ts'
import { describeFound } from '../../local/temporal/describe.ts'
import { findTemporal } from '../../local/temporal/find.ts'
import { readInstance } from '../../store/instance.ts'
import { openTemporal } from '../../temporal/connection.ts'
import { temporalOf } from '../../wiring/temporal.ts'
import type { Terminal } from '../terminal.ts'
import { type Check, checks } from './check.ts'

type Env = Terminal['env']

/** Which Temporal server a start would use; with an address, whether its namespace is there. */
export async function checkTemporal(config: Config, env: Env): Promise<Check> {
  const { ok, info, warning, missing } = checks('Temporal')
  const location = temporalOf(config)
  const result = await findTemporal({
    env,
    fetch: false,
    namespace: location.namespace,
    ...(location.security ? { connection: location.security } : {}),
  })
  const words = describeFound(result)
  if (result.kind === 'none') {
    const { code, fix } = result.problem
    // The first start gets one: no service is missing, it is only not here yet.
    return code === 'not-fetched' ? info(words) : missing(words, fix)
  }
  if (result.found.kind !== 'address') return ok(words)
  const link = openTemporal(location, { role: 'cli' })
  try {
    const reached = await link.check()
    if (reached.kind === 'reached') return ok(words)
    return warning(`${words} ${reached.trouble.message}`, reached.trouble.fix)
  } finally {
    await link.close()
  }
}

/** Whether the two listeners can have their ports. */
export async function checkPorts(config: Config, env: Env): Promise<Check[]> {
  const running = readInstance(config.REKINDLE_DATA_DIR)
  const wanted = [
    {
      name: 'Public port',
      variable: 'PUBLIC_PORT',
      host: config.PUBLIC_HOST,
      port: config.PUBLIC_PORT,
      own: running?.publicUrl,
    },
    {
      name: 'Private port',
      variable: 'PRIVATE_PORT',
      host: config.PRIVATE_HOST,
      port: config.PRIVATE_PORT,
      own: running?.privateUrl,
    },
  ]
  return Promise.all(
    wanted.map(async ({ name, variable, host, port, own }) => {
      const { ok, info, missing } = checks(name)
      if (own !== undefined) return ok(`The running instance listens at ${own}.`)
      if (await isFree(host, port)) return ok(`${port} on ${host} is free.`)
      if (env[variable] === undefined) return info(`${port} is taken; a start picks another one.`)
      return missing(`${port} on ${host} is taken.`, `Choose another port with ${variable}.`)
    }),
  )
}

function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)))
  })
}

/** What leaves this machine, and whether what that needs is set. */
export function checkOutbound(config: Config): Check {
  const { ok, warning, missing } = checks('Outbound')
  if (config.OUTBOUND === 'catch') return ok('catch: nothing leaves this machine.')
  if (config.DATABASE_URL !== undefined && config.CONTACT_HASH_KEY === undefined) {
    return missing(
      'CONTACT_HASH_KEY is not set, and opt-outs hang on it.',
      'Make one, keep it: openssl rand -hex 32',
    )
  }
  const lacking = [
    config.SMTP_URL === undefined ? 'SMTP_URL (email)' : null,
    config.TWILIO_ACCOUNT_SID === undefined || config.TWILIO_AUTH_TOKEN === undefined
      ? 'TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN (texts)'
      : null,
  ].filter((name) => name !== null)
  if (lacking.length === 0) {
    return ok(
      config.OUTBOUND === 'live'
        ? 'live: messages leave for real people.'
        : 'allowlist: messages leave for those of the list, and for nobody else.',
    )
  }
  return warning(
    `${config.OUTBOUND}, and not set: ${lacking.join(', ')}.`,
    'Set them; a step by a channel without its provider is skipped, and the lead says so.',
  )
}

/** Programs that tests use and nothing else needs. */
export function checkTestTools(env: Env): Check[] {
  const chromium = [
    env.CHROMIUM_PATH,
    ...onPath(env, ['chromium', 'chromium-browser', 'google-chrome']),
  ]
  const postgres = [...onPath(env, ['postgres']), '/usr/lib/postgresql']
  return [
    forTests(
      'Chromium',
      chromium.find((path) => path !== undefined && existsSync(path)),
      'browser',
    ),
    forTests(
      'Postgres',
      postgres.find((path) => existsSync(path)),
      'real Postgres',
    ),
  ]
}

function forTests(name: string, path: string | undefined, tests: string): Check {
  const { ok, info } = checks(`${name} (tests)`)
  return path === undefined
    ? info(`Not found: the ${tests} tests report themselves skipped.`)
    : ok(`${path}, for the ${tests} tests.`)
}

function onPath(env: Env, names: readonly string[]): string[] {
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
  return names.flatMap((name) => folders.map((folder) => join(folder, name)))
}
