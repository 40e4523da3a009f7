import type { Command } from 'commander'
import type { LeadsImportOptions } from '../commands/leads/import.ts'
import type { LeadsListOptions } from '../commands/leads/list.ts'
import type { OfferingAddOptions, OfferingListOptions } from '../commands/offerings.ts'
import type { StopListCliOptions } from '../commands/suppressions.ts'
import { type Does, group } from './does.ts'
import { describeLeadActions } from './operators.ts'

/** Leads: taken in, looked at, acted upon. */
export function describeLeads(root: Command, does: Does): void {
  const all = group(root, 'leads', 'load, list and understand leads')
  const whichLead = 'its id, external id, email or phone'

  const load = all
    .command('import')
    .argument('<file.csv>', 'a CSV whose first line names its columns')
    .option('--cadence <name>', 'enrol the leads in this cadence, spread out')
    .option('--as <state>', '"dead": with their reasons; nobody contacts them by itself')
    .description('load what a company already has; bad rows are named by their line')
  does<LeadsImportOptions>(
    load,
    async () => (await import('../commands/leads/import.ts')).importLeads,
  )

  const list = all
    .command('list')
    .option('--status <status>', 'nurturing, engaged, converted, dead, erased or held')
    .option('--reason <reason>', 'the dead reason')
    .option('--q <text>', 'a name, company, email, phone or external id')
    .option('--stuck', 'leads to which nothing will happen by itself; exit code 1 when any are')
    .option('--limit <n>', 'leads on a page, at most 200')
    .option('--cursor <cursor>', 'the next page')
    .description('list leads, newest first')
  does<LeadsListOptions>(list, async () => (await import('../commands/leads/list.ts')).listLeads)

  const show = all
    .command('show')
    .argument('<lead>', whichLead)
    .description('show a lead and what happened to it')
  does(show, async () => (await import('../commands/leads/show.ts')).showLead)

  const explain = all
    .command('explain')
    .argument('<lead>', whichLead)
    .description('say why it is contacted, why not, and what comes next')
  does(explain, async () => (await import('../commands/leads/explain.ts')).explainLead)

  describeLeadActions(all, does, whichLead)

  const story = root
    .command('history')
    .argument('<lead>', whichLead)
    .description('tell the story of a lead’s workflow, over all its runs')
  does(story, async () => (await import('../commands/history.ts')).history)
}

/** Who is never contacted. */
export function describeSuppressions(root: Command, does: Does): void {
  const all = group(root, 'suppressions', 'lists of people not to contact')

  const load = all
    .command('import')
    .argument('<file.csv>', 'columns email, phone, channel, at, reason; or one number a line')
    .option('--list <list>', 'suppression, or dnc: the national do-not-call list', 'suppression')
    .option('--as-of <date>', 'the day a do-not-call list was taken from the registry')
    .description('load a list; the leads on it stop at once, bad rows are named by their line')
  does<StopListCliOptions>(
    load,
    async () => (await import('../commands/suppressions.ts')).importSuppressions,
  )

  const save = all
    .command('export')
    .argument('[file.csv]', 'where to write; standard output when left out')
    .description('write all suppressions as keyed hashes, in plain where a lead is on file')
  does(save, async () => (await import('../commands/suppressions.ts')).exportSuppressions)
}

/** What the company offers. */
export function describeOfferings(root: Command, does: Does): void {
  const all = group(root, 'offerings', 'what the company offers, and who was lost for want of it')

  const list = all
    .command('list')
    .option('--all', 'what was withdrawn, too')
    .description('list the catalogue, and how many lost leads were told')
  does<OfferingListOptions>(
    list,
    async () => (await import('../commands/offerings.ts')).listOfferings,
  )

  const add = all
    .command('add')
    .argument('<name>', 'what it is called')
    .option('--words <phrases>', 'words under which people ask for it, separated by commas')
    .option('--tags <tags>', 'tags of leads for whom it is meant, separated by commas')
    .option('--description <words>', 'what it is')
    .option('--dry-run', 'only say how many lost leads would be told')
    .description('add an offering; the leads it was missing for are told, a few at a time')
  does<OfferingAddOptions>(add, async () => (await import('../commands/offerings.ts')).addOffering)

  const remove = all
    .command('remove')
    .argument('<id>', 'its id, from the list')
    .description('withdraw an offering; who waits to be told of it is not told any more')
  does(remove, async () => (await import('../commands/offerings.ts')).removeOffering)
}
