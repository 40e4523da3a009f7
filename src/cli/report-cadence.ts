import { z } from 'zod'
import { ask } from './data/client.ts'
import { withData } from './data/open.ts'
import { EXIT, type Exit } from './exit.ts'
import { table } from './table.ts'
import type { Terminal } from './terminal.ts'

const countsSchema = z.record(z.string(), z.number())
const stepSchema = z.looseObject({
  step: z.string(),
  entered: z.number(),
  waiting: z.number(),
  sent: z.number(),
  delivered: z.number(),
  clicked: z.number(),
  replied: z.number(),
  optedOut: z.number(),
  dropped: countsSchema,
})
const armSchema = z.looseObject({
  step: z.string(),
  arm: z.string(),
  entered: z.number(),
  clicked: z.number(),
  replied: z.number(),
  optedOut: z.number(),
  booked: z.number(),
  converted: z.number(),
})
const reportSchema = z.object({
  items: z.array(
    z.looseObject({
      cadence: z.string(),
      version: z.number(),
      entered: z.number(),
      movedIn: z.number(),
      underWay: z.number(),
      sent: z.number(),
      delivered: z.number(),
      clicked: z.number(),
      replied: z.number(),
      optedOut: z.number(),
      booked: z.number(),
      converted: z.number(),
      revived: z.number(),
      dead: countsSchema,
      steps: z.array(stepSchema),
      arms: z.array(armSchema),
    }),
  ),
})

const VERSION_COLUMNS = [
  'entered',
  'movedIn',
  'underWay',
  'sent',
  'delivered',
  'clicked',
  'replied',
  'optedOut',
  'booked',
  'converted',
  'revived',
] as const
const STEP_COLUMNS = [
  'entered',
  'waiting',
  'sent',
  'delivered',
  'clicked',
  'replied',
  'optedOut',
] as const

const ARM_COLUMNS = ['entered', 'clicked', 'replied', 'optedOut', 'booked', 'converted'] as const

/** `rekindle report cadence [NAME]`: results by version and step, of those who began in the span. */
export async function reportCadence(terminal: Terminal, path: string): Promise<Exit> {
  const said = await withData(terminal, (client) => ask(client, reportSchema, path))
  terminal.answer(said)
  if (said.items.length === 0) terminal.say('No lead began in a cadence in this span.')
  for (const item of said.items) {
    terminal.say(terminal.paint('bold', `${item.cadence}, version ${item.version}`))
    tell(terminal, VERSION_COLUMNS.map(heading), [
      VERSION_COLUMNS.map((column) => String(item[column])),
    ])
    const dead = counts(item.dead)
    if (dead !== '') terminal.say(`dead: ${dead}`)
    tell(
      terminal,
      ['step', ...STEP_COLUMNS.map(heading), 'left out'],
      item.steps.map((step) => [
        step.step,
        ...STEP_COLUMNS.map((column) => String(step[column])),
        counts(step.dropped),
      ]),
    )
    if (item.arms.length > 0) {
      tell(
        terminal,
        ['split', 'way', ...ARM_COLUMNS.map(heading)],
        item.arms.map((arm) => [
          arm.step,
          arm.arm,
          ...ARM_COLUMNS.map((column) => String(arm[column])),
        ]),
      )
    }
    terminal.say()
  }
  return EXIT.ok
}

function tell(
  terminal: Terminal,
  head: readonly string[],
  rows: readonly (readonly string[])[],
): void {
  for (const line of table(head, rows)) terminal.say(line)
}

function heading(column: string): string {
  return column.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
}

function counts(of: Readonly<Record<string, number>>): string {
  return Object.entries(of)
    .map(([name, count]) => `${count} ${name.replaceAll('_', ' ')}`)
    .join(', ')
}
