import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import type { Cadence } from '../../domain/cadence/types.ts'
import { bareDetails } from '../../domain/lead.ts'
import type { Entry } from '../../domain/preview/types.ts'
import { DAY_MS, plus } from '../../domain/time.ts'
import { describeLocal } from '../../domain/time-zones.ts'
import { type PreviewSet, previewPost } from '../preview/preview-post.ts'
import { dayOf, endWords, type ToldPreview, whatOf, wordsOf } from '../preview/tell.ts'
import { readWhatIf } from '../preview/what-if.ts'
import { type DiffLine, diffLines } from './line-diff.ts'
import { readTranscript, type Transcript } from './transcript-file.ts'

export interface Checked {
  readonly path: string
  readonly transcript: Transcript
  /** What the cadence does now. */
  readonly now: readonly string[]
  readonly same: boolean
  /** The expected lines beside those of now. */
  readonly diff: readonly DiffLine[]
}

/** Plays one transcript by the pure preview and compares it with what was saved. */
export function checkTranscript(path: string, set: PreviewSet): Checked {
  const transcript = readTranscript(path, readFileSync(path, 'utf8'))
  const { post, from, days, entry, whatIf, expected } = transcript
  // The file's name spreads the lead over the day: another machine finds the same times.
  const name = `${set.cadence.name}/${basename(path)}`
  const until = plus(from, days * DAY_MS)
  const told = previewPost({ name, post }, set, {
    entry: entry ?? usualEntry(set.cadence),
    from,
    until,
    whatIf: readWhatIf(whatIf, from),
  })
  const now = linesOf(told)
  const diff = diffLines(expected ?? [], now)
  return { path, transcript, now, diff, same: diff.every(({ kind }) => kind === 'same') }
}

/** What decided; the advice behind it may be put better without anything being decided anew. */
function reasonOf(because: string): string {
  const [first = '', second = ''] = because.split(/(?<=\.)\s+/)
  return first.length > 5 ? first : `${first} ${second}`
}

/** New leads come by their form; the others were given up before. */
function usualEntry({ purpose }: Cadence): Entry {
  if (purpose === 'nurture') return { kind: 'form' }
  return { kind: 'revival', details: bareDetails('unresponsive') }
}

/** A preview as lines that a person reads, and that differ where anything of weight does. */
function linesOf(told: ToldPreview): string[] {
  const lines = told.preview.events.map((event) => {
    const when = `day ${dayOf(told, event.at)}, ${describeLocal(event.at, told.zone)}`
    const words = event.kind === 'dropped' ? reasonOf(event.because) : wordsOf(event)
    return `${when}: ${whatOf(event)}${words === '' ? '' : ` | ${words}`}`
  })
  return [...lines, endWords(told)]
}
