import { z } from 'zod'
import { ask } from '../../data/client.ts'
import { leadIdFor, leadSchema, nameOf, type ShownLead } from '../../data/leads.ts'
import { withData } from '../../data/open.ts'
import { EXIT, type Exit } from '../../exit.ts'
import type { Terminal } from '../../terminal.ts'

const entrySchema = z.looseObject({ at: z.string(), kind: z.string(), title: z.string() })

/** `rekindle leads show LEAD`: the lead, and what happened to it. */
export async function showLead(terminal: Terminal, [meant = '']: readonly string[]): Promise<Exit> {
  const { lead, items } = await withData(terminal, async (client) => {
    const path = `/v1/leads/${encodeURIComponent(await leadIdFor(client, meant))}`
    const { lead } = await ask(client, z.object({ lead: leadSchema }), path)
    const timeline = z.object({ items: z.array(entrySchema) })
    return { lead, ...(await ask(client, timeline, `${path}/timeline`)) }
  })
  terminal.answer({ lead, timeline: items })
  tell(terminal, lead)
  terminal.say()
  for (const { at, kind, title } of items) {
    // Decisions are many; `leads explain` and --json have them.
    if (kind !== 'decision') terminal.say(`  ${at.slice(0, 19).replace('T', ' ')}  ${title}`)
  }
  terminal.say('Times are UTC.')
  return EXIT.ok
}

function tell(terminal: Terminal, lead: ShownLead): void {
  const entry = (name: string, value: string | null) => {
    if (value) terminal.say(`  ${name.padEnd(13)}${value}`)
  }
  terminal.say(terminal.paint('bold', nameOf(lead)))
  entry('id', lead.id)
  entry('external id', lead.externalId)
  entry('email', lead.email)
  entry('phone', lead.phone)
  entry('source', lead.source)
  entry('owner', lead.owner)
  entry('status', lead.status)
  if (lead.dead !== null) entry('died', `${lead.dead.reason}, ${lead.dead.since ?? 'just now'}`)
  if (lead.cadence !== null) {
    entry('cadence', [lead.cadence.name, lead.cadence.step].filter(Boolean).join(', step '))
  }
  for (const { because, until } of lead.holds) {
    entry('held', `${because}${until === null ? '' : ` until ${until}`}`)
  }
  entry('next', lead.next.words)
}
