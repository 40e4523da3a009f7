import { runApi } from '../../server.ts'
import type { Exit } from '../exit.ts'
import { runUntilStopped } from '../run-until-stopped.ts'
import { configOf } from '../settings.ts'
import type { Terminal } from '../terminal.ts'

/** `rekindle api`: both listeners, until it is stopped. */
export async function apiCommand(terminal: Terminal): Promise<Exit> {
  return runUntilStopped(terminal, await runApi(configOf(terminal)))
}
