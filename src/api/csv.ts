import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { CsvError, type Parser, parse } from 'csv-parse'
import type { CsvLine } from '../leads/incoming/import.ts'
import { Refusal } from '../leads/intake.ts'

/** One line may not be longer: an open quote would otherwise swallow the file into memory. */
const LONGEST_LINE = 100_000

/** @throws Refusal 415 for a body that is not declared as CSV */
export function requireCsv(type: string | undefined): void {
  if (/^text\/csv\b/i.test(type ?? '')) return
  const fix = 'Send the file itself with Content-Type: text/csv.'
  throw new Refusal(415, 'not_csv', 'The body is not declared as CSV.', fix)
}

/**
 * The lines of a CSV file with their numbers, as they come in.
 * @throws Refusal 422 where the file cannot be read any further
 */
export async function* csvLines(body: Request['body']): AsyncGenerator<CsvLine> {
  if (body === null) return
  // Kept here and not in the parser's own buffer, which is lost with the first error.
  const rows: CsvLine[] = []
  const parser = parse({
    bom: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: LONGEST_LINE,
    on_record: (cells: string[], { lines }) => {
      rows.push({ line: lines, cells })
      return null
    },
  })
  const failure = new Promise<Error>((resolve) => parser.once('error', resolve))
  const source = Readable.fromWeb(body as ReadableStream)
  let read = 0
  const taken = () => {
    read = rows.at(-1)?.line ?? read
    return rows.splice(0)
  }
  try {
    for await (const chunk of source) {
      const failed = await Promise.race([written(parser, chunk), failure])
      yield* taken()
      if (failed !== null) throw failed
    }
    const failed = await Promise.race([ended(parser), failure])
    yield* taken()
    if (failed !== null) throw failed
  } catch (error) {
    if (error instanceof CsvError) throw unreadable(error, read + 1)
    throw error
  } finally {
    source.destroy()
    parser.destroy()
  }
}

/** Null once the parser has read the chunk. */
function written(parser: Parser, chunk: Uint8Array): Promise<null> {
  return new Promise((resolve) => parser.write(chunk, (error) => error ?? resolve(null)))
}

/** Null once the parser has read everything. */
function ended(parser: Parser): Promise<null> {
  return new Promise((resolve) => {
    parser.once('end', () => resolve(null))
    parser.resume()
    parser.end()
  })
}

/**
 * The parser's own message quotes cells, so only its code is told, and the line at which the row
 * begins: an open quote reaches to the end of the file.
 */
function unreadable(error: CsvError, line: number): Refusal {
  return new Refusal(
    422,
    'unreadable_csv',
    `The file cannot be read from line ${line} on; good rows before it were taken.`,
    'Look for a quote that is not closed; quotes inside a quoted cell are doubled.',
    { about: { parserCode: error.code } },
  )
}

/** Text as the body of an answer, written as fast as it is read. */
export function bodyOf(parts: AsyncIterable<string>): ReadableStream<Uint8Array> {
  return Readable.toWeb(
    Readable.from(encoded(parts), { objectMode: false }),
  ) as ReadableStream<Uint8Array>
}

async function* encoded(parts: AsyncIterable<string>): AsyncGenerator<Buffer> {
  for await (const part of parts) yield Buffer.from(part)
}
