import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describeProblem, type Problem } from '../domain/cadence/file/problems.ts'
import { checkExamples } from '../domain/replies/examples.ts'
import { rulesWith } from '../domain/replies/shipped.ts'
import type { ReplyRules } from '../domain/replies/types.ts'
import type { SourceFile } from '../domain/templates/parse.ts'
import { EXIT } from './exit.ts'
import { CliError, usageError } from './problem.ts'

export interface ReplyRuleFiles {
  readonly files: readonly SourceFile[]
  /** They and those that ship, in the order in which they are asked. */
  readonly rules: ReplyRules
  /** Examples that do not hold. */
  readonly problems: readonly Problem[]
}

/**
 * Reads a company's own reply rules from files, or from folders of YAML files.
 * @throws CliError for a path that cannot be read, and for rules that cannot
 */
export function readReplyRuleFiles(paths: readonly string[]): ReplyRuleFiles {
  const files = paths.flatMap(filesAt).map((path) => ({ path, text: read(path) }))
  const parsing = rulesWith(files)
  if (!parsing.ok) {
    throw new CliError(EXIT.no, {
      code: 'invalid_reply_rules',
      message: parsing.problems.map(describeProblem).join('\n'),
      fix: 'Correct the lines named; docs/how-to/extend-the-reply-rules.md has the whole language.',
    })
  }
  return { files, rules: parsing.rules, problems: checkExamples(parsing.rules) }
}

function filesAt(path: string): string[] {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined) {
    throw usageError(`There is no file "${path}".`, 'Name a file of rules, or a folder of them.')
  }
  if (!found.isDirectory()) return [path]
  const names = readdirSync(path).filter((name) => /\.ya?ml$/.test(name))
  return names.toSorted().map((name) => join(path, name))
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    throw usageError(
      `The file "${basename(path)}" cannot be read.`,
      'Check the path and your rights to it.',
    )
  }
}
