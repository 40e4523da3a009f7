import { z } from 'zod'
import { count } from '../count.ts'
import { askForLines, posting } from '../data/client.ts'
import { withData } from '../data/open.ts'
import { EXIT, type Exit } from '../exit.ts'
import { CliError } from '../problem.ts'
import type { Terminal } from '../terminal.ts'

export interface RepairOptions {
  readonly dryRun?: true
}

const countsSchema = z.object({
  looked: z.number(),
  sound: z.number(),
  missing: z.number(),
  ahead: z.number(),
  behind: z.number(),
  touches: z.number(),
  orphans: z.number(),
})
const repairedSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('done'), counts: countsSchema }),
  z.object({
    kind: z.literal('stopped'),
    counts: countsSchema,
    last: z.string().nullable(),
    trouble: z.object({ code: z.string(), message: z.string(), fix: z.string() }),
  }),
])

/** `rekindle repair`: rebuilds missing or stale workflows from the rows. */
export async function repair(
  terminal: Terminal,
  _args: readonly string[],
  options: RepairOptions,
): Promise<Exit> {
  const dryRun = options.dryRun === true
  const request = posting({ dryRun })
  const repaired = await withData(terminal, (client) =>
    askForLines(client, repairedSchema, '/v1/repair', request, ({ looked }) => {
      if (terminal.interactive) terminal.note(`  ${String(looked)} leads …`)
    }),
  )
  if (repaired.kind === 'stopped') throw new CliError(EXIT.missing, repaired.trouble)
  const { counts } = repaired
  terminal.answer({ dryRun, ...counts })
  const did = (is: string, would: string) => (dryRun ? would : is)
  terminal.say(`${count(counts.looked, 'lead')} looked at, ${counts.sound} sound.`)
  tellCount(terminal, counts.missing, `had no workflow: ${did('started', 'would be started')}`)
  tellCount(
    terminal,
    counts.ahead,
    `knew more than the rows: ${did('planned', 'would be planned')} anew`,
  )
  tellCount(terminal, counts.behind, `had not heard of a change: ${did('rung', 'would be rung')}`)
  tellCount(terminal, counts.touches, 'touches were found in histories alone and are uncertain now')
  tellCount(terminal, counts.orphans, 'workflows run for leads that the store does not know')
  const wrong = counts.missing + counts.ahead + counts.behind + counts.orphans
  return dryRun && wrong > 0 ? EXIT.no : EXIT.ok
}

function tellCount(terminal: Terminal, count: number, words: string): void {
  if (count > 0) terminal.say(`  ${count} ${words}`)
}
