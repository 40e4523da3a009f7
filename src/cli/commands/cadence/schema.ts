import { cadenceJsonSchema } from '../../../domain/cadence/file/parse.ts'
import { EXIT, type Exit } from '../../exit.ts'
import type { Terminal } from '../../terminal.ts'

/** `rekindle cadence schema`: for completion, help and checks while a cadence is written. */
export function cadenceSchema(terminal: Terminal): Promise<Exit> {
  const schema = cadenceJsonSchema()
  terminal.answer(schema)
  terminal.say(JSON.stringify(schema, null, 2))
  return Promise.resolve(EXIT.ok)
}
