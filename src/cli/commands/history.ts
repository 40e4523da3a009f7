import { z } from 'zod'
import { ask } from '../data/client.ts'
import { leadIdFor } from '../data/leads.ts'
import { withData } from '../data/open.ts'
import { EXIT, type Exit } from '../exit.ts'
import type { Terminal } from '../terminal.ts'

const historySchema = z.looseObject({
  text: z.array(z.string()),
  trouble: z.looseObject({ message: z.string() }).nullable(),
})

/** `rekindle history LEAD`: the story of its workflow in words, over all runs. */
export async function history(terminal: Terminal, [meant = '']: readonly string[]): Promise<Exit> {
  const { text, ...story } = await withData(terminal, async (client) => {
    const id = encodeURIComponent(await leadIdFor(client, meant))
    return ask(client, historySchema, `/v1/leads/${id}/history`)
  })
  terminal.answer(story)
  for (const line of text) terminal.say(line)
  return story.trouble === null ? EXIT.ok : EXIT.missing
}
