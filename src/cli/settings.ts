import { type Config, readConfig } from '../config.ts'
import { EXIT } from './exit.ts'
import { CliError } from './problem.ts'
import type { Terminal } from './terminal.ts'

/**
 * The configuration of this process.
 * @throws CliError (usage) that names every variable that is wrong
 */
export function configOf({ env }: Pick<Terminal, 'env'>): Config {
  const reading = readConfig({ ...env })
  if (reading.ok) return reading.config
  throw new CliError(EXIT.usage, {
    code: 'invalid_configuration',
    message: `The environment is wrong: ${reading.problems.join('; ')}.`,
    fix: 'Correct these variables, or unset them: each has a default that works.',
  })
}
