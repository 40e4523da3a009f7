import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { readCadence } from '../../cadence-in-set.ts'
import { count } from '../../count.ts'
import { EXIT, type Exit } from '../../exit.ts'
import { withShipped } from '../../preview/preview-post.ts'
import { usageError } from '../../problem.ts'
import type { Terminal } from '../../terminal.ts'
import { type Checked, checkTranscript } from '../../transcripts/check.ts'
import { findTranscripts, firstTranscript, type WithTranscripts } from '../../transcripts/find.ts'
import { withExpected } from '../../transcripts/transcript-file.ts'

export interface CadenceTestOptions {
  readonly update?: true
}

/**
 * `rekindle cadence test [FILE…]`: each cadence still does what its saved transcripts say; the
 * differences line by line when it does not. --update saves what it does now.
 */
export async function testCadences(
  terminal: Terminal,
  paths: readonly string[],
  { update }: CadenceTestOptions,
): Promise<Exit> {
  const found = findTranscripts(paths.length === 0 ? ['.'] : paths).map((each) =>
    update ? withFirst(each, terminal) : each,
  )
  if (found.every(({ transcripts }) => transcripts.length === 0)) {
    throw usageError(
      'There is no transcript beside these cadences.',
      'Run `rekindle cadence test --update`: it begins one for each cadence.',
    )
  }
  const checked: Checked[] = []
  for (const { cadence, transcripts } of found) {
    if (transcripts.length === 0) terminal.note(`${cadence}: it has no transcript.`)
    const set = transcripts.length === 0 ? null : await withShipped(await readCadence(cadence))
    if (set !== null) checked.push(...transcripts.map((path) => checkTranscript(path, set)))
  }
  const different = checked.filter(({ same }) => !same)
  if (update) for (const each of different) save(each)
  terminal.answer({
    same: different.length === 0,
    updated: update ? different.map(({ path }) => path) : [],
    transcripts: checked.map(({ path, same, diff }) => ({
      file: path,
      same,
      differences: diff.filter(({ kind }) => kind !== 'same'),
    })),
  })
  for (const each of checked) tell(terminal, each, update)
  if (update) return EXIT.ok
  if (different.length === 0) {
    terminal.say(`${count(checked.length, 'transcript')}, all as expected.`)
    return EXIT.ok
  }
  const words = different.length === 1 ? 'differs' : 'differ'
  terminal.say(`${different.length} of ${count(checked.length, 'transcript')} ${words}.`)
  terminal.say('When this is what you want: `rekindle cadence test --update`, and review the diff.')
  return EXIT.no
}

function save({ path, transcript, now }: Checked): void {
  writeFileSync(path, withExpected(transcript, now))
}

function tell(terminal: Terminal, { path, same, diff }: Checked, updated = false): void {
  if (same) return terminal.say(`${terminal.paint('green', 'ok')}       ${path}`)
  terminal.say(
    `${terminal.paint(updated ? 'cyan' : 'red', updated ? 'saved' : 'differs')}  ${path}`,
  )
  for (const { kind, text } of diff) {
    if (kind === 'expected') terminal.say(terminal.paint('red', `  - ${text}`))
    if (kind === 'now') terminal.say(terminal.paint('green', `  + ${text}`))
    if (kind === 'same') terminal.say(terminal.paint('dim', `    ${text}`))
  }
}

/** A cadence that has no transcript yet gets the one that most have first. */
function withFirst(found: WithTranscripts, terminal: Terminal): WithTranscripts {
  if (found.transcripts.length > 0) return found
  const path = firstTranscript(found.cadence)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, FIRST)
  terminal.note(`${path}: a first transcript, with a sample lead.`)
  return { ...found, transcripts: [path] }
}

const FIRST = `# Nobody answers: the whole cadence, and what becomes of the lead.
lead: { firstName: Ada, email: ada@example.com, phone: "+1 212 555 0142", state: NY }
consents:
  - channel: sms
    basis: express_written
    disclosure: web-2026-03
    source: https://acme.example/quote
from: 2026-03-02T15:00:00Z
days: 60
`
