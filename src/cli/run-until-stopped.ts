import type { Running } from '../worker.ts'
import { EXIT, type Exit } from './exit.ts'
import { CliError } from './problem.ts'
import type { Terminal } from './terminal.ts'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
/** Ctrl-C below npm arrives twice: from the terminal and from npm. That is one wish. */
const SAME_WISH_MS = 1_000

/**
 * Lets a main run until a signal asks it to stop, then waits until it has. A second signal, a
 * moment later, ends the process at once.
 * @throws CliError (missing) when the main itself can work no longer
 */
export async function runUntilStopped(terminal: Terminal, running: Running): Promise<Exit> {
  const asked = stopAsked(terminal)
  const failed = running.done.then(
    () => null,
    (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
  )
  const trouble = await Promise.race([asked, failed])
  await running.stop()
  if (trouble === null) return EXIT.ok
  throw new CliError(EXIT.missing, {
    code: 'worker_failed',
    message: `The workers cannot go on: ${trouble.message}.`,
    fix: 'Run `rekindle doctor`, mend what it finds, and start again; nothing is lost.',
  })
}

function stopAsked(terminal: Terminal): Promise<null> {
  return new Promise((resolve) => {
    let first: number | null = null
    for (const signal of SIGNALS) {
      process.on(signal, () => {
        if (first === null) {
          first = performance.now()
          terminal.note('Stopping: what is under way ends first. Once more to end at once.')
          resolve(null)
        } else if (performance.now() - first > SAME_WISH_MS) {
          process.exit(EXIT.missing)
        }
      })
    }
  })
}
