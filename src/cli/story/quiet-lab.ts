import { type Lab, type LabOptions, startLab } from '../../local/lab.ts'
import { createLog, installRuntime } from '../../wiring/log.ts'
import { EXIT } from '../exit.ts'
import { CliError } from '../problem.ts'
import type { Terminal } from '../terminal.ts'

/**
 * Starts a lab for one command, and stops it however the command ends, also by Ctrl-C: a private
 * Temporal server and a store in memory, of which nothing stays.
 */
export async function inLab<T>(
  terminal: Terminal,
  options: Pick<LabOptions, 'store'>,
  work: (lab: Lab) => Promise<T>,
): Promise<T> {
  installRuntime(createLog({ LOG_LEVEL: 'error' }))
  const lab = await startLab({ ...options, onProgress: terminal.note }).catch((error: unknown) => {
    throw noLab(error)
  })
  const interrupted = () => void lab.stop().finally(() => process.exit(130))
  process.once('SIGINT', interrupted)
  process.once('SIGTERM', interrupted)
  try {
    return await work(lab)
  } finally {
    process.off('SIGINT', interrupted)
    process.off('SIGTERM', interrupted)
    await lab.stop()
  }
}

function noLab(error: unknown): CliError {
  const message = error instanceof Error ? error.message : String(error)
  return new CliError(EXIT.missing, {
    code: 'no_private_server',
    message,
    fix: 'Run `rekindle doctor`: it says which Temporal server can be had, and how.',
  })
}
