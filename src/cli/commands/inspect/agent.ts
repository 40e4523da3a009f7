import { z } from 'zod'
import { agentKind } from '../../../domain/agents.ts'
import { EXIT, type Exit } from '../../exit.ts'
import { answerJsonLines, type LineAnswer, lineProblem } from '../../json-lines.ts'
import type { Terminal } from '../../terminal.ts'

const questionSchema = z.object({
  id: z.union([z.string(), z.number()]).nullish(),
  userAgent: z.string().max(10_000).nullish(),
})

/** `rekindle inspect agent`: whether user agents are people's browsers, asked as JSON lines. */
export async function inspectAgent(terminal: Terminal): Promise<Exit> {
  const bad = await answerJsonLines(terminal, answerAgent)
  return bad === 0 ? EXIT.ok : EXIT.no
}

function answerAgent(value: unknown): LineAnswer {
  const read = questionSchema.safeParse(value)
  if (!read.success) return lineProblem(value, read.error)
  const { id = null, userAgent } = read.data
  return { ok: true, value: { id, kind: agentKind(userAgent) } }
}
