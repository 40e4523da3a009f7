import type { Command } from 'commander'
import type { DoctorOptions } from '../commands/doctor.ts'
import type { OutboundOptions } from '../commands/outbound.ts'
import type { RehearseOptions } from '../commands/rehearse.ts'
import { type Does, group } from './does.ts'

/** Starting, stopping and setting up. */
export function describeRunning(root: Command, does: Does): void {
  const start = root.command('start').description('run everything in one process, until Ctrl-C')
  does(start, async () => (await import('../commands/start.ts')).runStart)

  const api = root.command('api').description('run the api and the console alone')
  does(api, async () => (await import('../commands/api.ts')).apiCommand)

  const worker = root.command('worker').description('run a worker alone: it plans and sends')
  does(worker, async () => (await import('../commands/worker.ts')).workerCommand)

  const init = root
    .command('init')
    .argument('<dir>', 'where; what is there already is left as it is')
    .description('make the company’s own folder: cadences, templates, settings, for git')
  does(init, async () => (await import('../commands/init.ts')).initFolder)

  const settings = group(root, 'settings', 'the company’s settings as a file')
  const apply = settings
    .command('apply')
    .argument('[file]', 'company.yaml of the company’s folder when left out')
    .description('change the settings to what a file says; what it leaves out stays')
  does(apply, async () => (await import('../commands/settings-apply.ts')).applySettings)

  const outbound = root
    .command('outbound')
    .option('--to <mode>', 'where the switch will be turned: allowlist or live')
    .option('--due <what>', 'what becomes of what is due then: shift, skip or cancel')
    .description('say what would leave when OUTBOUND is turned, and decide what becomes of it')
  does<OutboundOptions>(outbound, async () => (await import('../commands/outbound.ts')).outbound)

  const migrate = root.command('migrate').description('bring the database up to date')
  does(migrate, async () => (await import('../commands/migrate.ts')).migrateCommand)

  const doctor = root
    .command('doctor')
    .option(
      '--channels <to>',
      'try email and texts too, with a test message to this address or number',
    )
    .description('say what a start would find, and what to do about what is missing')
  does<DoctorOptions>(doctor, async () => (await import('../commands/doctor.ts')).doctor)
}

/** Whole lives in virtual time. */
export function describeVirtualTime(root: Command, does: Does): void {
  const demo = root
    .command('demo')
    .description('watch three sample leads live through sixty days, in virtual time')
  does(demo, async () => (await import('../commands/demo.ts')).demo)

  const rehearse = root
    .command('rehearse')
    .argument('<cadence>', 'a cadence file, or the name of a cadence that ships')
    .requiredOption('--lead <file>', 'leads as JSON or YAML (what POST /v1/leads takes), or CSV')
    .requiredOption('--days <n>', 'how many days the leads live')
    .option('--dead <reason>', 'for a revival: why the leads were given up', 'unresponsive')
    .option('--settings <file>', 'company settings as JSON or YAML: hours, caps, calendars …')
    .option('--compare', 'compare each with its preview; exit code 1 when they disagree')
    .description('send leads through one cadence in virtual time, and read what they would get')
  does<RehearseOptions>(rehearse, async () => (await import('../commands/rehearse.ts')).rehearse)
}
