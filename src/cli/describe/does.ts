import type { Command } from 'commander'
import type { Exit } from '../exit.ts'
import type { Terminal } from '../terminal.ts'

/** A command as it is run: with what it was given, and its options. */
export type Run<Options> = (
  terminal: Terminal,
  args: readonly string[],
  options: Options,
) => Promise<Exit>

/** Ties a described command to the module that does it, loaded when it is called. */
export type Does = <Options>(command: Command, load: () => Promise<Run<Options>>) => void

/** A command that only holds others. */
export function group(root: Command, name: string, about: string): Command {
  return root.command(name).description(about).helpCommand(false)
}
