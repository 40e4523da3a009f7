import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { readYaml } from '../../domain/cadence/file/yaml-source.ts'
import { COMPANY_FILE } from '../../local/folder.ts'
import { folderFor } from '../company-folder.ts'
import { ask } from '../data/client.ts'
import { withData } from '../data/open.ts'
import { EXIT, type Exit } from '../exit.ts'
import { CliError, usageError } from '../problem.ts'
import type { Terminal } from '../terminal.ts'

/** `rekindle settings apply [FILE]`: the settings as a file says; what it leaves out stays. */
export async function applySettings(terminal: Terminal, [named]: readonly string[]): Promise<Exit> {
  const path = named ?? join(folderFor(terminal, undefined), COMPANY_FILE)
  if (!existsSync(path)) {
    throw usageError(`There is no file "${path}".`, 'Name it, or make one: `rekindle init DIR`.')
  }
  const reading = readYaml(path, readFileSync(path, 'utf8'))
  if (!reading.ok) {
    const [problem] = reading.problems
    throw new CliError(EXIT.no, {
      code: 'invalid_settings',
      message: `${path}:${problem?.line ?? 1}: ${problem?.message ?? 'It is no YAML.'}`,
      fix: problem?.fix ?? 'Correct the file.',
    })
  }
  const settings = await withData(terminal, (client) =>
    ask(client, z.looseObject({}), '/v1/settings', {
      method: 'PATCH',
      body: JSON.stringify(reading.source.value),
      headers: { 'Content-Type': 'application/json' },
    }),
  )
  terminal.answer(settings)
  terminal.say(`${path}: the settings are as it says.`)
  return EXIT.ok
}
