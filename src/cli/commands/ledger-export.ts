import { z } from 'zod'
import { ask, askForText } from '../data/client.ts'
import { leadIdFor } from '../data/leads.ts'
import { withData } from '../data/open.ts'
import { EXIT, type Exit } from '../exit.ts'
import type { Terminal } from '../terminal.ts'

export interface LedgerExportOptions {
  readonly html?: true
}

const packSchema = z.looseObject({ chain: z.looseObject({ sound: z.boolean() }) })

/** `rekindle ledger export LEAD`: the evidence for a dispute; exit code 1 when its chain is not sound. */
export async function exportLedger(
  terminal: Terminal,
  [meant = '']: readonly string[],
  options: LedgerExportOptions,
): Promise<Exit> {
  const { pack, page } = await withData(terminal, async (client) => {
    const path = `/v1/leads/${encodeURIComponent(await leadIdFor(client, meant))}/evidence`
    return {
      pack: await ask(client, packSchema, path),
      page: options.html ? await askForText(client, `${path}?format=html`) : null,
    }
  })
  await terminal.write(page ?? `${JSON.stringify(pack, null, 2)}\n`)
  return pack.chain.sound ? EXIT.ok : EXIT.no
}
