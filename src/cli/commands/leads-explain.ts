import { z } from 'zod'
import { ask } from '../data/client.ts'
import { leadIdFor } from '../data/leads.ts'
import { withData } from '../data/open.ts'
import { EXIT, type Exit } from '../exit.ts'
import type { Terminal } from '../terminal.ts'

const channelSchema = z.looseObject({ allowed: z.boolean(), words: z.string() })
const explanationSchema = z.looseObject({
  summary: z.string(),
  where: z.looseObject({
    zone: z.string(),
    evidence: z.array(z.string()),
    warnings: z.array(z.string()),
    textHours: z.looseObject({ words: z.string() }),
  }),
  channels: z.object({ email: channelSchema, sms: channelSchema }),
  holds: z.array(z.looseObject({ because: z.string() })),
  unprocessed: z.number(),
})

/** `rekindle leads explain LEAD`: why it is contacted, why not, what comes next and when. */
export async function explainLead(
  terminal: Terminal,
  [meant = '']: readonly string[],
): Promise<Exit> {
  const said = await withData(terminal, async (client) => {
    const id = encodeURIComponent(await leadIdFor(client, meant))
    return ask(client, explanationSchema, `/v1/leads/${id}/explain`)
  })
  terminal.answer(said)
  terminal.say(said.summary)
  for (const { because } of said.holds) terminal.say(`It is held: ${because}.`)
  terminal.say()
  terminal.say(`Email now?  ${said.channels.email.words}`)
  terminal.say(`Text now?   ${said.channels.sms.words}`)
  terminal.say()
  terminal.say(`Its time is told in ${said.where.zone}: ${said.where.evidence.join('; ')}.`)
  terminal.say(said.where.textHours.words)
  for (const warning of said.where.warnings) terminal.say(`But ${warning}.`)
  if (said.unprocessed > 0) {
    terminal.say(`${said.unprocessed} signals were accepted and are not looked at yet.`)
  }
  return EXIT.ok
}
