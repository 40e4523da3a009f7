import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readCadence } from '../../src/cli/cadence-in-set.ts'
import { withShipped } from '../../src/cli/preview/preview-post.ts'
import { checkTranscript } from '../../src/cli/transcripts/check.ts'
import { findTranscripts } from '../../src/cli/transcripts/find.ts'
import { diffLines } from '../../src/cli/transcripts/line-diff.ts'
import { SHIPPED_FOLDER } from '../../src/local/folder.ts'
import { runCli, temporaryFolder } from './run-cli.ts'

const shipped = findTranscripts([SHIPPED_FOLDER])

describe('the transcripts that ship', () => {
  it.each(shipped)(
    '$cadence has some, and does what they say',
    async ({ cadence, transcripts }) => {
      expect(transcripts.length).toBeGreaterThan(0)
      const set = await withShipped(await readCadence(cadence))
      for (const path of transcripts) {
        const { diff } = checkTranscript(path, set)
        const differences = diff.filter(({ kind }) => kind !== 'same')
        expect(differences, `${path}: rekindle cadence test --update`).toEqual([])
      }
    },
  )
})

describe('rekindle cadence test', () => {
  it('begins a transcript, finds what changes, and saves what is wanted', async () => {
    const folder = await temporaryFolder()
    for (const name of ['cadences/no-show.yaml', 'templates']) {
      await cp(join(SHIPPED_FOLDER, name), join(folder, name), { recursive: true })
    }
    const run = (...more: string[]) => runCli(['cadence', 'test', ...more], { cwd: folder })
    expect(await run()).toMatchObject({ code: 2, stdout: '' })
    expect(await run('--update')).toMatchObject({ code: 0 })
    const file = join(folder, 'cadences/no-show.transcripts/nobody-answers.yaml')
    const saved = await readFile(file, 'utf8')
    expect(saved).toContain('email we-missed-you | We missed each other, Ada')

    const cadence = join(folder, 'cadences/no-show.yaml')
    const text = await readFile(cadence, 'utf8')
    await writeFile(cadence, text.replace('after: 4h', 'after: 6h'))
    const differs = await run()
    expect(differs.code).toBe(1)
    expect(differs.stdout).toMatch(/ {2}- day \d, .* task for a person \| Call and offer/)
    expect(differs.stdout).toMatch(/ {2}\+ day \d, .* task for a person \| Call and offer/)
    const answer = JSON.parse((await run('--update', '--json')).stdout)
    expect(answer).toMatchObject({ same: false, updated: [expect.stringMatching('no-show')] })
    const updated = await readFile(file, 'utf8')
    expect(updated.split('\n')[0]).toBe(saved.split('\n')[0])
    expect(await run(file)).toMatchObject({ code: 0 })

    await writeFile(file, updated.replace('days:', 'dayz:'))
    const invalid = await run()
    expect(invalid.code).toBe(1)
    expect(invalid.stderr).toContain('Did you mean "days"?')
  })
})

describe('a comparison of lines', () => {
  const lines = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 12 })

  it('has all of both, in order, and nothing is different in what is equal', () => {
    fc.assert(
      fc.property(lines, lines, (expected, now) => {
        const diff = diffLines(expected, now)
        const of = (kind: string) =>
          diff.filter((line) => line.kind !== kind).map(({ text }) => text)
        expect(of('now')).toEqual(expected)
        expect(of('expected')).toEqual(now)
      }),
    )
    expect(diffLines(['a', 'b'], ['a', 'b']).every(({ kind }) => kind === 'same')).toBe(true)
  })

  it('is the shortest', () => {
    expect(diffLines(['a', 'b', 'c'], ['a', 'c']).map(({ kind }) => kind)).toEqual([
      'same',
      'expected',
      'same',
    ])
  })
})
