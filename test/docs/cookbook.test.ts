import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseCadenceSet } from '../../src/domain/cadence/file/set.ts'
import { readCadenceFolder, SHIPPED_FOLDER } from '../../src/local/folder.ts'

const page = readFileSync(`${SHIPPED_FOLDER}docs/cookbook.md`, 'utf8')
const shipped = parseCadenceSet(readCadenceFolder(SHIPPED_FOLDER))
const cadences = shipped.ok ? shipped.cadences.map(({ cadence }) => cadence) : []
const sections = new Map(
  page
    .split(/^## /m)
    .slice(1)
    .map((section) => [section.split('\n')[0] ?? '', section]),
)

describe('the cookbook', () => {
  it('has a section for each cadence that ships, and for no other', () => {
    expect([...sections.keys()].toSorted()).toEqual(cadences.map(({ name }) => name).toSorted())
  })

  it.each(cadences)(
    'tells of $name whom it is for, its steps, and where its transcripts are',
    (cadence) => {
      const section = sections.get(cadence.name) ?? ''
      for (const part of ['For whom, and when.', 'What it sends.', 'Adapt.', 'Transcripts.']) {
        expect(section).toContain(`**${part}**`)
      }
      for (const { id } of cadence.steps) expect(section).toContain(`\`${id}\``)
      const folder = `cadences/${cadence.name}.transcripts`
      const saved = readdirSync(`${SHIPPED_FOLDER}${folder}`).map((name) => `../${folder}/${name}`)
      const linked = [...section.matchAll(/\]\((\.\.\/cadences\/[^)]+)\)/g)].flatMap(
        ([, path]) => path ?? [],
      )
      expect(linked.toSorted()).toEqual(saved.toSorted())
    },
  )

  it('counts the messages of each cadence as they are', () => {
    for (const { name, steps } of cadences) {
      const count = (kind: string) =>
        steps.filter((step) =>
          step.kind === 'message' ? step.channel === kind : step.kind === kind,
        ).length
      const parts = [
        [count('email'), 'email'],
        [count('sms'), 'text'],
        [count('task'), 'call'],
      ] as const
      const words = parts
        .filter(([amount]) => amount > 0)
        .map(([amount, word]) => `${amount} ${word}${amount === 1 ? '' : 's'}`)
        .join(', ')
      const row = page.split('\n').find((line) => line.startsWith(`| [\`${name}\`]`)) ?? ''
      expect(row.split('|')[3]?.trim(), name).toBe(words)
    }
  })
})
