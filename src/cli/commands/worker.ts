import { runWorker } from '../../worker.ts'
import type { Exit } from '../exit.ts'
import { runUntilStopped } from '../run-until-stopped.ts'
import { configOf } from '../settings.ts'
import type { Terminal } from '../terminal.ts'

/** `rekindle worker`: performs the leads' workflows and sends, until it is stopped. */
export async function workerCommand(terminal: Terminal): Promise<Exit> {
  return runUntilStopped(terminal, await runWorker(configOf(terminal)))
}
