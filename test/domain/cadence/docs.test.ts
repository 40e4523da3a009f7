import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { HEADER_KEYS } from '../../../src/domain/cadence/file/header-schema.ts'
import { parseCadence } from '../../../src/domain/cadence/file/parse.ts'
import { STEP_SCHEMAS } from '../../../src/domain/cadence/file/schema.ts'
import { parseTemplates } from '../../../src/domain/templates/parse.ts'
import { TEMPLATE_VARIABLES } from '../../../src/domain/templates/types.ts'

const page = readFileSync(
  new URL('../../../docs/how-to/write-a-cadence.md', import.meta.url),
  'utf8',
)

describe('the page on writing a cadence', () => {
  it('has examples that work as they stand', () => {
    const cadences = blocks('yaml')
    expect(cadences.length).toBeGreaterThanOrEqual(2)
    for (const text of cadences) expect(parseCadence('page', text)).toMatchObject({ ok: true })
    const files = [
      ...blocks('markdown').map((text, index) => ({ path: `templates/e${index}.md`, text })),
      ...blocks('text').map((text, index) => ({ path: `templates/t${index}.sms.txt`, text })),
    ]
    expect(files).toHaveLength(2)
    expect(parseTemplates(files)).toMatchObject({ ok: true })
  })

  it('explains every key and every variable', () => {
    const keys = [
      ...HEADER_KEYS,
      ...Object.values(STEP_SCHEMAS).flatMap(({ shape }) => Object.keys(shape)),
    ]
    for (const key of keys) expect(page).toContain(`\`${key}\``)
    for (const [root, names] of Object.entries(TEMPLATE_VARIABLES)) {
      for (const name of names) expect(page).toContain(`${root}.${name}`)
    }
  })
})

function blocks(language: string): readonly string[] {
  const fence = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm')
  return [...page.matchAll(fence)].map(([, text]) => text ?? '')
}
