import { describe, expect, it } from 'vitest'
import { DEFAULT_SETTINGS, engineRules } from '../../../src/domain/company/company.ts'
import { previewCadence } from '../../../src/domain/preview/preview.ts'
import type { PreviewInput } from '../../../src/domain/preview/types.ts'
import { parseTemplates } from '../../../src/domain/templates/parse.ts'
import { DAY_MS, plus } from '../../../src/domain/time.ts'
import { localTime } from '../../../src/domain/time-zones.ts'
import { parsedCadence } from '../../support/written-files.ts'
import { at, person } from '../policy/people.ts'

const FROM = at('2026-12-17T15:00:00Z')
const calendars = { 'year-end': [{ from: '2026-12-21', to: '2027-01-03' }] }

const parsed = parseTemplates([
  { path: 'templates/x/mail.md', text: '---\nsubject: Hello\n---\nHello, do reply.' },
  { path: 'templates/x/text.sms.txt', text: 'Hello' },
])
if (!parsed.ok) throw new Error('the templates do not parse')

function preview(head: string, steps: string, more: Partial<PreviewInput> = {}) {
  const text = `name: x\ntitle: X\npurpose: nurture\n${head}steps:\n${steps}\nend: { dead: unresponsive }\n`
  return previewCadence({
    cadence: parsedCadence(text),
    cadences: [],
    templates: parsed.ok ? parsed.templates : [],
    person: person(),
    lead: {
      firstName: null,
      lastName: null,
      company: null,
      owner: null,
      attributes: { ends: '2027-03-05', seats: 10 },
    },
    entry: { kind: 'form' },
    from: FROM,
    until: plus(FROM, 120 * DAY_MS),
    happenings: [],
    rules: engineRules({ ...DEFAULT_SETTINGS, calendars }),
    seeds: { lead: 'lead', episode: (n) => `episode ${n}` },
    ...more,
  })
}
const touchesOf = (told: ReturnType<typeof preview>) =>
  told.events.filter((event) => event.kind === 'touch')
const dateOf = (event: { at: ReturnType<typeof at> }) => {
  const { month, dayOfMonth, weekday } = localTime(event.at, 'America/New_York')
  return { month, dayOfMonth, weekday }
}

describe('a preview keeps the rules of a cadence', () => {
  it('its days and calendars', () => {
    const steps = Array.from(
      { length: 6 },
      (_, n) => `  - { id: s${n}, email: x/mail, after: 1d..2d }`,
    ).join('\n')
    const dates = touchesOf(preview('days: [tue, thu]\nblackouts: [year-end]\n', steps)).map(dateOf)
    expect(dates).toHaveLength(6)
    for (const { month, dayOfMonth, weekday } of dates) {
      expect([2, 4]).toContain(weekday)
      expect(month === 12 && dayOfMonth >= 21).toBe(false)
      expect(month === 1 && dayOfMonth <= 3).toBe(false)
    }
  })

  it('a date on the lead, and the fallback of a channel', () => {
    const dated =
      '  - { id: a, email: x/mail, on-date: { field: lead.attributes.ends, offset: -30d } }'
    expect(touchesOf(preview('', dated)).map(dateOf)).toMatchObject([{ month: 2, dayOfMonth: 3 }])
    const either = '  - { id: a, email: x/mail, fallback: { sms: x/text } }'
    expect(touchesOf(preview('', either, { person: person({ email: null }) }))).toMatchObject([
      { step: 'a', channel: 'sms' },
    ])
  })

  it('whom it takes, and what ends it early', () => {
    const hello = '  - { id: a, email: x/mail }\n  - { id: b, email: x/mail, after: 2d }'
    const refused = preview('entry: { sources: [partner] }\n', hello)
    expect(refused.events).toMatchObject([
      { kind: 'refused', because: 'it takes leads from partner only' },
    ])
    const exit = 'exit: [{ when: { field: lead.attributes.seats, at-least: 5 }, end: hand-off }]\n'
    const left = preview(exit, hello)
    expect(touchesOf(left)).toEqual([])
    expect(left.status).toBe('engaged')
  })

  it('how its dead come back', () => {
    const hello = '  - { id: a, email: x/mail }'
    const never = preview('revival: { unresponsive: never }\n', hello)
    expect(never).toMatchObject({ status: 'dead', reason: 'unresponsive' })
    expect(preview('', hello).nextAt).not.toEqual(never.nextAt)
  })
})
