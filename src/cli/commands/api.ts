import { runApi } from '../../server.ts'
import type { Exit } from '../exit.ts'
import { runUntilStopped } from '../run-until-stopped.ts'
import { configOf } from '../settings.ts'
import type { Terminal } from '../terminal.ts'

/** `rekindle api`: both listeners, until it is stopped. */
export async function apiCommand(terminal: Terminal): Promise<Exit> {
  const running = await runApi(configOf(terminal))
  const { publicUrl, privateUrl } = running
  terminal.answer({ publicUrl, privateUrl })
  terminal.say(`The api listens at ${privateUrl} (private) and ${publicUrl} (public).`)
  return runUntilStopped(terminal, running)
}
