import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Connection, type ConnectionOptions } from '@temporalio/client'
import type { Env } from './cache.ts'
import { logTail } from './child.ts'
import { createFamily, type Family } from './family.ts'
import { type Found, findTemporal } from './find.ts'
import { mapPorts, type PortName, prepare } from './launch.ts'
import { ensureNamespace, ensureSearchAttributes } from './namespace.ts'
import { choosePorts, LOOPBACK, type Wish } from './ports.ts'
import type { TemporalProblem } from './problem.ts'
import { clearLeftovers, keepPorts, portsBefore } from './running.ts'
import { supportsTimeSkipping } from './time-skipping.ts'

export interface StartOptions {
  /**
   * `folder`: a SQLite file in `<folder>/temporal`, so that a restart keeps everything.
   * `memory`: gone when stopped.
   */
  readonly store: { readonly kind: 'folder'; readonly folder: string } | { readonly kind: 'memory' }
  /** Default `rekindle`. It is registered unless it is there. */
  readonly namespace?: string
  /** How long closed runs are kept; default 90 days. */
  readonly retentionDays?: number
  /** `required` refuses servers that cannot; `wanted` takes what there is; default `off`. */
  readonly timeSkipping?: 'required' | 'wanted' | 'off'
  /** Start the Web UI too; default true. */
  readonly ui?: boolean
  /** Fixed ports; without them those of the last start, or any that are free. */
  readonly port?: number
  readonly uiPort?: number
  /** Never `TEMPORAL_ADDRESS`: for rehearsals, the demo and tests. */
  readonly private?: boolean
  /** Start a server that ended unasked again; default true for a folder, false for memory. */
  readonly restart?: boolean
  /** For an external server: TLS, an API key. */
  readonly connection?: Pick<ConnectionOptions, 'tls' | 'apiKey' | 'metadata'>
  readonly env?: Env
  readonly onProgress?: (line: string) => void
}

export interface LocalTemporal {
  readonly address: string
  readonly namespace: string
  /** Null when it was not asked for, could not be had, or the server is somebody else's. */
  readonly uiUrl: string | null
  readonly found: Found
  /** Whether this server, as started, skips time. */
  readonly timeSkipping: boolean
  /** The server's process at this moment; null when it is somebody else's, or down. */
  readonly pid: () => number | null
  /** Stops the server and its UI, in order; somebody else's server is left alone. Idempotent. */
  readonly stop: () => Promise<void>
}

export type StartResult =
  | { readonly kind: 'started'; readonly server: LocalTemporal }
  | { readonly kind: 'failed'; readonly problem: TemporalProblem }

const DEFAULT_NAMESPACE = 'rekindle'

const HEALTHY_WITHIN_MS = 60_000
const UI_WITHIN_MS = 10_000
const LOOK_AGAIN_MS = 50

/**
 * Finds a Temporal server and starts it on loopback (unless `TEMPORAL_ADDRESS` names one that runs),
 * waits until it is healthy, and registers the namespace and our search attributes. It ends with
 * this process, however this process ends.
 */
export async function startTemporal(options: StartOptions): Promise<StartResult> {
  const onProgress = options.onProgress ?? (() => {})
  const namespace = options.namespace ?? DEFAULT_NAMESPACE
  const timeSkipping = options.timeSkipping ?? 'off'
  const result = await findTemporal({
    namespace,
    onProgress,
    needTimeSkipping: timeSkipping === 'required',
    ui: options.ui ?? true,
    private: options.private ?? false,
    ...(options.env ? { env: options.env } : {}),
    ...(options.connection ? { connection: options.connection } : {}),
  })
  if (result.kind === 'none') return { kind: 'failed', problem: result.problem }
  const { found } = result
  if (found.kind === 'address') return useExternal(found, namespace, options)
  return startOwn(found, namespace, options)
}

async function useExternal(
  found: Extract<Found, { kind: 'address' }>,
  namespace: string,
  options: StartOptions,
): Promise<StartResult> {
  const { address } = found
  try {
    const connection = await Connection.connect({ ...options.connection, address })
    const timeSkipping = await closing(connection, () => setUp(connection, namespace, options))
    return {
      kind: 'started',
      server: {
        address,
        namespace,
        found,
        timeSkipping,
        uiUrl: null,
        pid: () => null,
        stop: async () => {},
      },
    }
  } catch (error) {
    return { kind: 'failed', problem: startFailed(`The server at ${address}`, error) }
  }
}

async function startOwn(
  found: Exclude<Found, { kind: 'address' }>,
  namespace: string,
  options: StartOptions,
): Promise<StartResult> {
  const memory = options.store.kind === 'memory'
  const folder =
    options.store.kind === 'memory'
      ? await mkdtemp(join(tmpdir(), 'rekindle-temporal-'))
      : resolve(options.store.folder, 'temporal')
  const tidy = async () => {
    if (memory) await rm(folder, { recursive: true, force: true })
  }
  await mkdir(folder, { recursive: true })
  const inTheWay = await clearLeftovers(folder)
  if (inTheWay !== null) return { kind: 'failed', problem: inTheWay }
  const chosen = await choosePorts(await wishes(folder, options))
  if (chosen.kind === 'taken') {
    await tidy()
    return { kind: 'failed', problem: portTaken(chosen.name, chosen.port) }
  }
  const { ports } = chosen
  await keepPorts(folder, ports)
  const commands = await prepare({
    found,
    folder,
    memory,
    ports,
    timeSkipping: found.timeSkipping && (options.timeSkipping ?? 'off') !== 'off',
    namespace,
    ui: options.ui ?? true,
    env: options.env ?? process.env,
  })
  const family = createFamily(folder, commands, options.onProgress ?? (() => {}))
  const stop = async () => {
    await family.stop()
    await tidy()
  }
  const address = `${LOOPBACK}:${ports.frontend}`
  try {
    await family.start()
    const connection = await connectWhenHealthy(address, family)
    const timeSkipping = await closing(connection, () => setUp(connection, namespace, options))
    if (options.restart ?? !memory) family.keepAlive()
    const hasUi = (options.ui ?? true) && (found.kind === 'cli' || found.ui !== null)
    const uiUrl = hasUi ? await whenUiAnswers(`http://${LOOPBACK}:${ports.ui}`) : null
    const { pid } = family
    const server = { address, namespace, uiUrl, found, timeSkipping, pid, stop }
    return { kind: 'started', server }
  } catch (error) {
    const log = await logTail(commands.server.logFile, 5)
    await stop()
    return { kind: 'failed', problem: startFailed(found.path, error, log) }
  }
}

async function wishes(
  folder: string,
  options: StartOptions,
): Promise<Readonly<Record<PortName, Wish>>> {
  const before = await portsBefore(folder)
  const fixed: Readonly<Partial<Record<PortName, number | undefined>>> = {
    frontend: options.port,
    ui: options.uiPort,
  }
  const wish = (name: PortName): Wish => {
    const [wanted, last] = [fixed[name], before[name]]
    if (wanted !== undefined) return { kind: 'fixed', port: wanted }
    return last === undefined ? { kind: 'any' } : { kind: 'before', port: last }
  }
  return mapPorts(wish)
}

/** Connects as soon as the server says that it serves; the caller closes the connection. */
async function connectWhenHealthy(address: string, family: Family): Promise<Connection> {
  const deadline = Date.now() + HEALTHY_WITHIN_MS
  for (;;) {
    const down = family.down()
    if (down !== null) throw new Error(down)
    const connection = await Connection.connect({ address, connectTimeout: 500 }).catch(() => null)
    if (connection !== null) {
      if (await serves(connection)) return connection
      await connection.close()
    }
    if (Date.now() > deadline) throw new Error(`it is not healthy after ${HEALTHY_WITHIN_MS} ms`)
    await delay(LOOK_AGAIN_MS)
  }
}

async function serves(connection: Connection): Promise<boolean> {
  try {
    const service = 'temporal.api.workflowservice.v1.WorkflowService'
    const { status } = await connection.healthService.check({ service })
    // SERVING, in gRPC's health protocol.
    return status === 1
  } catch {
    return false
  }
}

async function closing<T>(connection: Connection, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } finally {
    await connection.close()
  }
}

/** Registers what the workflows need; returns whether the server, as it runs, skips time. */
async function setUp(
  connection: Connection,
  namespace: string,
  options: StartOptions,
): Promise<boolean> {
  const { retentionDays } = options
  await ensureNamespace(connection, namespace, retentionDays === undefined ? {} : { retentionDays })
  await ensureSearchAttributes(connection, namespace)
  const skips = await supportsTimeSkipping(connection, namespace)
  if (options.timeSkipping === 'required' && !skips)
    throw new Error('it refuses to skip time, although its version should be able to')
  return skips
}

/** The UI's address once it answers; null when it does not in time, which stops nothing. */
async function whenUiAnswers(url: string): Promise<string | null> {
  const deadline = Date.now() + UI_WITHIN_MS
  while (Date.now() < deadline) {
    const response = await fetch(url, { signal: AbortSignal.timeout(UI_WITHIN_MS) }).catch(
      () => null,
    )
    await response?.body?.cancel()
    if (response?.ok) return url
    await delay(LOOK_AGAIN_MS)
  }
  return null
}

function portTaken(name: PortName, port: number): TemporalProblem {
  const what = name === 'ui' ? "Temporal's Web UI" : 'the Temporal server'
  return {
    code: 'port-taken',
    message: `Port ${port}, asked for ${what}, is used by another program.`,
    fix: 'Stop that program, ask for another port, or for none: a free one is picked.',
  }
}

function startFailed(what: string, error: unknown, log = ''): TemporalProblem {
  const because = (error instanceof Error ? error.message : String(error)).replace(/\.$/, '')
  return {
    code: 'start-failed',
    message: `${what} did not start: ${because}.${log === '' ? '' : `\nIts last words:\n${log}`}`,
    fix: 'Look at its last words; "rekindle doctor" says which server is used and why.',
  }
}
