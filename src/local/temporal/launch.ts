import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import type { Env } from './cache.ts'
import type { Command } from './child.ts'
import type { Found } from './find.ts'
import { LOOPBACK } from './ports.ts'

/** The listeners of a local server. The CLI picks its inner ones by itself. */
const PORT_NAMES = [
  'frontend',
  'frontendMembership',
  'history',
  'historyMembership',
  'matching',
  'matchingMembership',
  'worker',
  'workerMembership',
  'ui',
] as const
export type PortName = (typeof PORT_NAMES)[number]

/** One value for each listener. */
export function mapPorts<T>(value: (name: PortName) => T): Readonly<Record<PortName, T>> {
  return Object.fromEntries(PORT_NAMES.map((name) => [name, value(name)])) as Record<PortName, T>
}

export interface Launch {
  readonly found: Exclude<Found, { kind: 'address' }>
  /** For configuration, logs and, unless `memory`, the database. */
  readonly folder: string
  readonly memory: boolean
  readonly ports: Readonly<Record<PortName, number>>
  readonly timeSkipping: boolean
  readonly namespace: string
  readonly ui: boolean
  readonly env: Env
}

/** Writes what the server reads, and returns how to start it and, apart from it, its Web UI. */
export async function prepare(
  launch: Launch,
): Promise<{ readonly server: Command; readonly ui: Command | null }> {
  await mkdir(launch.folder, { recursive: true })
  return launch.found.kind === 'cli'
    ? { server: cliCommand(launch, launch.found), ui: null }
    : {
        server: await serverCommand(launch, launch.found.path),
        ui: launch.ui && launch.found.ui !== null ? await uiCommand(launch, launch.found.ui) : null,
      }
}

/** Settings of the running server, each with its reason. */
function dynamicSettings(timeSkipping: boolean): Readonly<Record<string, string | boolean>> {
  return {
    // Timers are up to a second late by default, which a lead in a hurry and skipped time notice.
    'history.timerProcessorMaxTimeShift': '10ms',
    // A run that continues as new within a second of its start, as at a first transition, would
    // wait for the rest of that second; in skipped time the server even jumps days ahead for it.
    'history.workflowIdReuseMinimalInterval': '0s',
    // Search attributes can be used as soon as they are registered.
    'system.forceSearchAttributesCacheRefreshOnRead': true,
    // The matcher that knows priorities: a fresh form overtakes an import.
    'matching.useNewMatcher': true,
    'matching.enableFairness': true,
    // The first name is that of server 1.32, the second its successor; an unknown one only warns.
    'frontend.WorkflowTimeSkippingEnabled': timeSkipping,
    'system.workflowTimeSkippingEnabled': timeSkipping,
  }
}

function databaseFile(launch: Launch): string {
  return join(launch.folder, 'temporal.db')
}

function cliCommand(launch: Launch, cli: { path: string; timeSkippingFlag: boolean }): Command {
  const args = ['server', 'start-dev', '--ip', LOOPBACK, '--port', String(launch.ports.frontend)]
  if (launch.ui) args.push('--ui-ip', LOOPBACK, '--ui-port', String(launch.ports.ui))
  else args.push('--headless')
  if (!launch.memory) {
    args.push('--db-filename', databaseFile(launch))
    // What was acknowledged is on the disk, as in the plain server's configuration below.
    args.push('--sqlite-pragma', 'journal_mode=wal', '--sqlite-pragma', 'synchronous=2')
  }
  args.push('--log-level', 'error')
  for (const [key, value] of Object.entries(dynamicSettings(launch.timeSkipping)))
    args.push('--dynamic-config-value', `${key}=${JSON.stringify(value)}`)
  if (launch.timeSkipping && cli.timeSkippingFlag) args.push('--enable-time-skipping')
  return { file: cli.path, args, env: childEnv(launch), logFile: join(launch.folder, 'server.log') }
}

async function serverCommand(launch: Launch, path: string): Promise<Command> {
  const settings = join(launch.folder, 'dynamic.yaml')
  const config = join(launch.folder, 'server.yaml')
  const entries = Object.entries(dynamicSettings(launch.timeSkipping))
  await writeFile(
    settings,
    stringify(Object.fromEntries(entries.map(([k, v]) => [k, [{ value: v }]]))),
  )
  await writeFile(config, stringify(serverConfig(launch, settings)))
  return {
    file: path,
    // Without an authorizer: it listens on loopback only.
    args: ['--config-file', config, '--allow-no-auth', 'start'],
    env: childEnv(launch),
    logFile: join(launch.folder, 'server.log'),
  }
}

function serverConfig(launch: Launch, settingsFile: string) {
  const { ports } = launch
  const service = (name: 'frontend' | 'history' | 'matching' | 'worker') => ({
    rpc: {
      grpcPort: ports[name],
      membershipPort: ports[`${name}Membership`],
      bindOnLocalHost: true,
    },
  })
  return {
    log: { stdout: true, level: 'error' },
    persistence: {
      defaultStore: 'sqlite',
      visibilityStore: 'sqlite',
      // Fixed for the life of the file; one machine gains nothing from more.
      numHistoryShards: 4,
      datastores: { sqlite: { sql: sqlite(launch) } },
    },
    global: { membership: { maxJoinDuration: '30s', broadcastAddress: LOOPBACK } },
    services: {
      frontend: service('frontend'),
      history: service('history'),
      matching: service('matching'),
      worker: service('worker'),
    },
    clusterMetadata: {
      enableGlobalNamespace: false,
      failoverVersionIncrement: 10,
      masterClusterName: 'active',
      currentClusterName: 'active',
      clusterInformation: {
        active: {
          enabled: true,
          initialFailoverVersion: 1,
          rpcName: 'frontend',
          rpcAddress: `${LOOPBACK}:${ports.frontend}`,
        },
      },
    },
    dcRedirectionPolicy: { policy: 'noop' },
    dynamicConfigClient: { filepath: settingsFile, pollInterval: '60s' },
  }
}

function sqlite(launch: Launch) {
  return {
    pluginName: 'sqlite',
    databaseName: launch.memory ? 'default' : databaseFile(launch),
    connectAddr: 'localhost',
    connectProtocol: 'tcp',
    connectAttributes: launch.memory
      ? { mode: 'memory', cache: 'private' }
      : { cache: 'private', setup: 'true', journal_mode: 'wal', synchronous: '2' },
    maxConns: 1,
    maxIdleConns: 1,
    maxConnLifetime: '1h',
  }
}

async function uiCommand(launch: Launch, path: string): Promise<Command> {
  const folder = join(launch.folder, 'ui')
  await mkdir(folder, { recursive: true })
  const origin = `http://${LOOPBACK}:${launch.ports.ui}`
  await writeFile(
    join(folder, 'local.yaml'),
    stringify({
      temporalGrpcAddress: `${LOOPBACK}:${launch.ports.frontend}`,
      host: LOOPBACK,
      port: launch.ports.ui,
      enableUi: true,
      defaultNamespace: launch.namespace,
      disableNewsFetch: true,
      // Over plain http the browser keeps the CSRF cookie only when told so.
      cors: { allowOrigins: [origin], cookieInsecure: true },
    }),
  )
  return {
    file: path,
    args: ['--root', launch.folder, '--config', 'ui', '--env', 'local', 'start'],
    env: childEnv(launch),
    logFile: join(launch.folder, 'ui.log'),
  }
}

/**
 * The CLI and the UI read TEMPORAL_* from the environment, which may speak of another server (and
 * hold its key): they get none of it.
 */
function childEnv(launch: Launch): Env {
  const entries = Object.entries(launch.env).filter(([name]) => !name.startsWith('TEMPORAL_'))
  return Object.fromEntries(entries)
}
