import type { z } from 'zod'
import { ask, withQuery } from '../../data/client.ts'
import { leadPageSchema, nameOf, type ShownLead } from '../../data/leads.ts'
import { withData } from '../../data/open.ts'
import { EXIT, type Exit } from '../../exit.ts'
import { table } from '../../table.ts'
import type { Terminal } from '../../terminal.ts'

export interface LeadsListOptions {
  readonly status?: string
  readonly reason?: string
  readonly q?: string
  readonly stuck?: true
  readonly limit?: string
  readonly cursor?: string
}

/** `rekindle leads list`: a page of leads, newest first. */
export async function listLeads(
  terminal: Terminal,
  _args: readonly string[],
  { stuck, ...query }: LeadsListOptions,
): Promise<Exit> {
  const path = withQuery('/v1/leads', { ...query, ...(stuck && { stuck: 'true' }) })
  const page = await withData(terminal, (client) => ask(client, leadPageSchema, path))
  terminal.answer(page)
  tell(terminal, page)
  // A stuck lead is a fault: a script that watches for them hears of it by the exit code.
  return stuck && page.items.length > 0 ? EXIT.no : EXIT.ok
}

function tell(terminal: Terminal, { items, cursor }: z.output<typeof leadPageSchema>): void {
  if (items.length === 0) return terminal.say('No leads.')
  const rows = items.map((lead) => [lead.id, nameOf(lead), statusOf(lead), lead.next.words ?? ''])
  for (const line of table(['id', 'lead', 'status', 'what comes next'], rows)) terminal.say(line)
  if (cursor !== null) terminal.say(`More: add --cursor ${cursor}`)
}

function statusOf({ status, dead, cadence }: ShownLead): string {
  if (dead !== null) return `dead (${dead.reason})`
  return cadence === null ? status : `${status} in ${cadence.name}`
}
