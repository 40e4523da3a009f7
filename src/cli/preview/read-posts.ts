import { readFileSync } from 'node:fs'
import { parse } from 'csv-parse/sync'
import { postOf } from '../../api/schemas/lead.ts'
import type { Instant } from '../../domain/time.ts'
import { readHeaders } from '../../leads/incoming/import-columns.ts'
import { readRow } from '../../leads/incoming/import-row.ts'
import type { Post } from '../../leads/incoming/post.ts'
import { EXIT } from '../exit.ts'
import { readLeadsFile } from '../lead-file.ts'
import { CliError, usageError } from '../problem.ts'

/** A sample lead, and how it is called in the answer. */
export interface NamedPost {
  readonly name: string
  readonly post: Post
}

/**
 * The leads of a file: one or a list of them as JSON or YAML (what POST /v1/leads takes), or many
 * as CSV (what an import takes).
 * @throws CliError that names the line and the field
 */
export function readPosts(path: string, now: Instant): readonly NamedPost[] {
  if (/\.csv$/i.test(path)) return readCsv(path, now)
  const posts = readLeadsFile(path).map((posted) => postOf(posted, now))
  if (posts.length === 0) throw problem(['There is no lead in the list.'])
  return posts.map((post, index) => {
    const { firstName, externalId } = post.lead
    const unnamed = posts.length === 1 ? 'the lead' : `lead ${index + 1}`
    return { name: firstName ?? externalId ?? unnamed, post }
  })
}

function readCsv(path: string, now: Instant): readonly NamedPost[] {
  const [first, ...rows] = linesOf(path)
  const reading = readHeaders(first?.cells ?? [])
  if (!reading.ok) throw problem(reading.problems.map(({ message }) => `line 1: ${message}`))
  const mode = { kind: 'enroll', cadence: undefined, source: undefined } as const
  const read = rows.map(({ line, cells }) => ({
    line,
    row: readRow(reading.headers, cells, mode, now),
  }))
  const faults = read.flatMap(({ line, row }) =>
    row.ok ? [] : row.problems.map(({ field, message }) => `line ${line}, ${field}: ${message}`),
  )
  if (faults.length > 0) throw problem(faults)
  const posts = read.flatMap(({ line, row }) => (row.ok ? [{ line, post: row.post }] : []))
  if (posts.length === 0) throw problem(['There is no lead below the first line.'])
  return posts.map(({ line, post }) => {
    const { firstName, externalId } = post.lead
    return { name: firstName ?? externalId ?? `line ${line}`, post }
  })
}

interface Line {
  readonly line: number
  readonly cells: readonly string[]
}

interface InfoRecord {
  readonly record: readonly string[]
  readonly info: { readonly lines: number }
}

function linesOf(path: string): readonly Line[] {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    throw usageError(`The file "${path}" cannot be read.`, 'Name a CSV, JSON or YAML file.')
  }
  try {
    const options = { bom: true, info: true, relaxColumnCount: true, skipEmptyLines: true }
    // Its types do not know what `info` adds to a record.
    const parsed = parse(text, options) as unknown as readonly InfoRecord[]
    return parsed.map(({ record, info }) => ({ line: info.lines, cells: record }))
  } catch (error) {
    throw problem([error instanceof Error ? error.message : 'it is no CSV'])
  }
}

function problem(messages: readonly string[]): CliError {
  return new CliError(EXIT.no, {
    code: 'invalid_leads',
    message: messages.join('\n'),
    fix: 'Correct the file; docs/how-to/load-what-you-have.md lists the columns.',
  })
}
