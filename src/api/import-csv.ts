import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { CsvError, parse } from 'csv-parse'
import type { EngineRules } from '../domain/company.ts'
import { type FieldProblem, type Intake, Refusal } from '../leads/intake.ts'
import { upsertLead } from '../leads/upsert.ts'
import { newId } from '../store/new-id.ts'
import type { Ring } from '../temporal/doorbell.ts'
import { checkHeader, type ImportMode, type ImportRow, postOfRow } from './import-rows.ts'

export interface ImportRequest {
  readonly csv: ReadableStream<Uint8Array> | NodeJS.ReadableStream
  readonly mode: ImportMode
  readonly fileName: string
  readonly who: string
}

/** A row that was not taken, and why; `line` counts from 1, the header included. */
export interface RowProblem extends FieldProblem {
  readonly line: number
}

export interface ImportReport {
  readonly importId: string
  readonly accepted: number
  readonly rejected: number
  readonly problems: readonly RowProblem[]
  /** More were rejected than are listed. */
  readonly truncated: boolean
}

/** Enough to mend a file by; a wholly wrong one must not fill the memory. */
const MOST_PROBLEMS = 1_000
const RINGS_AT_ONCE = 50
const MOST_ROW_BYTES = 100_000

/**
 * Takes a CSV as a stream, row by row, each in a transaction of its own: what is accepted is
 * durable, what is not is told with its line, and the same file again changes nothing. Memory
 * stays flat; leads are rung at the lowest priority.
 * @throws Refusal 422 when the file is no CSV or its header is wrong: nothing was taken then
 */
export async function importCsv(
  intake: Intake,
  rules: EngineRules,
  request: ImportRequest,
): Promise<ImportReport> {
  const report = new Report()
  const importId: string = newId('import')
  await noteStart(intake, importId, request)
  let rings: Ring[] = []
  try {
    for await (const { record, line } of rowsOf(request)) {
      const ring = await takeRow(intake, rules, request, record, line, report)
      if (ring !== null) rings.push(ring)
      if (rings.length >= RINGS_AT_ONCE) rings = await ringAll(intake, rings)
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    report.reject(typeof error.lines === 'number' ? error.lines : 0, csvProblem(error))
  } finally {
    await ringAll(intake, rings)
    await noteEnd(intake, importId, report)
  }
  return { importId, ...report.done() }
}

async function ringAll({ doorbell }: Intake, rings: readonly Ring[]): Promise<Ring[]> {
  doorbell.ring(rings)
  await doorbell.settle()
  return []
}

interface Row {
  readonly record: ImportRow
  readonly line: number
}

async function* rowsOf({ csv, mode }: ImportRequest): AsyncGenerator<Row> {
  const source = csv instanceof Readable ? csv : Readable.fromWeb(csv as ReadableStream<Uint8Array>)
  const parser = source.pipe(
    parse({
      bom: true,
      info: true,
      trim: true,
      skip_empty_lines: true,
      max_record_size: MOST_ROW_BYTES,
      columns: (header: string[]) => {
        checkHeader(header, mode)
        return header
      },
    }),
  )
  source.on('error', (error) => parser.destroy(error))
  for await (const item of parser) {
    const { record, info } = item as { record: ImportRow; info: { lines: number } }
    yield { record, line: info.lines }
  }
}

async function takeRow(
  intake: Intake,
  rules: EngineRules,
  { mode, who }: ImportRequest,
  record: ImportRow,
  line: number,
  report: Report,
): Promise<Ring | null> {
  const receivedAt = intake.now()
  try {
    const post = postOfRow(record, mode, receivedAt)
    const { ring } = await intake.store.transaction((trx) =>
      upsertLead(trx, post, {
        hashKeys: intake.hashKeys,
        rules,
        via: who,
        receivedAt,
        begunBy: 'import',
        eventId: null,
      }),
    )
    report.accept()
    return ring
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const problems = error.problems.length > 0 ? error.problems : [asProblem(error)]
    report.reject(line, ...problems)
    return null
  }
}

function asProblem({ message, fix }: Refusal): FieldProblem {
  return { field: 'row', message, fix }
}

function csvProblem(error: CsvError): FieldProblem {
  const quoted = error.code.includes('QUOTE')
  return {
    field: 'row',
    message: `The file is not valid CSV from here on (${error.code.toLowerCase()}).`,
    fix: quoted
      ? 'Write quotes inside a quoted cell twice.'
      : 'Give every row as many cells as the header.',
  }
}

class Report {
  #accepted = 0
  #rejected = 0
  readonly #problems: RowProblem[] = []
  #truncated = false

  accept(): void {
    this.#accepted += 1
  }

  reject(line: number, ...problems: readonly FieldProblem[]): void {
    this.#rejected += 1
    for (const problem of problems) {
      if (this.#problems.length >= MOST_PROBLEMS) this.#truncated = true
      else this.#problems.push({ line, ...problem })
    }
  }

  done(): Omit<ImportReport, 'importId'> {
    return {
      accepted: this.#accepted,
      rejected: this.#rejected,
      problems: this.#problems,
      truncated: this.#truncated,
    }
  }
}

async function noteStart(
  { store, now }: Intake,
  importId: string,
  { fileName, mode }: ImportRequest,
): Promise<void> {
  await store.db
    .insertInto('imports')
    .values({
      id: importId,
      file_name: fileName,
      mode: mode.kind === 'dead' ? 'dead' : `enroll ${mode.cadence}`,
      accepted: 0,
      rejected: 0,
      finished_at: null,
      created_at: now(),
    })
    .execute()
}

async function noteEnd({ store, now }: Intake, importId: string, report: Report): Promise<void> {
  const { accepted, rejected } = report.done()
  await store.db
    .updateTable('imports')
    .set({ accepted, rejected, finished_at: now() })
    .where('id', '=', importId)
    .execute()
}
