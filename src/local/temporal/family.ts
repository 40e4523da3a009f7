import { setTimeout as delay } from 'node:timers/promises'
import { type Child, type Command, startChild } from './child.ts'
import { startGuard } from './guard.ts'
import { identify } from './process-identity.ts'
import { forgetRunning, noteRunning } from './running.ts'

/** The server and its Web UI: two children under one guard. */
export interface Family {
  readonly start: () => Promise<void>
  /** From now on a server that ends unasked is started again. */
  readonly keepAlive: () => void
  /** The server's process id at this moment; null when it is down. */
  readonly pid: () => number | null
  /** Why the server is down, unless it was asked to stop. */
  readonly down: () => string | null
  /** Stops both in order, with force if need be. Idempotent. */
  readonly stop: () => Promise<void>
}

const RESTART_PAUSE_MS = 1_000

/** Prepares a family whose processes are noted in `folder` for the next start to find. */
export function createFamily(
  folder: string,
  commands: { readonly server: Command; readonly ui: Command | null },
  onProgress: (line: string) => void,
): Family {
  const guard = startGuard()
  const stopping = new AbortController()
  let server: Child | null = null
  let ui: Child | null = null
  let down: string | null = null
  let keptAlive = false
  let restarting: Promise<void> = Promise.resolve()

  async function note(): Promise<void> {
    const owner = await identify(process.pid)
    if (owner === null) return
    const pids = [server?.pid, ui?.pid].filter((pid) => pid !== undefined)
    const processes = await Promise.all(pids.map(identify))
    await noteRunning(folder, { owner, processes: processes.filter((who) => who !== null) })
  }

  async function startServer(): Promise<void> {
    const child = await startChild(commands.server, guard)
    server = child
    down = null
    void child.exited.then(({ code, signal }) => {
      if (stopping.signal.aborted) return
      down = signal === null ? `it ended with code ${code}` : `it was ended by ${signal}`
      if (keptAlive) restarting = restart(down)
    })
    await note()
  }

  async function restart(because: string): Promise<void> {
    onProgress(`The Temporal server is down: ${because}. It is started again.`)
    // A pause, so that one that cannot start (a full disk) does not spin.
    await delay(RESTART_PAUSE_MS, undefined, { signal: stopping.signal }).catch(() => {})
    if (stopping.signal.aborted) return
    await startServer().catch((error: unknown) => onProgress(`That failed: ${String(error)}`))
  }

  return {
    async start() {
      await startServer()
      if (commands.ui === null) return
      ui = await startChild(commands.ui, guard)
      await note()
    },
    keepAlive() {
      keptAlive = true
    },
    pid: () => (server === null || server.hasExited() ? null : server.pid),
    down: () => down,
    async stop() {
      stopping.abort()
      await restarting
      await Promise.all([ui?.stop(), server?.stop()])
      guard.close()
      await forgetRunning(folder)
    },
  }
}
