import { describe, expect, it } from 'vitest'
import { parseCadenceSet } from '../../src/domain/cadence/file/set.ts'
import type { LeadId } from '../../src/domain/ids.ts'
import { DAY_MS, type Instant, instant } from '../../src/domain/time.ts'
import { describeLocal, localDay, weekdayOf } from '../../src/domain/time-zones.ts'
import { publish } from '../../src/leads/publishing/publish.ts'
import { type Asked, plainAllows, plainPlace } from '../domain/policy/plain-reading.ts'
import { testLab } from '../support/lab.ts'
import { newPerson } from '../support/workbench.ts'

const MARGIN_MS = 15 * 60_000

/** The November whose clock change is some days off, whenever this runs. */
function clockChange(now: Instant): number {
  const year = new Date(now).getUTCFullYear()
  const first = (of: number) => localDay(of, 11, 1)
  const sunday = (of: number) => first(of) + ((7 - weekdayOf(first(of))) % 7)
  const soon = now / DAY_MS + 5
  return sunday(year) > soon ? sunday(year) : sunday(year + 1)
}

describe('a cadence over the clock change, Thanksgiving and New Year, on the real server', () => {
  const lab = testLab()

  const people: readonly (Asked & { readonly name: string; readonly zone: string })[] = [
    {
      name: 'New York',
      phone: '+12125550171',
      zip: '10001',
      state: 'NY',
      zone: 'America/New_York',
    },
    { name: 'Miami', phone: '+13055550172', zip: '33101', state: 'FL', zone: 'America/New_York' },
    { name: 'Dallas', phone: '+12145550173', zip: null, state: null, zone: 'America/Chicago' },
    { name: 'Honolulu', phone: '+18085550174', zip: null, state: 'HI', zone: 'Pacific/Honolulu' },
    { name: 'unknown', phone: '+15005550175', zip: null, state: null, zone: 'America/New_York' },
  ].map((one) => ({ ...one, timezone: null }))

  it('sends nothing outside any window, and says why each text left when it did', async () => {
    const { store, now } = lab().lab.intake
    const change = clockChange(now())
    const year = new Date(change * DAY_MS).getUTCFullYear()
    const firstThursday = (4 - weekdayOf(localDay(year, 11, 1)) + 7) % 7
    const thanksgiving = localDay(year, 11, 1) + firstThursday + 21
    const newYear = localDay(year + 1, 1, 1)
    const untilChange = Math.floor(change - 1 - now() / DAY_MS)
    const cadence = {
      path: 'cadences/hours.yaml',
      text: cadenceOf([
        [`${untilChange}d`, 4],
        // Four texts, an hour earlier each day, have brought it a day or two past the change.
        [`${thanksgiving - change - 3}d`, 4],
        [`${newYear - thanksgiving - 3}d`, 4],
      ]),
    }
    const template = { path: 'templates/hours/text.sms.txt', text: 'Hello {{ lead.firstName }}' }
    const set = parseCadenceSet([cadence, template])
    if (!set.ok) throw new Error(set.problems.map(({ message }) => message).join(' '))
    await store.transaction((trx) => publish(trx, set, 'test', now()))

    for (const { name, zone, ...asked } of people) {
      const { lead } = await lab().post(
        { ...newPerson(), ...asked },
        { cadence: 'hours', form: false },
      )
      await lab().pass(lead.id, (newYear + 12) * DAY_MS - now())
      const texts = lab().mails(asked.phone)
      expect([name, texts.length]).toEqual([name, 12])

      const place = plainPlace(asked)
      for (const { at } of texts) {
        const when = `${name}: ${describeLocal(at, zone)}`
        // The decision kept the margin, so the law holds for all of it.
        const legal = [at, at + MARGIN_MS - 60_000].map((ms) => plainAllows(place, ms))
        expect([when, ...legal]).toEqual([when, true, true])
      }
      // It lived through all three: texts on both sides of each. Where nothing is known, three hours
      // a day and no holidays let it fall behind.
      for (const day of name === 'unknown' ? [change] : [change, thanksgiving, newYear]) {
        const around = texts.map(({ at }) => at / DAY_MS - day)
        expect([name, around.some((days) => days < 0 && days > -4)]).toEqual([name, true])
        expect([name, around.some((days) => days > 0.5 && days < 4)]).toEqual([name, true])
      }
      if (name === 'unknown') {
        const closed = [thanksgiving, newYear].map((day) => instant(day * DAY_MS + DAY_MS / 2))
        const dates = texts.map(({ at }) => describeLocal(at, zone).slice(0, 10))
        for (const day of closed) expect(dates).not.toContain(describeLocal(day, zone).slice(0, 10))
      }

      const reasons = await reasonsOf(lead.id)
      expect(reasons).toHaveLength(12)
      for (const because of reasons) {
        expect(because).toMatch(/^It is \d\d:\d\d .*, within \d\d:\d\d–\d\d:\d\d \(/)
      }
      const law = { Miami: 'Florida', Dallas: 'Texas', unknown: 'the window for unknown places' }
      const named = Object.entries(law).find(([who]) => who === name)?.[1] ?? 'federal law'
      for (const because of reasons) expect(because).toContain(named)
    }
  })

  /** What the calling windows said when each text left, from the ledger. */
  async function reasonsOf(leadId: LeadId): Promise<string[]> {
    const rows = await lab()
      .lab.intake.store.db.selectFrom('ledger_entries')
      .select(['meta', 'payload'])
      .where('lead_id', '=', leadId)
      .where('kind', '=', 'decision')
      .orderBy('seq')
      .execute()
    return rows
      .filter(({ meta }) => meta.verdict === 'allowed')
      .flatMap(({ payload }) => {
        const rules = payload?.rules as { rule: string; because: string }[] | undefined
        return (
          rules?.filter(({ rule }) => rule === 'calling_window').map(({ because }) => because) ?? []
        )
      })
  }
})

/** Texts at any hour that the law leaves: a pause before each group, 23 hours between its texts. */
function cadenceOf(groups: readonly (readonly [after: string, texts: number])[]): string {
  const steps = groups.flatMap(([after, texts], group) =>
    Array.from({ length: texts }, (_, text) => {
      const delay = text === 0 ? after : '23h'
      return `  - { id: text-${group}-${text}, sms: hours/text, after: ${delay}, at: asap, hours: any }`
    }),
  )
  return [
    'name: hours',
    'title: Hours',
    'purpose: nurture',
    'steps:',
    ...steps,
    'end: { dead: unresponsive }',
    '',
  ].join('\n')
}
