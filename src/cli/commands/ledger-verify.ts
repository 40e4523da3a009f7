import { z } from 'zod'
import { count } from '../count.ts'
import { askForLines } from '../data/client.ts'
import { withData } from '../data/open.ts'
import { EXIT, type Exit } from '../exit.ts'
import type { Terminal } from '../terminal.ts'

const reportSchema = z.object({
  leads: z.number(),
  entries: z.number(),
  erased: z.number(),
  faults: z.array(
    z.object({
      leadId: z.string(),
      seq: z.number().nullable(),
      kind: z.string(),
      because: z.string(),
    }),
  ),
  moreFaults: z.boolean(),
})

/** `rekindle ledger verify`: whether what was decided and sent still says what it said. */
export async function verifyLedger(terminal: Terminal): Promise<Exit> {
  const report = await withData(terminal, (client) =>
    askForLines(client, reportSchema, '/v1/ledger/verification', {}, ({ leads }) => {
      if (terminal.interactive) terminal.note(`  ${String(leads)} leads …`)
    }),
  )
  terminal.answer({ sound: report.faults.length === 0, ...report })
  for (const { leadId, seq, kind, because } of report.faults) {
    terminal.say(`${leadId}${seq === null ? '' : `, entry ${seq}`}: ${kind}. ${because}`)
  }
  const { leads, entries, erased, faults } = report
  const gone = erased === 0 ? '' : `, ${erased} of them without their erased payload`
  terminal.say(
    `${count(entries, 'entry', 'entries')} of ${count(leads, 'lead')} recomputed${gone}.`,
  )
  const more = report.moreFaults ? ' There are more; these are the first.' : ''
  terminal.say(
    faults.length === 0 ? 'The ledger is sound.' : `${count(faults.length, 'fault')} found.${more}`,
  )
  return faults.length === 0 ? EXIT.ok : EXIT.no
}
