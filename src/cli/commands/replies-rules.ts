import { z } from 'zod'
import { describeProblem } from '../../domain/cadence/file/problems.ts'
import { ask, posting } from '../data/client.ts'
import { withData } from '../data/open.ts'
import { EXIT, type Exit } from '../exit.ts'
import { readReplyRuleFiles } from '../reply-rule-files.ts'
import type { Terminal } from '../terminal.ts'

/** `rekindle replies validate FILE…`: every problem with its line, and whether examples hold. */
export async function validateReplyRules(
  terminal: Terminal,
  paths: readonly string[],
): Promise<Exit> {
  const { rules, problems } = readReplyRuleFiles(paths)
  terminal.answer({ valid: problems.length === 0, rulesVersion: rules.version, problems })
  for (const problem of problems) terminal.say(describeProblem(problem))
  if (problems.length > 0) return EXIT.no
  const examples = rules.rules.reduce((sum, each) => sum + each.examples.length, 0)
  terminal.say(`${rules.rules.length} rules, ${examples} examples: all hold (${rules.version}).`)
  return EXIT.ok
}

const publishedSchema = z.object({ rulesVersion: z.string() })

/** `rekindle replies publish FILE…`: these rules instead of the company's last ones. */
export async function publishReplyRules(
  terminal: Terminal,
  paths: readonly string[],
): Promise<Exit> {
  const { files } = readReplyRuleFiles(paths)
  const published = await withData(terminal, (client) =>
    ask(client, publishedSchema, '/v1/reply-rules', posting({ files })),
  )
  terminal.answer(published)
  terminal.say(`Published: answers are read by ${published.rulesVersion} from now on.`)
  return EXIT.ok
}
