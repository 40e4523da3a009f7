import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { describeCommands } from './commands.ts'
import type { Run } from './describe/does.ts'
import { EXIT, type Exit } from './exit.ts'
import { asCliError } from './problem.ts'
import { type Terminal, terminalOf } from './terminal.ts'

/**
 * Runs `rekindle` with these arguments and answers its exit code. Each command's module is loaded
 * when it is called, so that `--help` is there at once.
 */
export async function runCli(argv: readonly string[]): Promise<Exit> {
  const terminal = terminalOf(argv.includes('--json'))
  let exit: Exit = EXIT.ok
  const root = new Command('rekindle')
    .description('Nurtures leads over email and SMS, and brings dead ones back.')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand(false)
    .showSuggestionAfterError()
    .exitOverride()
    // Usage errors are told by usageExit, like all others.
    .configureOutput({ outputError: () => {} })
    .addHelpText('after', EXIT_CODES)
  describeCommands(root, <Options>(command: Command, load: () => Promise<Run<Options>>) => {
    command.option('--json', 'answer in JSON')
    command.action(async () => {
      // The terminal knows how to answer; no command asks.
      const { json: _, ...options } = command.opts<{ json?: true }>()
      const run = await load()
      exit = await run(terminal, command.args, options as Options)
    })
  })
  try {
    await root.parseAsync(withoutHelpCommand(argv), { from: 'user' })
    return exit
  } catch (error) {
    if (error instanceof CommanderError) return usageExit(terminal, error)
    const { problem, exit: code } = asCliError(error)
    terminal.problem(problem)
    return code
  }
}

/** `help a b` asks what `a b --help` asks, for commands of any depth. */
function withoutHelpCommand(argv: readonly string[]): string[] {
  return argv[0] === 'help' ? [...argv.slice(1), '--help'] : [...argv]
}

const EXIT_CODES = `
Data commands speak with the running instance (REKINDLE_URL and REKINDLE_API_KEY, else the one
of the data folder), and open the store themselves only when none runs.

Exit codes: 0 ok, 1 the answer is no or invalid, 2 wrong usage, 3 a service is missing.`

/** Help and version end well; a command that lacks its subcommand has shown its help. */
function usageExit(terminal: Terminal, { code, message }: CommanderError): Exit {
  if (code === 'commander.helpDisplayed' || code === 'commander.version') return EXIT.ok
  if (code === 'commander.help') return EXIT.usage
  const [first = '', suggestion] = message.replace(/^error: /, '').split('\n')
  terminal.problem({
    code: 'usage',
    message: `${first.charAt(0).toUpperCase()}${first.slice(1).replace(/\.$/, '')}.`,
    fix: suggestion?.replace(/^\((.*)\)$/, '$1') ?? 'See `rekindle help` for what there is.',
  })
  return EXIT.usage
}

function version(): string {
  const file = new URL('../../package.json', import.meta.url)
  const manifest: { version: string } = JSON.parse(readFileSync(file, 'utf8'))
  return manifest.version
}
