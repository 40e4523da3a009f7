import { z } from 'zod'
import { ask } from '../data/client.ts'
import { withData } from '../data/open.ts'
import { EXIT, type Exit } from '../exit.ts'
import { usageError } from '../problem.ts'
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

/** `rekindle report NAME`; there is one so far: overview. */
export async function report(terminal: Terminal, [name = '']: readonly string[]): Promise<Exit> {
  if (name !== 'overview') {
    throw usageError(`There is no report "${name}".`, 'There is one: rekindle report overview.')
  }
  const said = await withData(terminal, (client) =>
    ask(client, overviewSchema, '/v1/reports/overview'),
  )
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
