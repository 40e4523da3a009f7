import { z } from 'zod'
import { RULE_NAMES, ruleWords } from '../../../domain/policy/index.ts'
import { ask } from '../../data/client.ts'
import { leadIdFor } from '../../data/leads.ts'
import { withData } from '../../data/open.ts'
import { EXIT, type Exit } from '../../exit.ts'
import { table } from '../../table.ts'
import type { Terminal } from '../../terminal.ts'

const ruleSchema = z.looseObject({
  rule: z.enum(RULE_NAMES),
  verdict: z.enum(['allow', 'deny', 'not_applicable']),
  because: z.string(),
  source: z.string().nullable(),
  fix: z.string().optional(),
})
const channelSchema = z.looseObject({
  allowed: z.boolean(),
  words: z.string(),
  rules: z.array(ruleSchema),
})
const explanationSchema = z.looseObject({
  summary: z.string(),
  where: z.looseObject({
    zone: z.string(),
    evidence: z.array(z.string()),
    warnings: z.array(z.string()),
    textHours: z.looseObject({ words: z.string() }),
  }),
  channels: z.object({ email: channelSchema, sms: channelSchema }),
  call: channelSchema,
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
  const { email, sms } = said.channels
  tellChannel(terminal, 'Email now?', email)
  tellChannel(terminal, 'Text now?', sms)
  tellChannel(terminal, 'Call now?', said.call)
  terminal.say(`Its time is told in ${said.where.zone}: ${said.where.evidence.join('; ')}.`)
  terminal.say(said.where.textHours.words)
  for (const warning of said.where.warnings) terminal.say(`But ${warning}.`)
  if (said.unprocessed > 0) {
    terminal.say(`${said.unprocessed} signals were accepted and are not looked at yet.`)
  }
  return EXIT.ok
}

/** The decision in a paragraph, and each rule of it on a line, with the law it rests on. */
function tellChannel(
  terminal: Terminal,
  question: string,
  { words, rules }: z.infer<typeof channelSchema>,
): void {
  terminal.say(terminal.paint('bold', `${question} ${words}`))
  const rows = rules.map((one) => {
    const { rule, verdict } = ruleWords(one)
    // The last column is left open: what is long stands there.
    const source = one.source === null ? '' : ` (${one.source})`
    return [rule, verdict, `${one.because}${source}`]
  })
  for (const line of table(['rule', 'verdict', 'because (source)'], rows)) terminal.say(line)
  terminal.say()
}
