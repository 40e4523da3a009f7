import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { EXIT, type Exit } from './exit.ts'
import { asCliError } from './problem.ts'
import type { RehearseOptions } from './commands/rehearse.ts'
import { type Terminal, terminalOf } from './terminal.ts'

/** A command as it is run: with what it was given, and its options. */
type Run<Options> = (terminal: Terminal, args: readonly string[], options: Options) => Promise<Exit>

/**
 * Runs `rekindle` with these arguments and answers its exit code. Each command's module is loaded
 * when it is called, so that `--help` is there at once.
 */
export async function runCli(argv: readonly string[]): Promise<Exit> {
  const terminal = terminalOf(argv.includes('--json'))
  let exit: Exit = EXIT.ok

  const does = <Options>(command: Command, load: () => Promise<Run<Options>>) => {
    command.option('--json', 'answer in JSON')
    command.action(async () => {
      const run = await load()
      exit = await run(terminal, command.args, command.opts<Options & object>())
    })
  }

  try {
    await program(does).parseAsync(withoutHelpCommand(argv), { from: 'user' })
    return exit
  } catch (error) {
    if (error instanceof CommanderError) return usageExit(terminal, error)
    const { problem, exit: code } = asCliError(error)
    terminal.problem(problem)
    return code
  }
}

type Does = <Options>(command: Command, load: () => Promise<Run<Options>>) => void

function program(does: Does): Command {
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

  engine(root, does)
  cadence(root, does)
  inspect(root, does)
  return root
}

/** A command that only holds others. */
function group(root: Command, name: string, about: string): Command {
  return root.command(name).description(about).helpCommand(false)
}

function engine(root: Command, does: Does): void {
  const start = root
    .command('start')
    .description('run everything in one process: the quickest way to have it all')
  does(start, async () => (await import('./commands/start.ts')).runStart)
  const worker = root
    .command('worker')
    .description('run a worker: performs the leads’ workflows and sends')
  does(worker, async () => (await import('./commands/worker.ts')).workerCommand)
  const migrate = root.command('migrate').description('bring the database up to date')
  does(migrate, async () => (await import('./commands/migrate.ts')).migrateCommand)
  const doctor = root
    .command('doctor')
    .description('say what a start would find, and what to do about what is missing')
  does(doctor, async () => (await import('./commands/doctor.ts')).doctor)
  const demo = root
    .command('demo')
    .description('watch three sample leads live through sixty days, in virtual time')
  does(demo, async () => (await import('./commands/demo.ts')).demo)
  const rehearse = root
    .command('rehearse')
    .argument('<cadence>', 'a cadence file, or the name of a cadence that ships')
    .requiredOption('--lead <file>', 'a lead as JSON or YAML: what POST /v1/leads takes')
    .requiredOption('--days <n>', 'how many days the lead lives')
    .option('--dead <reason>', 'for a revival: why the lead was given up', 'unresponsive')
    .description('send one lead through one cadence in virtual time, and read what it would get')
  does<RehearseOptions>(rehearse, async () => (await import('./commands/rehearse.ts')).rehearse)
}

function cadence(root: Command, does: Does): void {
  const cadences = group(root, 'cadence', 'check and publish cadences')
  const validate = cadences
    .command('validate')
    .argument('<file...>', 'cadence files, or a folder with cadences/ and templates/ in it')
    .description('find every problem, with its line and what to write instead')
  does(validate, async () => (await import('./commands/cadence-validate.ts')).validateCadences)
}

/** `help a b` asks what `a b --help` asks, for commands of any depth. */
function withoutHelpCommand(argv: readonly string[]): string[] {
  return argv[0] === 'help' ? [...argv.slice(1), '--help'] : [...argv]
}

const EXIT_CODES = `
Exit codes: 0 ok, 1 the answer is no or invalid, 2 wrong usage, 3 a service is missing.`

function inspect(root: Command, does: Does): void {
  const asked = group(root, 'inspect', 'ask the policy about facts, as JSON lines')
  const window = asked
    .command('window')
    .description('whether the law allows a message to a person at an instant')
    .addHelpText(
      'after',
      `
Reads lines {id, channel, at, phone, state, zip, timezone} on stdin and writes
{id, allowed, nextAllowedAt, rules}: calling windows and holidays only.

  echo '{"id":1,"channel":"sms","at":"2026-11-22T03:00:00Z","phone":"+12125550142"}' \\
    | rekindle inspect window`,
    )
  does(window, async () => (await import('./commands/inspect-window.ts')).inspectWindow)
}

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
