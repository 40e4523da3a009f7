import type { Command } from 'commander'
import type { StopListOptions, StopOnOptions } from '../commands/emergency-stop.ts'
import type { LedgerExportOptions } from '../commands/ledger-export.ts'
import type { RepairOptions } from '../commands/repair.ts'
import type { ReplayOptions } from '../commands/replay.ts'
import type { SpanOptions } from '../report-span.ts'
import { type Does, group } from './does.ts'

/** What keeps it running and shows what it did. */
export function describeOperating(root: Command, does: Does): void {
  const repair = root
    .command('repair')
    .option('--dry-run', 'only say what would be done; exit code 1 when anything would')
    .description('rebuild missing or stale workflows from the rows')
  does<RepairOptions>(repair, async () => (await import('../commands/repair.ts')).repair)

  const replay = root
    .command('replay')
    .option('--from <folder>', 'histories as JSON files')
    .option('--live <n>', 'the newest so many leads that run now')
    .description('check that this version’s workflow fits recorded or running histories')
  does<ReplayOptions>(replay, async () => (await import('../commands/replay.ts')).replay)

  const stop = group(root, 'emergency-stop', 'stop what must not leave now, and lift it again')
  const on = stop
    .command('on')
    .option('--everything', 'every message to everybody')
    .option('--cadence <name>', 'what this cadence plans')
    .option('--channel <channel>', 'email or sms')
    .option('--state <code>', 'leads who may be in this state, such as LA')
    .requiredOption('--because <words>', 'why; shown to everybody who works with it')
    .description('put an emergency stop on: it holds from the answer on')
  does<StopOnOptions>(on, async () => (await import('../commands/emergency-stop.ts')).stopOn)
  const off = stop
    .command('off')
    .argument('<id>', 'its id, from the list')
    .description('lift an emergency stop; what waited goes on')
  does(off, async () => (await import('../commands/emergency-stop.ts')).stopOff)
  const stops = stop
    .command('list')
    .option('--all', 'those that were lifted, too')
    .description('list emergency stops and what they hold; exit code 1 when any is on')
  does<StopListOptions>(
    stops,
    async () => (await import('../commands/emergency-stop.ts')).listStops,
  )

  const ledger = group(root, 'ledger', 'check the record of decisions and touches')
  const verify = ledger
    .command('verify')
    .description('recompute every chain: finds edits, gaps and cut tails')
  does(verify, async () => (await import('../commands/ledger-verify.ts')).verifyLedger)

  const pack = ledger
    .command('export')
    .argument('<lead>', 'its id, external id, email or phone')
    .option('--html', 'as one page to print, instead of JSON')
    .description('write the evidence for a dispute; exit code 1 when its chain is not sound')
  does<LedgerExportOptions>(
    pack,
    async () => (await import('../commands/ledger-export.ts')).exportLedger,
  )

  const report = root
    .command('report')
    .argument('<name>', 'overview, cadence, revocations or consents')
    .argument('[cadence]', 'for cadence: one cadence; all when left out')
    .option('--from <day>', 'only from this day, or instant, on')
    .option('--to <day>', 'only before this day, or instant')
    .description('print a report')
  does<SpanOptions>(report, async () => (await import('../commands/report.ts')).report)
}
