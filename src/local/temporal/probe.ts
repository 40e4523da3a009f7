import type { Env } from './cache.ts'
import type { TemporalProblem } from './problem.ts'
import { run } from './run.ts'
import { atLeast, findVersion, MIN_SERVER_VERSION, TIME_SKIPPING_SINCE } from './versions.ts'

/** A binary can be slow on its first start; it must not hold a start up for longer than this. */
const PROBE_TIMEOUT_MS = 10_000

/** The Temporal CLI, which contains a server and its Web UI. */
export interface CliBinary {
  readonly path: string
  readonly cliVersion: string
  readonly serverVersion: string
  readonly timeSkipping: boolean
  /** Newer ones have a flag for it, others need the dynamic setting only. */
  readonly timeSkippingFlag: boolean
}

/** The plain server, as `go install` makes it. */
export interface ServerBinary {
  readonly path: string
  readonly serverVersion: string
  readonly timeSkipping: boolean
}

export type Probe<T> =
  | { readonly kind: 'ok'; readonly value: T }
  | { readonly kind: 'refused'; readonly problem: TemporalProblem }

/** Asks a `temporal` binary for its versions and whether its server can skip time. */
export async function probeCli(path: string, env: Env): Promise<Probe<CliBinary>> {
  const version = await run(path, ['--version'], { env, timeoutMs: PROBE_TIMEOUT_MS })
  const cliVersion = version.kind === 'ended' ? findVersion(version.output) : null
  const serverVersion =
    version.kind === 'ended' ? findVersion(/Server \S+/.exec(version.output)?.[0] ?? '') : null
  if (cliVersion === null || serverVersion === null) return broken(path, version)
  if (!atLeast(serverVersion, MIN_SERVER_VERSION)) return tooOld(path, serverVersion)
  const help = await run(path, ['server', 'start-dev', '--help'], {
    env,
    timeoutMs: PROBE_TIMEOUT_MS,
  })
  const timeSkippingFlag = help.kind === 'ended' && help.output.includes('--enable-time-skipping')
  const timeSkipping = timeSkippingFlag || atLeast(serverVersion, TIME_SKIPPING_SINCE)
  return { kind: 'ok', value: { path, cliVersion, serverVersion, timeSkipping, timeSkippingFlag } }
}

/** Asks a plain server binary for its version. */
export async function probeServer(path: string, env: Env): Promise<Probe<ServerBinary>> {
  const version = await run(path, ['--version'], { env, timeoutMs: PROBE_TIMEOUT_MS })
  const serverVersion = version.kind === 'ended' ? findVersion(version.output) : null
  if (serverVersion === null) return broken(path, version)
  if (!atLeast(serverVersion, MIN_SERVER_VERSION)) return tooOld(path, serverVersion)
  const timeSkipping = atLeast(serverVersion, TIME_SKIPPING_SINCE)
  return { kind: 'ok', value: { path, serverVersion, timeSkipping } }
}

function broken(path: string, answer: Awaited<ReturnType<typeof run>>): Probe<never> {
  const because =
    answer.kind === 'not-run' ? answer.because : `it ended with code ${answer.code} and no version`
  return {
    kind: 'refused',
    problem: {
      code: 'start-failed',
      message: `${path} does not tell its version: ${because}.`,
      fix: `Run "${path} --version" to see why, or remove the file.`,
    },
  }
}

function tooOld(path: string, version: string): Probe<never> {
  return {
    kind: 'refused',
    problem: {
      code: 'too-old',
      message: `${path} contains server ${version}; at least ${MIN_SERVER_VERSION} is needed.`,
      fix: 'Update it, or take it off the PATH so that another one is found.',
    },
  }
}
