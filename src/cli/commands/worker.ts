import { runWorker } from '../../worker.ts'
import type { Exit } from '../exit.ts'
import { runUntilStopped } from '../run-until-stopped.ts'
import { configOf } from '../settings.ts'
import type { Terminal } from '../terminal.ts'

/** `rekindle worker`: performs the leads' workflows and sends, until it is stopped. */
export async function workerCommand(terminal: Terminal): Promise<Exit> {
  const config = configOf(terminal)
  const running = await runWorker(config)
  terminal.answer({ outbound: config.OUTBOUND, namespace: config.TEMPORAL_NAMESPACE })
  terminal.say(`The worker is ready. OUTBOUND is ${config.OUTBOUND}.`)
  return runUntilStopped(terminal, running)
}
