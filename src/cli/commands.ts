import type { Command } from 'commander'
import type { CadencePreviewOptions } from './commands/cadence/preview.ts'
import type { CadenceTestOptions } from './commands/cadence/test.ts'
import type { CadenceValidateOptions } from './commands/cadence/validate.ts'
import type { DoctorOptions } from './commands/doctor.ts'
import type { StopListOptions, StopOnOptions } from './commands/emergency-stop.ts'
import type { InspectReplyOptions } from './commands/inspect/reply.ts'
import type { LeadsImportOptions } from './commands/leads/import.ts'
import type { LeadsListOptions } from './commands/leads/list.ts'
import type { LedgerExportOptions } from './commands/ledger-export.ts'
import type { OfferingAddOptions, OfferingListOptions } from './commands/offerings.ts'
import type { OutboundOptions } from './commands/outbound.ts'
import type { RehearseOptions } from './commands/rehearse.ts'
import type { RepairOptions } from './commands/repair.ts'
import type { ReplayOptions } from './commands/replay.ts'
import type { StopListCliOptions } from './commands/suppressions.ts'
import type { Exit } from './exit.ts'
import {
  describeBulk,
  describeCadencePauses,
  describeLeadActions,
  describeSegments,
} from './operator-commands.ts'
import { describePublishing } from './publishing-commands.ts'
import type { SpanOptions } from './report-span.ts'
import type { Terminal } from './terminal.ts'

/** A command as it is run: with what it was given, and its options. */
export type Run<Options> = (
  terminal: Terminal,
  args: readonly string[],
  options: Options,
) => Promise<Exit>

/** Ties a described command to the module that does it, loaded when it is called. */
export type Does = <Options>(command: Command, load: () => Promise<Run<Options>>) => void

/** Every command: its words, its arguments, and where it lives. */
export function describeCommands(root: Command, does: Does): void {
  running(root, does)
  virtualTime(root, does)
  cadences(root, does)
  replies(root, does)
  leads(root, does)
  describeBulk(root, does)
  describeSegments(root, does)
  suppressions(root, does)
  offerings(root, does)
  operating(root, does)
  inspecting(root, does)
}

function running(root: Command, does: Does): void {
  const start = root.command('start').description('run everything in one process, until Ctrl-C')
  does(start, async () => (await import('./commands/start.ts')).runStart)

  const api = root.command('api').description('run the api and the console alone')
  does(api, async () => (await import('./commands/api.ts')).apiCommand)

  const worker = root.command('worker').description('run a worker alone: it plans and sends')
  does(worker, async () => (await import('./commands/worker.ts')).workerCommand)

  const init = root
    .command('init')
    .argument('<dir>', 'where; what is there already is left as it is')
    .description('make the company’s own folder: cadences, templates, settings, for git')
  does(init, async () => (await import('./commands/init.ts')).initFolder)

  const settings = group(root, 'settings', 'the company’s settings as a file')
  const apply = settings
    .command('apply')
    .argument('[file]', 'company.yaml of the company’s folder when left out')
    .description('change the settings to what a file says; what it leaves out stays')
  does(apply, async () => (await import('./commands/settings-apply.ts')).applySettings)

  const outbound = root
    .command('outbound')
    .option('--to <mode>', 'where the switch will be turned: allowlist or live')
    .option('--due <what>', 'what becomes of what is due then: shift, skip or cancel')
    .description('say what would leave when OUTBOUND is turned, and decide what becomes of it')
  does<OutboundOptions>(outbound, async () => (await import('./commands/outbound.ts')).outbound)

  const migrate = root.command('migrate').description('bring the database up to date')
  does(migrate, async () => (await import('./commands/migrate.ts')).migrateCommand)

  const doctor = root
    .command('doctor')
    .option(
      '--channels <to>',
      'try email and texts too, with a test message to this address or number',
    )
    .description('say what a start would find, and what to do about what is missing')
  does<DoctorOptions>(doctor, async () => (await import('./commands/doctor.ts')).doctor)
}

function virtualTime(root: Command, does: Does): void {
  const demo = root
    .command('demo')
    .description('watch three sample leads live through sixty days, in virtual time')
  does(demo, async () => (await import('./commands/demo.ts')).demo)

  const rehearse = root
    .command('rehearse')
    .argument('<cadence>', 'a cadence file, or the name of a cadence that ships')
    .requiredOption('--lead <file>', 'leads as JSON or YAML (what POST /v1/leads takes), or CSV')
    .requiredOption('--days <n>', 'how many days the leads live')
    .option('--dead <reason>', 'for a revival: why the leads were given up', 'unresponsive')
    .option('--settings <file>', 'company settings as JSON or YAML: hours, caps, calendars …')
    .option('--compare', 'compare each with its preview; exit code 1 when they disagree')
    .description('send leads through one cadence in virtual time, and read what they would get')
  does<RehearseOptions>(rehearse, async () => (await import('./commands/rehearse.ts')).rehearse)
}

function cadences(root: Command, does: Does): void {
  const all = group(root, 'cadence', 'check and publish cadences')
  const files = 'cadence files, or a folder with cadences/ and templates/ in it'

  const validate = all
    .command('validate')
    .argument('<file...>', files)
    .option('--strict', 'exit code 1 for warnings as well: what is allowed and hardly meant')
    .description('find every problem, with its line and what to write instead')
  does<CadenceValidateOptions>(
    validate,
    async () => (await import('./commands/cadence/validate.ts')).validateCadences,
  )

  const preview = all
    .command('preview')
    .argument('<cadence>', 'a cadence file, or the name of a cadence that ships')
    .requiredOption('--lead <file>', 'leads as JSON or YAML, or many as CSV')
    .option('--from <time>', 'when it begins, as ISO 8601; now when absent')
    .option('--days <n>', 'how many days are shown', '60')
    .option('--dead <reason>', 'the lead was given up for this reason before')
    .option('--import', 'the lead comes with an import, not by its own form')
    .option('--what-if <what...>', '"reply on day 9", "STOP on day 3", "unknown place" …')
    .option('--html <file>', 'write a page to print or to send round')
    .option('--settings <file>', 'company settings as JSON or YAML: hours, caps, calendars …')
    .option('--real', 'by the real workflow in virtual time: a rehearsal')
    .description('show what a lead would get, when, and why then; nothing is sent')
  does<CadencePreviewOptions>(
    preview,
    async () => (await import('./commands/cadence/preview.ts')).previewCadences,
  )

  const schema = all
    .command('schema')
    .description('print the JSON Schema of a cadence file, for editors')
  does(schema, async () => (await import('./commands/cadence/schema.ts')).cadenceSchema)
  const test = all
    .command('test')
    .argument('[file...]', 'cadences, their transcripts, or a folder; this folder when left out')
    .option('--update', 'save what the cadences do now')
    .description('check that cadences still do what their saved transcripts say')
  does<CadenceTestOptions>(
    test,
    async () => (await import('./commands/cadence/test.ts')).testCadences,
  )

  describePublishing(all, does, files)

  describeCadencePauses(all, does)
}

function replies(root: Command, does: Does): void {
  const all = group(root, 'replies', 'check and publish the rules by which answers are read')
  const files = 'files of rules, or folders of them'

  const validate = all
    .command('validate')
    .argument('<file...>', files)
    .description('find every problem with its line, and every example that does not hold')
  does(validate, async () => (await import('./commands/replies-rules.ts')).validateReplyRules)

  const publish = all
    .command('publish')
    .argument('<file...>', files)
    .description('read answers by these rules as well, instead of those published before')
  does(publish, async () => (await import('./commands/replies-rules.ts')).publishReplyRules)
}

function leads(root: Command, does: Does): void {
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
    async () => (await import('./commands/leads/import.ts')).importLeads,
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
  does<LeadsListOptions>(list, async () => (await import('./commands/leads/list.ts')).listLeads)

  const show = all
    .command('show')
    .argument('<lead>', whichLead)
    .description('show a lead and what happened to it')
  does(show, async () => (await import('./commands/leads/show.ts')).showLead)

  const explain = all
    .command('explain')
    .argument('<lead>', whichLead)
    .description('say why it is contacted, why not, and what comes next')
  does(explain, async () => (await import('./commands/leads/explain.ts')).explainLead)

  describeLeadActions(all, does, whichLead)

  const story = root
    .command('history')
    .argument('<lead>', whichLead)
    .description('tell the story of a lead’s workflow, over all its runs')
  does(story, async () => (await import('./commands/history.ts')).history)
}

function suppressions(root: Command, does: Does): void {
  const all = group(root, 'suppressions', 'lists of people not to contact')

  const load = all
    .command('import')
    .argument('<file.csv>', 'columns email, phone, channel, at, reason; or one number a line')
    .option('--list <list>', 'suppression, or dnc: the national do-not-call list', 'suppression')
    .option('--as-of <date>', 'the day a do-not-call list was taken from the registry')
    .description('load a list; the leads on it stop at once, bad rows are named by their line')
  does<StopListCliOptions>(
    load,
    async () => (await import('./commands/suppressions.ts')).importSuppressions,
  )

  const save = all
    .command('export')
    .argument('[file.csv]', 'where to write; standard output when left out')
    .description('write all suppressions as keyed hashes, in plain where a lead is on file')
  does(save, async () => (await import('./commands/suppressions.ts')).exportSuppressions)
}

function offerings(root: Command, does: Does): void {
  const all = group(root, 'offerings', 'what the company offers, and who was lost for want of it')

  const list = all
    .command('list')
    .option('--all', 'what was withdrawn, too')
    .description('list the catalogue, and how many lost leads were told')
  does<OfferingListOptions>(
    list,
    async () => (await import('./commands/offerings.ts')).listOfferings,
  )

  const add = all
    .command('add')
    .argument('<name>', 'what it is called')
    .option('--words <phrases>', 'words under which people ask for it, separated by commas')
    .option('--tags <tags>', 'tags of leads for whom it is meant, separated by commas')
    .option('--description <words>', 'what it is')
    .option('--dry-run', 'only say how many lost leads would be told')
    .description('add an offering; the leads it was missing for are told, a few at a time')
  does<OfferingAddOptions>(add, async () => (await import('./commands/offerings.ts')).addOffering)

  const remove = all
    .command('remove')
    .argument('<id>', 'its id, from the list')
    .description('withdraw an offering; who waits to be told of it is not told any more')
  does(remove, async () => (await import('./commands/offerings.ts')).removeOffering)
}

function operating(root: Command, does: Does): void {
  const repair = root
    .command('repair')
    .option('--dry-run', 'only say what would be done; exit code 1 when anything would')
    .description('rebuild missing or stale workflows from the rows')
  does<RepairOptions>(repair, async () => (await import('./commands/repair.ts')).repair)

  const replay = root
    .command('replay')
    .option('--from <folder>', 'histories as JSON files')
    .option('--live <n>', 'the newest so many leads that run now')
    .description('check that this version’s workflow fits recorded or running histories')
  does<ReplayOptions>(replay, async () => (await import('./commands/replay.ts')).replay)

  const stop = group(root, 'emergency-stop', 'stop what must not leave now, and lift it again')
  const on = stop
    .command('on')
    .option('--everything', 'every message to everybody')
    .option('--cadence <name>', 'what this cadence plans')
    .option('--channel <channel>', 'email or sms')
    .option('--state <code>', 'leads who may be in this state, such as LA')
    .requiredOption('--because <words>', 'why; shown to everybody who works with it')
    .description('put an emergency stop on: it holds from the answer on')
  does<StopOnOptions>(on, async () => (await import('./commands/emergency-stop.ts')).stopOn)
  const off = stop
    .command('off')
    .argument('<id>', 'its id, from the list')
    .description('lift an emergency stop; what waited goes on')
  does(off, async () => (await import('./commands/emergency-stop.ts')).stopOff)
  const stops = stop
    .command('list')
    .option('--all', 'those that were lifted, too')
    .description('list emergency stops and what they hold; exit code 1 when any is on')
  does<StopListOptions>(stops, async () => (await import('./commands/emergency-stop.ts')).listStops)

  const ledger = group(root, 'ledger', 'check the record of decisions and touches')
  const verify = ledger
    .command('verify')
    .description('recompute every chain: finds edits, gaps and cut tails')
  does(verify, async () => (await import('./commands/ledger-verify.ts')).verifyLedger)

  const pack = ledger
    .command('export')
    .argument('<lead>', 'its id, external id, email or phone')
    .option('--html', 'as one page to print, instead of JSON')
    .description('write the evidence for a dispute; exit code 1 when its chain is not sound')
  does<LedgerExportOptions>(
    pack,
    async () => (await import('./commands/ledger-export.ts')).exportLedger,
  )

  const report = root
    .command('report')
    .argument('<name>', 'overview, cadence, revocations or consents')
    .argument('[cadence]', 'for cadence: one cadence; all when left out')
    .option('--from <day>', 'only from this day, or instant, on')
    .option('--to <day>', 'only before this day, or instant')
    .description('print a report')
  does<SpanOptions>(report, async () => (await import('./commands/report.ts')).report)
}

function inspecting(root: Command, does: Does): void {
  const all = group(root, 'inspect', 'ask what facts, mails and answers mean, as JSON lines')
  const window = all
    .command('window')
    .description('whether the law allows a message to a person at an instant')
    .addHelpText('after', WINDOW_HELP)
  does(window, async () => (await import('./commands/inspect/window.ts')).inspectWindow)

  const agent = all
    .command('agent')
    .description('whether user agents are people’s browsers or programs')
    .addHelpText('after', AGENT_HELP)
  does(agent, async () => (await import('./commands/inspect/agent.ts')).inspectAgent)

  const bounce = all
    .command('bounce')
    .argument('<file.eml...>', 'files with one raw mail each')
    .description('what a mail that came in is: a bounce and of which kind, or none')
    .addHelpText('after', BOUNCE_HELP)
  does(bounce, async () => (await import('./commands/inspect/bounce.ts')).inspectBounce)

  const reply = all
    .command('reply')
    .option('--rules <path>', 'a file or folder of your own rules, asked as well')
    .option('--explain', 'tell the rule that decided, its version and what it found')
    .description('what an answer means: its intent, and the words that are the person’s own')
    .addHelpText('after', REPLY_HELP)
  does<InspectReplyOptions>(
    reply,
    async () => (await import('./commands/inspect/reply.ts')).inspectReply,
  )
}

const BOUNCE_HELP = `
Writes a line {file, kind, recipients, enhancedStatus} for each file. The kind is hard, soft or
policy for a bounce, or complaint, delayed, auto-reply or not-a-bounce.`

const WINDOW_HELP = `
Reads lines {id, channel, at, phone, state, zip, timezone} on stdin and writes
{id, allowed, nextAllowedAt, rules}: calling windows and holidays only.

  echo '{"id":1,"channel":"sms","at":"2026-11-22T03:00:00Z","phone":"+12125550142"}' \\
    | rekindle inspect window`

const AGENT_HELP = `
Reads lines {id, userAgent} on stdin and writes {id, kind}: human or bot. An empty user agent, and
a program that nobody knows, is a bot.

  echo '{"id":1,"userAgent":"curl/8.4.0"}' | rekindle inspect agent`

const REPLY_HELP = `
Reads lines {id, channel, text} on stdin, with subject, at and timezone where they are known, and
writes {id, intent, detail, visibleText, confidence}.

  echo '{"id":1,"channel":"sms","text":"call me after the holidays"}' | rekindle inspect reply`

/** A command that only holds others. */
function group(root: Command, name: string, about: string): Command {
  return root.command(name).description(about).helpCommand(false)
}
