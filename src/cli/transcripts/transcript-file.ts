import { type Document, isMap, parseDocument } from 'yaml'
import { z } from 'zod'
import { instantSchema } from '../../api/schemas/common.ts'
import { deadDetails, deadSchema } from '../../api/schemas/dead.ts'
import { consentSchema, leadSchema, postOf } from '../../api/schemas/lead.ts'
import { validated } from '../../api/validate.ts'
import type { Entry } from '../../domain/preview/types.ts'
import type { Instant } from '../../domain/time.ts'
import type { Post } from '../../leads/incoming/post.ts'
import { Refusal } from '../../leads/intake.ts'
import { EXIT } from '../exit.ts'
import { CliError } from '../problem.ts'

/** What a cadence is expected to do for one lead, as it is saved beside the cadence. */
export interface Transcript {
  readonly post: Post
  readonly from: Instant
  readonly days: number
  /** null: as the cadence's purpose has it. */
  readonly entry: Entry | null
  readonly whatIf: readonly string[]
  /** null before it was recorded for the first time. */
  readonly expected: readonly string[] | null
  readonly document: Document
}

const schema = z.strictObject({
  lead: leadSchema,
  consents: z.array(consentSchema).max(20).optional(),
  from: instantSchema,
  days: z.number().int().min(1).max(1_000),
  enter: z.enum(['form', 'import']).optional(),
  dead: deadSchema.optional(),
  'what-if': z.array(z.string()).max(50).optional(),
  expect: z.array(z.string()).max(1_000).nullish(),
})

/**
 * Reads one transcript. The lead enters by its form, by an import, or was dead for a year with the
 * reason of `dead`.
 * @throws CliError that names the file and what is wrong
 */
export function readTranscript(path: string, text: string): Transcript {
  const document = parseDocument(text)
  const [fault] = document.errors
  if (fault !== undefined || !isMap(document.contents)) {
    throw wrong(path, fault?.message.split('\n')[0] ?? 'it is no list of keys.')
  }
  const read = readBody(path, document.toJS())
  return {
    post: postOf({ lead: read.lead, consents: read.consents }, read.from),
    from: read.from,
    days: read.days,
    entry: entryOf(read),
    whatIf: read['what-if'] ?? [],
    expected: read.expect ?? null,
    document,
  }
}

function entryOf({ dead, enter, from }: z.output<typeof schema>): Entry | null {
  if (dead !== undefined) return { kind: 'revival', details: deadDetails(dead, from) }
  return enter === undefined ? null : { kind: enter }
}

/** The file with what the cadence does now; comments and everything else stay. */
export function withExpected({ document }: Transcript, lines: readonly string[]): string {
  const updated = document.clone() as Document
  updated.set('expect', updated.createNode([...lines]))
  return updated.toString({ lineWidth: 0 })
}

function readBody(path: string, body: unknown): z.output<typeof schema> {
  try {
    return validated(schema, body)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const all = error.problems.map(({ field, message, fix }) => `${field}: ${message} ${fix}`)
    throw wrong(path, all.join('\n') || error.message)
  }
}

const FIX = 'See docs/how-to/test-a-cadence.md for what a transcript holds.'

function wrong(path: string, because: string): CliError {
  const message = `${path}: ${because}`
  return new CliError(EXIT.no, { code: 'invalid_transcript', message, fix: FIX })
}
