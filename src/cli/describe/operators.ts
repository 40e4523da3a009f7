import type { Command } from 'commander'
import type { BulkOptions, BulkShowOptions } from '../commands/bulk.ts'
import type { CadencePauseOptions, CadenceResumeOptions } from '../commands/cadence/pause.ts'
import type { SegmentLeadsOptions } from '../commands/segments.ts'
import { LEAD_ACTIONS, type LeadActionOptions } from '../lead-actions.ts'
import type { Does } from './does.ts'

/** What an operator asks of one lead: a command for each, with the options that it takes. */
export function describeLeadActions(leads: Command, does: Does, whichLead: string): void {
  for (const [name, { does: what, options }] of Object.entries(LEAD_ACTIONS)) {
    const command = leads.command(name).argument('<lead>', whichLead).description(what)
    for (const option of options) command.option(...option)
    does<LeadActionOptions>(command, async () => {
      const { actOnLead } = await import('../commands/leads/act.ts')
      return (terminal, args, given) => actOnLead(terminal, name, args, given)
    })
  }
  const unqueue = leads
    .command('unqueue')
    .argument('<lead>', whichLead)
    .argument('<cadence>', 'the cadence that waits, as `leads show` names it')
    .description('take a cadence out of a lead’s queue')
  does(unqueue, async () => (await import('../commands/leads/act.ts')).unqueueLead)
}

/** Standing a cadence still, and letting it go on. */
export function describeCadencePauses(cadences: Command, does: Does): void {
  const pause = cadences
    .command('pause')
    .argument('<name>', 'the name of a published cadence')
    .option('--because <words>', 'why; shown on every lead that waits')
    .description('stand a cadence still: nothing of it leaves, and its leads’ clocks stand')
  does<CadencePauseOptions>(
    pause,
    async () => (await import('../commands/cadence/pause.ts')).pauseCadence,
  )

  const resume = cadences
    .command('resume')
    .argument('<name>', 'the name of a paused cadence')
    .option('--mode <mode>', 'shift (when left out), skip-overdue or send-one')
    .option('--preview', 'only say what each mode would do')
    .description('let a cadence go on; its leads are woken so many a minute')
  does<CadenceResumeOptions>(
    resume,
    async () => (await import('../commands/cadence/pause.ts')).resumeCadence,
  )
}

const CONDITIONS: readonly (readonly [string, string])[] = [
  ['--status <status>', 'nurturing, engaged, converted, dead or held'],
  ['--dead-reason <reason>', 'why it is dead'],
  ['--in <cadence>', 'the cadence that it is in'],
  ['--at <step>', 'the step at which it stands'],
  ['--source <source>', 'where it came from'],
  ['--owner <owner>', 'whose it is'],
  ['--tag <tag>', 'a tag that it has'],
  ['--state <code>', 'its state, such as NY'],
  ['--segment <name>', 'a segment that it is in'],
  ['--everyone', 'no condition at all'],
]

/** One operation on many leads. */
export function describeBulk(root: Command, does: Does): void {
  const all = root
    .command('bulk')
    .description('do one thing to many leads, and watch how far it has come')
    .helpCommand(false)
  const actions = Object.keys(LEAD_ACTIONS).filter((name) => name !== 'convert')

  for (const [name, about] of [
    ['preview', 'say how many leads it would concern, and how long it would take'],
    ['start', 'do it, so many a minute or a day'],
  ] as const) {
    const command = all
      .command(name)
      .argument('<action>', actions.join(', '))
      .description(about)
      .addHelpText('after', BULK_HELP)
    for (const condition of CONDITIONS) command.option(...condition)
    for (const option of OPTIONS) command.option(...option)
    command.option('--per-minute <n>', 'how many a minute; 300 when left out')
    command.option('--per-day <n>', 'how many a day, spread over the company’s hours')
    if (name === 'start') {
      command.option('--why <words>', 'why; shown with the run')
      command.option('--expected <n>', 'what the preview counted: more are refused')
    }
    does<BulkOptions>(command, async () => {
      const { beginBulk, previewBulk } = await import('../commands/bulk.ts')
      return name === 'start' ? beginBulk : previewBulk
    })
  }
  const list = all.command('list').description('list the newest runs, and how far they have come')
  does(list, async () => (await import('../commands/bulk.ts')).listBulk)
  const show = all
    .command('show')
    .argument('<id>', 'its id, from the list')
    .option('--wait', 'until it has come to its end')
    .description('show a run, and the leads that it passed over')
  does<BulkShowOptions>(show, async () => (await import('../commands/bulk.ts')).showBulk)
  for (const [how, about] of [
    ['pause', 'let a run stand still'],
    ['resume', 'let it go on, at its pace'],
    ['cancel', 'end it; what it has done stays done'],
  ] as const) {
    const command = all.command(how).argument('<id>', 'its id, from the list').description(about)
    does(command, async () => {
      const { turnBulk } = await import('../commands/bulk.ts')
      return (terminal, args) => turnBulk(terminal, how, args)
    })
  }
}

/** Named conditions. */
export function describeSegments(root: Command, does: Does): void {
  const all = root
    .command('segments')
    .description('name conditions, and see who meets them')
    .helpCommand(false)
  const list = all.command('list').description('list segments, each with its condition in words')
  does(list, async () => (await import('../commands/segments.ts')).listSegments)
  const set = all
    .command('set')
    .argument('<name>', 'small letters, digits and hyphens')
    .argument('<file>', 'YAML or JSON: {title: …, when: a condition as in a cadence}')
    .description('make or change a segment')
  does(set, async () => (await import('../commands/segments.ts')).setSegment)
  const leads = all
    .command('leads')
    .argument('<name>')
    .option('--cursor <cursor>', 'the next page')
    .description('list who is in it now')
  does<SegmentLeadsOptions>(
    leads,
    async () => (await import('../commands/segments.ts')).segmentLeads,
  )
  const remove = all.command('remove').argument('<name>').description('forget a segment')
  does(remove, async () => (await import('../commands/segments.ts')).removeSegment)
}

/** Every option of every action, each once. */
const OPTIONS = Object.values(LEAD_ACTIONS)
  .flatMap(({ options }) => options)
  .filter(([flags], index, all) => all.findIndex(([other]) => other === flags) === index)
  .filter(([flags]) => flags !== '--preview')

const BULK_HELP = `
All conditions that are given must hold. The action's own options are those of \`rekindle leads
ACTION\`:

  rekindle bulk preview resume --status held --owner sam@acme.example --mode send-one
  rekindle bulk start enroll --cadence event-follow-up --source spring-fair --per-day 500`
