import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DAY_MS, instant, plus } from '../../src/domain/time.ts'
import { localTime } from '../../src/domain/time-zones.ts'
import { readSettings } from '../../src/store/company/settings.ts'
import { type ConsoleLab, openConsole, Visitor } from './setup.ts'

let lab: ConsoleLab
let visitor: Visitor

beforeAll(async () => {
  lab = await openConsole()
  visitor = new Visitor(lab.app)
  await visitor.logIn(lab.key.key)
  await lab.addLead({ email: 'ada@example.com' }, { cadence: 'new-lead' })
  await lab.addLead({ email: 'grace@example.com' }, { cadence: 'win-back' })
})
afterAll(() => lab.close())

async function results(query: Record<string, string> = {}): Promise<string> {
  const response = await visitor.get(`/cadences/results?${new URLSearchParams(query).toString()}`)
  expect(response.status).toBe(200)
  return response.text()
}

/** A day of the company's zone, so many days from today. */
async function day(after: number): Promise<string> {
  const { company } = await readSettings(lab.store.db)
  const at = plus(instant(Date.now()), after * DAY_MS)
  const { year, month, dayOfMonth } = localTime(at, company.timezone)
  return [year, month, dayOfMonth].map((part) => String(part).padStart(2, '0')).join('-')
}

describe('the results', () => {
  it('are told of every cadence when nothing is asked for', async () => {
    const all = await results()
    expect(all).toContain('new-lead, version 1')
    expect(all).toContain('win-back, version 1')
  })

  it('are told of one cadence', async () => {
    const one = await results({ cadence: 'win-back' })
    expect(one).not.toContain('new-lead, version 1')
    expect(one).toContain('win-back, version 1')
    expect(one).toContain('<option value="win-back" selected="">')
  })

  it('are told of those who began in a span, both of its days included', async () => {
    const today = await day(0)
    expect(await results({ from: today, to: today })).toContain('new-lead, version 1')
    for (const span of [{ from: await day(1) }, { to: await day(-1) }]) {
      const none = await results(span)
      expect(none).not.toContain('version 1')
      expect(none).toContain('No lead began then.')
      expect(none).toContain(Object.values(span)[0])
    }
  })

  it('leave out what a hand-written address gets wrong', async () => {
    expect(await results({ from: 'soon', cadence: '' })).toContain('new-lead, version 1')
  })
})
