import { createReadStream, createWriteStream, statSync } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream as WebStream } from 'node:stream/web'
import { z } from 'zod'
import { askForLines, withQuery } from '../data/client.ts'
import { withData } from '../data/open.ts'
import { EXIT, type Exit } from '../exit.ts'
import { CliError, usageError } from '../problem.ts'
import type { Terminal } from '../terminal.ts'

export interface StopListCliOptions {
  readonly list?: string
  readonly asOf?: string
}

const reportSchema = z.object({
  rows: z.number(),
  added: z.number(),
  known: z.number(),
  rejected: z.number(),
  leadsStopped: z.number(),
  dropped: z.number(),
  errors: z.array(
    z.object({ line: z.number(), field: z.string(), message: z.string(), fix: z.string() }),
  ),
  moreErrors: z.boolean(),
  problem: z.object({ code: z.string(), message: z.string(), fix: z.string() }).nullable(),
})

/** `rekindle suppressions import FILE.csv`: streams the file; every bad row is named by its line. */
export async function importSuppressions(
  terminal: Terminal,
  [path = '']: readonly string[],
  { list = 'suppression', asOf }: StopListCliOptions,
): Promise<Exit> {
  if (list !== 'suppression' && list !== 'dnc') {
    throw usageError(`There is no list "${list}".`, 'Write --list suppression or --list dnc.')
  }
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) {
    throw usageError(`There is no file "${path}".`, 'Name a CSV file.')
  }
  const report = await withData(terminal, (client) => {
    terminal.note(`Loading ${path} into ${client.from} …`)
    // Typed by the platform that streams requests: `duplex` is of fetch, not of the DOM's types.
    const request: RequestInit = {
      method: 'POST',
      headers: { 'Content-Type': 'text/csv' },
      body: Readable.toWeb(createReadStream(path)) as ReadableStream<Uint8Array>,
      duplex: 'half',
    }
    const query = { list, asOf: asOf === undefined ? undefined : instantOf(asOf) }
    const to = withQuery('/v1/suppressions/import', query)
    return askForLines(client, reportSchema, to, request, progress(terminal))
  })
  terminal.answer(report)
  tell(terminal, path, list, report)
  return report.rejected === 0 && report.problem === null ? EXIT.ok : EXIT.no
}

/** `rekindle suppressions export [FILE.csv]`: to the file, else to standard output. */
export async function exportSuppressions(
  terminal: Terminal,
  [path]: readonly string[],
): Promise<Exit> {
  return withData(terminal, async (client) => {
    const response = await client.send('/v1/suppressions/export')
    if (!response.ok || response.body === null) {
      throw new CliError(EXIT.missing, {
        code: `http_${response.status}`,
        message: 'The suppressions could not be read.',
        fix: 'Look into the log of the instance.',
      })
    }
    const source = Readable.fromWeb(response.body as WebStream<Uint8Array>)
    if (path === undefined) {
      for await (const chunk of source.setEncoding('utf8')) await terminal.write(String(chunk))
      return EXIT.ok
    }
    await pipeline(source, createWriteStream(path, { mode: 0o600 }))
    terminal.say(`Written to ${path}.`)
    return EXIT.ok
  })
}

/** A day is its midnight UTC. */
function instantOf(text: string): string {
  const at = Date.parse(text)
  if (Number.isNaN(at)) {
    throw usageError(`"${text}" is no date.`, 'Write --as-of 2026-11-20, the day of the download.')
  }
  return new Date(at).toISOString()
}

const TOLD_EVERY = 100_000

function progress(terminal: Terminal) {
  let told = 0
  return ({ rows }: Readonly<Record<string, unknown>>) => {
    const done = Number(rows)
    if (done - told < TOLD_EVERY) return
    told = done
    terminal.note(`  ${done} rows`)
  }
}

function tell(
  terminal: Terminal,
  path: string,
  list: 'suppression' | 'dnc',
  report: z.output<typeof reportSchema>,
): void {
  const { rows, added, known, rejected, leadsStopped, dropped, problem } = report
  for (const { line, field, message, fix } of report.errors) {
    terminal.say(`${path}:${line}: ${field}: ${message} ${fix}`)
  }
  if (report.moreErrors) terminal.say('… and more; correct these and load the file again.')
  if (problem !== null) terminal.say(`${path}: ${problem.message} ${problem.fix}`)
  const effect =
    list === 'dnc'
      ? `${dropped} numbers of earlier lists are off it.`
      : `${leadsStopped} leads stopped.`
  terminal.say(
    `${rows} rows: ${added} new, ${known} known already, ${rejected} not taken; ${effect}`,
  )
}
