import { createReadStream, type ReadStream, statSync } from 'node:fs'
import { basename } from 'node:path'
import { Readable, Transform } from 'node:stream'
import { z } from 'zod'
import { count } from '../../count.ts'
import { ask, withQuery } from '../../data/client.ts'
import { withData } from '../../data/open.ts'
import { EXIT, type Exit } from '../../exit.ts'
import { CliError, usageError } from '../../problem.ts'
import type { Terminal } from '../../terminal.ts'

export interface LeadsImportOptions {
  readonly cadence?: string
  readonly as?: string
}

const reportSchema = z.object({
  id: z.string(),
  rows: z.number(),
  created: z.number(),
  updated: z.number(),
  rejected: z.number(),
  errors: z.array(
    z.object({ line: z.number(), field: z.string(), message: z.string(), fix: z.string() }),
  ),
  moreErrors: z.boolean(),
})

/** `rekindle leads import FILE.csv`: streams the file; every bad row is named by its line. */
export async function importLeads(
  terminal: Terminal,
  [path = '']: readonly string[],
  options: LeadsImportOptions,
): Promise<Exit> {
  const mode = modeOf(options)
  const file = openCsv(path)
  const loading = withData(terminal, async (client) => {
    terminal.note(`Loading ${path} into ${client.from} …`)
    // Typed by the platform that streams requests: `duplex` is of fetch, not of the DOM's types.
    const request: RequestInit = {
      method: 'POST',
      headers: { 'Content-Type': 'text/csv' },
      body: Readable.toWeb(
        file.stream.pipe(progress(terminal, file.bytes)),
      ) as ReadableStream<Uint8Array>,
      duplex: 'half',
    }
    const query = { ...mode, fileName: basename(path) }
    return ask(client, reportSchema, withQuery('/v1/imports', query), request)
  })
  const report = await loading.catch((error: unknown) => {
    // The file could not be read to its end: what came before was taken all the same.
    const before = reportSchema.safeParse(error instanceof CliError && error.problem.report)
    if (before.success) tell(terminal, path, before.data)
    throw error
  })
  terminal.answer(report)
  tell(terminal, path, report)
  return report.rejected === 0 ? EXIT.ok : EXIT.no
}

function modeOf({ cadence, as }: LeadsImportOptions): Record<string, string> {
  if (as !== undefined && as !== 'dead') {
    throw usageError(`Leads cannot be loaded as "${as}".`, 'Write --as dead, or --cadence NAME.')
  }
  if ((as === undefined) === (cadence === undefined)) {
    throw usageError(
      'It is not said what becomes of the leads.',
      'Write either --cadence NAME (they are contacted) or --as dead (nobody contacts them).',
    )
  }
  return cadence === undefined ? { mode: 'dead' } : { mode: 'enroll', cadence }
}

function openCsv(path: string): { stream: ReadStream; bytes: number } {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found?.isFile()) return { stream: createReadStream(path), bytes: found.size }
  throw usageError(`There is no file "${path}".`, 'Name a CSV file.')
}

/** Says how much was read, at most every tenth, where a person is looking. */
function progress(terminal: Terminal, bytes: number): Transform {
  let read = 0
  let told = 0
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      read += chunk.length
      const tenths = bytes === 0 ? 10 : Math.floor((read / bytes) * 10)
      if (terminal.interactive && tenths > told) terminal.note(`  ${tenths * 10} % sent`)
      told = Math.max(told, tenths)
      done(null, chunk)
    },
  })
}

function tell(terminal: Terminal, path: string, report: z.output<typeof reportSchema>): void {
  const { rows, created, updated, rejected, errors, moreErrors } = report
  for (const { line, field, message, fix } of errors) {
    terminal.say(`${path}:${line}: ${field}: ${message} ${fix}`)
  }
  if (moreErrors) terminal.say('… and more; correct these and load the file again.')
  terminal.say(
    `${count(rows, 'row')}: ${count(created, 'new lead')}, ${count(updated, 'known one')}, ${rejected} not taken.`,
  )
  if (rejected > 0) {
    terminal.say('Correct those lines and load the file again: what was taken changes nothing.')
  }
}
