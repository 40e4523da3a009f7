import { z } from 'zod'
import { ask, withQuery } from '../data/client.ts'
import { withData } from '../data/open.ts'
import { EXIT, type Exit } from '../exit.ts'
import { usageError } from '../problem.ts'
import { reportCadence } from '../report-cadence.ts'
import { type SpanOptions, spanQuery } from '../report-span.ts'
import { table } from '../table.ts'
import type { Terminal } from '../terminal.ts'

const overviewSchema = z.looseObject({
  byStatus: z.array(z.object({ status: z.string(), leads: z.number() })),
  byDeadReason: z.array(z.object({ reason: z.string(), leads: z.number() })),
  bySource: z.array(
    z.object({
      source: z.string(),
      leads: z.number(),
      dead: z.number(),
      converted: z.number(),
    }),
  ),
  held: z.number(),
  stuck: z.number(),
  openTasks: z.number(),
})

const revocationsSchema = z.looseObject({
  from: z.string(),
  to: z.string(),
  revocations: z.array(
    z.object({
      channel: z.string(),
      cause: z.string(),
      count: z.number(),
      medianMs: z.number().nullable(),
      p95Ms: z.number().nullable(),
      slowestMs: z.number().nullable(),
      late: z.number(),
      unmeasured: z.number(),
    }),
  ),
  confirmations: z.array(z.object({ outcome: z.string(), count: z.number() })),
  sentAfterwards: z.number(),
})

const consentsSchema = z.object({
  byStrength: z.array(z.object({ label: z.string(), count: z.number() })),
})

/** `rekindle report NAME`: overview, cadence, revocations or consents. */
export async function report(
  terminal: Terminal,
  [name = '', cadence]: readonly string[],
  options: SpanOptions,
): Promise<Exit> {
  const span = spanQuery(options)
  const path = withQuery(`/v1/reports/${name}`, span)
  switch (name) {
    case 'overview':
      return overview(terminal, path)
    case 'cadence':
      return reportCadence(terminal, withQuery(`/v1/reports/${name}`, { ...span, cadence }))
    case 'revocations':
      return revocations(terminal, path)
    case 'consents':
      return consents(terminal, path)
    default:
      throw usageError(
        `There is no report "${name}".`,
        'There are: rekindle report overview, cadence, revocations, consents.',
      )
  }
}

/** How fast stops took effect: in the last 30 days, unless another span is asked for. */
async function revocations(terminal: Terminal, path: string): Promise<Exit> {
  const said = await withData(terminal, (client) => ask(client, revocationsSchema, path))
  terminal.answer(said)
  const ms = (value: number | null) => (value === null ? '' : `${value} ms`)
  const head = ['channel', 'cause', 'stops', 'median', '95 %', 'slowest', 'late']
  const rows = said.revocations.map((row) => [
    row.channel,
    row.cause,
    String(row.count),
    ms(row.medianMs),
    ms(row.p95Ms),
    ms(row.slowestMs),
    String(row.late),
  ])
  for (const line of table(head, rows)) terminal.say(line)
  terminal.say()
  const answers = said.confirmations.map(({ outcome, count }) => `${count} ${outcome}`)
  terminal.say(
    `From received to effective, ${said.from} to ${said.to}; late: after ten business days.`,
  )
  terminal.say(`Confirmations of STOP: ${answers.join(', ') || 'none'}.`)
  terminal.say(`Messages that left afterwards: ${said.sentAfterwards}.`)
  return said.sentAfterwards === 0 ? EXIT.ok : EXIT.no
}

/** Written consents to texts, by the strength of their evidence. */
async function consents(terminal: Terminal, path: string): Promise<Exit> {
  const said = await withData(terminal, (client) => ask(client, consentsSchema, path))
  terminal.answer(said)
  const rows = said.byStrength.map(({ label, count }) => [label, String(count)])
  for (const line of table(['evidence', 'written consents'], rows)) terminal.say(line)
  return EXIT.ok
}

async function overview(terminal: Terminal, path: string): Promise<Exit> {
  const said = await withData(terminal, (client) => ask(client, overviewSchema, path))
  terminal.answer(said)
  const tell = (head: readonly string[], rows: readonly (readonly string[])[]) => {
    for (const line of table(head, rows)) terminal.say(line)
    terminal.say()
  }
  const { byStatus, byDeadReason, bySource, held, stuck, openTasks } = said
  tell(
    ['status', 'leads'],
    byStatus.map(({ status, leads }) => [status, String(leads)]),
  )
  tell(
    ['dead for', 'leads'],
    byDeadReason.map(({ reason, leads }) => [reason, String(leads)]),
  )
  tell(
    ['source', 'leads', 'dead', 'converted'],
    bySource.map((row) => [row.source, row.leads, row.dead, row.converted].map(String)),
  )
  terminal.say(`Held: ${held}. Open tasks: ${openTasks}. Stuck: ${stuck}.`)
  return EXIT.ok
}
