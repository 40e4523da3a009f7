import { Connection, type ConnectionOptions } from '@temporalio/client'
import { build, builtPath, type GoProgram, SERVER_PROGRAM, UI_PROGRAM } from './build.ts'
import type { Env } from './cache.ts'
import { downloadCli, downloadedCli, type Fetched } from './download.ts'
import { type CliBinary, type Probe, probeCli, probeServer, type ServerBinary } from './probe.ts'
import type { TemporalProblem } from './problem.ts'
import { findOnPath, isExecutable } from './run.ts'
import { supportsTimeSkipping } from './time-skipping.ts'
import { atLeast, findVersion, MIN_SERVER_VERSION, TIME_SKIPPING_SINCE } from './versions.ts'

/** The places where a server may come from, in the order in which they are tried. */
export type Place = 'address' | 'path' | 'download' | 'build'

export type Found =
  | {
      /** Somebody else runs it: it is used and never stopped. */
      readonly kind: 'address'
      readonly address: string
      readonly serverVersion: string
      readonly timeSkipping: boolean
    }
  | ({ readonly kind: 'cli'; readonly place: 'path' | 'download' } & CliBinary)
  | ({
      readonly kind: 'server'
      /** The Web UI's binary; null when it could not be had, which stops nothing. */
      readonly ui: string | null
    } & ServerBinary)

export interface Refused {
  readonly place: Place
  readonly problem: TemporalProblem
}

export type FindResult =
  | { readonly kind: 'found'; readonly found: Found; readonly refused: readonly Refused[] }
  | {
      readonly kind: 'none'
      readonly problem: TemporalProblem
      readonly refused: readonly Refused[]
    }

export interface FindOptions {
  /** Default: the environment of this process. */
  readonly env?: Env
  /** Never an address from the environment: for rehearsals, the demo and tests. */
  readonly private?: boolean
  /** Refuse servers that cannot skip time. */
  readonly needTimeSkipping?: boolean
  /** Download or build what is not on this machine (default). False only looks. */
  readonly fetch?: boolean
  readonly ui?: boolean
  /** For an external server: TLS, an API key. */
  readonly connection?: Pick<ConnectionOptions, 'tls' | 'apiKey' | 'metadata'>
  /** The namespace in which an external server is asked for time skipping. */
  readonly namespace?: string
  /** Where the CLI is asked for; only tests set it. */
  readonly downloadUrl?: string
  readonly onProgress?: (line: string) => void
}

const CONNECT_TIMEOUT_MS = 5_000

/**
 * Finds a Temporal server: `TEMPORAL_ADDRESS`; `temporal` on the PATH; the CLI as the SDK downloads
 * it; the official server built with `go install`. What an earlier start has put in the cache is
 * used before anything is downloaded or built. An address that does not answer is an error and not
 * a reason to go on: leads must not live in two places.
 */
export async function findTemporal(options: FindOptions = {}): Promise<FindResult> {
  const env = options.env ?? process.env
  const refused: Refused[] = []
  const refuse = (place: Place, problem: TemporalProblem) => refused.push({ place, problem })

  const address = env.TEMPORAL_ADDRESS
  if (address && !options.private) {
    const answer = await probeAddress(address, options)
    if (answer.kind === 'ok') return { kind: 'found', found: answer.value, refused }
    refuse('address', answer.problem)
    return { kind: 'none', problem: answer.problem, refused }
  }
  if (process.platform === 'win32') return { kind: 'none', problem: UNSUPPORTED_PLATFORM, refused }

  for (const candidate of candidates(options, env)) {
    const answer = await candidate.look()
    if (answer.kind === 'refused') refuse(candidate.place, answer.problem)
    else if (options.needTimeSkipping && !answer.value.timeSkipping)
      refuse(candidate.place, noTimeSkipping(answer.value))
    else return { kind: 'found', found: answer.value, refused }
  }
  const buildsLater = options.fetch === false && (await findOnPath('go', env)) !== null
  return { kind: 'none', problem: buildsLater ? NOT_YET : NONE_FOUND, refused }
}

interface Candidate {
  readonly place: Place
  readonly look: () => Promise<Probe<Found>>
}

function candidates(options: FindOptions, env: Env): readonly Candidate[] {
  const onProgress = options.onProgress ?? (() => {})
  const wantUi = options.ui ?? true
  const cliAt = async (place: 'path' | 'download', path: string): Promise<Probe<Found>> => {
    const probe = await probeCli(path, env)
    return probe.kind === 'ok'
      ? { kind: 'ok', value: { kind: 'cli', place, ...probe.value } }
      : probe
  }
  const serverAt = async (path: string): Promise<Probe<Found>> => {
    const probe = await probeServer(path, env)
    if (probe.kind === 'refused') return probe
    const ui = wantUi ? await uiBinary(env, options.fetch ?? true, onProgress) : null
    return { kind: 'ok', value: { kind: 'server', ui, ...probe.value } }
  }
  const fetched = async (
    get: () => Promise<Fetched>,
    use: (path: string) => Promise<Probe<Found>>,
  ): Promise<Probe<Found>> => {
    const got = await get()
    return got.kind === 'ok' ? use(got.path) : { kind: 'refused', problem: got.problem }
  }

  const look: Candidate[] = [
    {
      place: 'path',
      look: async () => {
        const path = await findOnPath('temporal', env)
        return path === null ? { kind: 'refused', problem: NOT_ON_PATH } : cliAt('path', path)
      },
    },
    {
      place: 'download',
      look: async () => {
        const path = downloadedCli(env)
        return (await isExecutable(path))
          ? cliAt('download', path)
          : { kind: 'refused', problem: NOT_DOWNLOADED }
      },
    },
    {
      place: 'build',
      look: async () => {
        const path = builtPath(SERVER_PROGRAM, env)
        return (await isExecutable(path))
          ? serverAt(path)
          : { kind: 'refused', problem: notBuilt(SERVER_PROGRAM) }
      },
    },
  ]
  if (options.fetch === false) return look
  const download = { onProgress, ...(options.downloadUrl ? { url: options.downloadUrl } : {}) }
  return [
    ...look,
    {
      place: 'download',
      look: () =>
        fetched(
          () => downloadCli(env, download),
          (path) => cliAt('download', path),
        ),
    },
    {
      place: 'build',
      look: () => fetched(() => build(SERVER_PROGRAM, env, onProgress), serverAt),
    },
  ]
}

/** A server without its Web UI is still a server: a UI that cannot be had is only reported. */
async function uiBinary(
  env: Env,
  fetch: boolean,
  onProgress: (line: string) => void,
): Promise<string | null> {
  const path = builtPath(UI_PROGRAM, env)
  if (await isExecutable(path)) return path
  if (!fetch) return null
  const built = await build(UI_PROGRAM, env, onProgress)
  if (built.kind === 'ok') return built.path
  onProgress(`${built.problem.message} Going on without it.`)
  return null
}

async function probeAddress(address: string, options: FindOptions): Promise<Probe<Found>> {
  let connection: Connection
  try {
    connection = await Connection.connect({
      ...options.connection,
      address,
      connectTimeout: CONNECT_TIMEOUT_MS,
    })
  } catch (error) {
    return { kind: 'refused', problem: unreachable(address, error) }
  }
  try {
    const info = await connection.workflowService.getSystemInfo({})
    const serverVersion = findVersion(info.serverVersion) ?? '0.0.0'
    if (!atLeast(serverVersion, MIN_SERVER_VERSION))
      return { kind: 'refused', problem: addressTooOld(address, serverVersion) }
    const timeSkipping = await supportsTimeSkipping(connection, options.namespace ?? 'default')
    const found: Found = { kind: 'address', address, serverVersion, timeSkipping }
    // Newer ones may have it switched off; that shows once our namespace is registered.
    if (options.needTimeSkipping && !atLeast(serverVersion, TIME_SKIPPING_SINCE))
      return { kind: 'refused', problem: noTimeSkipping(found) }
    return { kind: 'ok', value: found }
  } catch (error) {
    return { kind: 'refused', problem: unreachable(address, error) }
  } finally {
    await connection.close()
  }
}

const NONE_FOUND: TemporalProblem = {
  code: 'no-server',
  message: 'No Temporal server was found, downloaded or built.',
  fix: 'Install the Temporal CLI (https://docs.temporal.io/cli) or Go 1.26 (https://go.dev/dl), or set TEMPORAL_ADDRESS to a server that runs.',
}

const NOT_YET: TemporalProblem = {
  code: 'not-fetched',
  message: 'There is no Temporal server on this machine yet.',
  fix: `Nothing: the first start downloads the Temporal CLI or builds ${SERVER_PROGRAM.name} with Go (${SERVER_PROGRAM.takes}).`,
}

const UNSUPPORTED_PLATFORM: TemporalProblem = {
  code: 'unsupported-platform',
  message: 'Rekindle does not start a Temporal server on Windows itself.',
  fix: 'Run it in WSL, or set TEMPORAL_ADDRESS to a server that runs.',
}

const NOT_ON_PATH: TemporalProblem = {
  code: 'not-there',
  message: 'There is no "temporal" on the PATH.',
  fix: 'Install the Temporal CLI: https://docs.temporal.io/cli.',
}

const NOT_DOWNLOADED: TemporalProblem = {
  code: 'not-fetched',
  message: "The Temporal CLI that fits the SDK's version is not downloaded.",
  fix: 'Nothing: it is downloaded at the first start when there is internet.',
}

function notBuilt(program: GoProgram): TemporalProblem {
  return {
    code: 'not-fetched',
    message: `No Temporal server has been built yet (${program.module}).`,
    fix: `Nothing, when Go is installed: the first start builds it (${program.takes}).`,
  }
}

function noTimeSkipping(found: Found): TemporalProblem {
  const what = found.kind === 'address' ? `The server at ${found.address}` : found.path
  return {
    code: 'no-time-skipping',
    message: `${what} (server ${found.serverVersion}) cannot skip time.`,
    fix: 'Rehearsals and tests need server 1.32 or newer; update it.',
  }
}

function unreachable(address: string, error: unknown): TemporalProblem {
  const cause = error instanceof Error ? error.message : String(error)
  return {
    code: 'address-unreachable',
    message: `No Temporal server answers at TEMPORAL_ADDRESS=${address} (${cause}).`,
    fix: 'Start that server or correct the address; without TEMPORAL_ADDRESS a local one is started.',
  }
}

function addressTooOld(address: string, version: string): TemporalProblem {
  return {
    code: 'too-old',
    message: `The server at ${address} is ${version}; at least ${MIN_SERVER_VERSION} is needed.`,
    fix: 'Update that server.',
  }
}
