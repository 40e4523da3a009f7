import { type EngineRules } from '../../domain/company/company.ts'
import { PRIORITY } from '../../domain/contract.ts'
import type { Executor } from '../../store/executor.ts'
import { newId } from '../../store/new-id.ts'
import type { Ring } from '../../temporal/doorbell.ts'
import { type FieldProblem, type Intake, Refusal } from '../intake.ts'
import { readHeaders } from './import-columns.ts'
import { type ImportMode, readRow } from './import-row.ts'
import type { Post } from './post.ts'
import { upsertLead } from './upsert.ts'

/** One line of the file as a CSV parser read it; the first names the columns. */
export interface CsvLine {
  /** Counts from 1, as editors show it. */
  readonly line: number
  readonly cells: readonly string[]
}

export interface ImportProblem extends FieldProblem {
  readonly line: number
}

export interface ImportReport {
  readonly id: string
  readonly rows: number
  readonly created: number
  readonly updated: number
  readonly rejected: number
  /** The first of them; `rejected` counts all. */
  readonly errors: readonly ImportProblem[]
  readonly moreErrors: boolean
}

export interface ImportContext {
  readonly mode: ImportMode
  readonly fileName: string
  readonly rules: EngineRules
  readonly who: string
}

/**
 * Rows per transaction. PGlite has one session, and a lead's own form must not wait longer for it
 * than a person notices.
 */
const BATCH = 20
/** An import of a million bad rows must not become a report of a million entries. */
const MOST_ERRORS = 1_000

interface Item {
  readonly line: number
  readonly post: Post
}

/**
 * Imports leads from a stream, in constant memory: good rows are taken batch by batch, bad ones
 * told with their line. Running it again changes nothing that is known.
 * @throws Refusal 422 when the first line cannot be read; nothing was taken then
 */
export async function importLeads(
  intake: Intake,
  lines: AsyncIterable<CsvLine>,
  context: ImportContext,
): Promise<ImportReport> {
  const tally = new Tally(newId('import'))
  const iterator = lines[Symbol.asyncIterator]()
  const first = await iterator.next()
  const headers = headersOf(first.done === true ? null : first.value)
  await begin(intake, tally, context)
  const batch: Item[] = []
  const take = () => takeBatch(intake, batch.splice(0), tally, context)
  try {
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
      const { line, cells } = next.value
      tally.rows += 1
      const row = readRow(headers, cells, context.mode, intake.now())
      if (row.ok) batch.push({ line, post: row.post })
      else tally.reject(line, row.problems)
      if (batch.length >= BATCH) await take()
    }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    // The file cannot be read any further; what came before counts.
    await take()
    await finish(intake, tally)
    const { status, code, message, fix, about } = error
    throw new Refusal(status, code, message, fix, { about: { ...about, report: tally.report() } })
  }
  await take()
  await finish(intake, tally)
  return tally.report()
}

function headersOf(first: CsvLine | null) {
  if (first === null) {
    const fix = 'The first line names the columns, such as email,firstName,phone.'
    throw new Refusal(422, 'empty_file', 'The file is empty.', fix)
  }
  const reading = readHeaders(first.cells)
  if (reading.ok) return reading.headers
  const [problem] = reading.problems
  throw new Refusal(
    422,
    'invalid_columns',
    `Line ${first.line}: ${problem?.message ?? 'the columns cannot be read.'}`,
    problem?.fix ?? '',
    { problems: reading.problems },
  )
}

class Tally {
  readonly id: string
  rows = 0
  created = 0
  updated = 0
  rejected = 0
  readonly #errors: ImportProblem[] = []
  #left = false

  constructor(id: string) {
    this.id = id
  }

  reject(line: number, problems: readonly FieldProblem[]): void {
    this.rejected += 1
    for (const problem of problems) {
      if (this.#errors.length < MOST_ERRORS) this.#errors.push({ line, ...problem })
      else this.#left = true
    }
  }

  report(): ImportReport {
    const { id, rows, created, updated, rejected } = this
    // Within a batch, rows that the store refuses are told after those that cannot be read.
    const errors = this.#errors.toSorted((a, b) => a.line - b.line)
    return { id, rows, created, updated, rejected, errors, moreErrors: this.#left }
  }
}

async function takeBatch(
  intake: Intake,
  batch: readonly Item[],
  tally: Tally,
  context: ImportContext,
): Promise<void> {
  if (batch.length === 0) return
  const taken = await intake.store.transaction((trx) => takeRows(trx, intake, batch, context))
  for (const each of taken) {
    if (each.kind === 'rejected') tally.reject(each.line, each.problems)
    else if (each.created) tally.created += 1
    else tally.updated += 1
  }
  const rings = taken.flatMap((each): Ring[] =>
    each.kind === 'taken' && each.ring !== null
      ? [{ ...each.ring, priority: PRIORITY.import }]
      : [],
  )
  if (rings.length > 0) intake.doorbell.ring(rings)
}

type RowTaken =
  | { readonly kind: 'taken'; readonly created: boolean; readonly ring: Ring | null }
  | { readonly kind: 'rejected'; readonly line: number; readonly problems: readonly FieldProblem[] }

async function takeRows(
  trx: Executor,
  intake: Intake,
  batch: readonly Item[],
  { rules, who }: ImportContext,
): Promise<RowTaken[]> {
  const taken: RowTaken[] = []
  for (const { line, post } of batch) {
    try {
      const { created, ring } = await upsertLead(trx, post, {
        hashKeys: intake.hashKeys,
        rules,
        via: who,
        receivedAt: intake.now(),
        begunBy: 'import',
        eventId: null,
      })
      taken.push({ kind: 'taken', created, ring })
    } catch (error) {
      // A refusal comes before anything of its row is written; the others' rows stay.
      if (!(error instanceof Refusal)) throw error
      taken.push({ kind: 'rejected', line, problems: problemsOf(error) })
    }
  }
  return taken
}

function problemsOf(refusal: Refusal): readonly FieldProblem[] {
  if (refusal.problems.length > 0) {
    return refusal.problems.map((each) => ({ ...each, field: each.field.replace(/^lead\./, '') }))
  }
  return [{ field: refusal.code, message: refusal.message, fix: refusal.fix }]
}

async function begin(intake: Intake, { id }: Tally, context: ImportContext): Promise<void> {
  await intake.store.db
    .insertInto('imports')
    .values({
      id,
      file_name: context.fileName,
      mode: context.mode.kind,
      accepted: 0,
      rejected: 0,
      finished_at: null,
      created_at: intake.now(),
    })
    .execute()
}

async function finish(intake: Intake, tally: Tally): Promise<void> {
  await intake.store.db
    .updateTable('imports')
    .set({
      accepted: tally.created + tally.updated,
      rejected: tally.rejected,
      finished_at: intake.now(),
    })
    .where('id', '=', tally.id)
    .execute()
}
