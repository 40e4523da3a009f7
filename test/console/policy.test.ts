import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { fieldsOf } from '../../src/console/policy/policy-form.ts'
import { DEFAULT_SETTINGS } from '../../src/domain/company/company.ts'
import { HOUR_MS, instant } from '../../src/domain/time.ts'
import { readSettings, writeSettings } from '../../src/store/company/settings.ts'
import { type ConsoleLab, openConsole, Visitor } from './setup.ts'

let lab: ConsoleLab
let visitor: Visitor
beforeAll(async () => {
  lab = await openConsole()
})
afterAll(() => lab.close())
beforeEach(async () => {
  visitor = new Visitor(lab.app)
  await visitor.logIn(lab.key.key)
})
afterEach(() => writeSettings(lab.store.db, DEFAULT_SETTINGS, instant(Date.now())))

const page = async (path: string) => (await visitor.get(path)).text()
const settings = () => readSettings(lab.store.db)
const asShown = async () => fieldsOf(await settings()) as Record<string, string>
const post = async (path: string, fields: Record<string, string>) => {
  const response = await visitor.post(path, fields)
  return { status: response.status, html: await response.text() }
}
const audited = async () =>
  (
    await lab.store.db
      .selectFrom('audit_log')
      .select(['who', 'details'])
      .where('action', '=', 'settings')
      .execute()
  ).at(-1)

describe('the policy page', () => {
  it('changes nothing when it is saved as it was shown', async () => {
    await writeSettings(
      lab.store.db,
      { ...DEFAULT_SETTINGS, minimumGapMs: 36 * HOUR_MS, countryPacks: ['CA'] },
      instant(Date.now()),
    )
    const before = await settings()
    expect((await post('/policy', await asShown())).status).toBe(303)
    expect(await settings()).toEqual(before)
  })

  it('sets hours, margin, gap, caps and Canada, audited', async () => {
    const { status } = await post('/policy', {
      ...(await asShown()),
      'preferredHours.from': '10:00',
      'preferredHours.restDays.email.6': 'yes',
      closingMargin: '1h',
      minimumGap: '1d 12h',
      'caps.textsAndCallsPerDay': '2',
      canada: 'yes',
    })
    expect(status).toBe(303)
    expect(await settings()).toMatchObject({
      preferredHours: { from: '10:00', to: '19:00', restDays: { email: [6], sms: [7] } },
      closingMarginMs: HOUR_MS,
      minimumGapMs: 36 * HOUR_MS,
      caps: { textsAndCallsPerDay: 2, touchesPerDay: 3 },
      countryPacks: ['CA'],
    })
    expect(await audited()).toMatchObject({ who: 'console:first key' })
    expect(await page('/policy')).toContain('value="1d 12h"')
    await post('/policy', { ...(await asShown()), anyHour: 'yes' })
    expect((await settings()).preferredHours).toBeNull()
  })

  it('refuses what the API refuses, at the field, and keeps what was written', async () => {
    const before = await settings()
    const { status, html } = await post('/policy', {
      ...(await asShown()),
      'preferredHours.from': '9 <o’clock>',
      closingMargin: '500d',
      'caps.textsAndCallsPerDay': '4',
      'caps.touchesPerDay': 'many',
    })
    expect(status).toBe(422)
    expect(await settings()).toEqual(before)
    for (const name of [
      'preferredHours.from',
      'closingMargin',
      'caps.textsAndCallsPerDay',
      'caps.touchesPerDay',
    ]) {
      expect(html).toContain(`id="${name}-problem"`)
      expect(html).toContain(`aria-describedby="${name}-problem"`)
    }
    expect(html).toContain('value="9 &lt;o’clock&gt;"')
    const late = { ...(await asShown()), 'preferredHours.from': '20:00' }
    expect((await post('/policy', late)).html).toContain('The hours must end after they begin.')
    const all = Object.fromEntries(
      [1, 2, 3, 4, 5, 6, 7].map((day) => [`preferredHours.restDays.sms.${day}`, 'yes']),
    )
    const never = await post('/policy', { ...(await asShown()), ...all })
    expect(never.html).toContain('id="preferredHours.restDays.sms-problem"')
  })

  it('closes days and opens them again', async () => {
    await post('/policy/closed-days', {
      date: '2026-12-24',
      states: 'LA, TX',
      note: '<b>storm</b>',
    })
    await post('/policy/closed-days', { date: '2026-12-31', states: '', note: '' })
    expect((await settings()).closedDays).toEqual([
      { date: '2026-12-31', states: null, note: null },
      { date: '2026-12-24', states: ['LA', 'TX'], note: '<b>storm</b>' },
    ])
    expect(await page('/policy')).toContain('&lt;b&gt;storm&lt;/b&gt;')
    const wrong = await post('/policy/closed-days', { date: '2026-02-30', states: 'La', note: '' })
    expect(wrong.status).toBe(422)
    expect(wrong.html).toContain('id="date-problem"')
    expect(wrong.html).toContain('id="states-problem"')
    await post('/policy/closed-days/open', { key: '2026-12-24 LA TX' })
    expect((await settings()).closedDays).toEqual([
      { date: '2026-12-31', states: null, note: null },
    ])
  })

  it('takes an override with its reason and a tick, audited, and lifts it', async () => {
    const name = 'consented-texts-federal-hours'
    expect(await page('/policy')).toContain('This makes a rule less strict than it is shipped.')
    const hasty = await post('/policy/overrides', { name, why: 'counsel agreed' })
    expect(hasty.html).toContain('id="understood-problem"')
    const mute = await post('/policy/overrides', { name, why: ' ', understood: 'yes' })
    expect(mute.html).toContain('id="why-problem"')
    expect((await settings()).overrides).toEqual([])

    const why = 'counsel agreed <on 12 November>'
    expect((await post('/policy/overrides', { name, why, understood: 'yes' })).status).toBe(303)
    expect((await settings()).overrides).toMatchObject([{ name, why, by: 'console:first key' }])
    expect(await audited()).toMatchObject({ details: { overridesTaken: [{ name, why }] } })
    const shown = await page('/policy')
    expect(shown).toContain('In force: a rule is less strict.')
    expect(shown).toContain('counsel agreed &lt;on 12 November&gt;')

    // The other one leaves this one as it was taken.
    const [taken] = (await settings()).overrides
    const other = { name: 'address-over-area-code', why: 'verified', understood: 'yes' }
    await post('/policy/overrides', other)
    expect((await settings()).overrides).toContainEqual(taken)
    await post('/policy/overrides/lift', { name })
    expect((await settings()).overrides).toMatchObject([{ name: 'address-over-area-code' }])
    expect(await audited()).toMatchObject({ details: { overridesLifted: [name] } })
  })

  it('takes no form that no page of the session made, and nothing without a session', async () => {
    const forged = await visitor.post('/policy', await asShown(), 'forged')
    expect(forged.status).toBe(403)
    const stranger = new Visitor(lab.app)
    const response = await stranger.post('/policy', await asShown(), 'none')
    expect(response.headers.get('Location')).toBe('/login')
  })
})

describe('the evidence of a lead', () => {
  it('is linked from its page, printed without scripts, and handed over as JSON', async () => {
    const id = await lab.addLead({ firstName: 'Ada', email: 'ada@example.com' })
    const shown = await page(`/leads/${id}`)
    expect(shown).toContain(`href="/leads/${id}/evidence"`)
    expect(shown).toContain(`href="/leads/${id}/evidence.json"`)

    const printed = await visitor.get(`/leads/${id}/evidence`)
    expect(printed.headers.get('Content-Security-Policy')).toMatch(/^default-src 'none'; style-src/)
    expect(printed.headers.get('Cache-Control')).toBe('no-store')
    expect(await printed.text()).toContain('Why this lead was contacted')
    const file = await visitor.get(`/leads/${id}/evidence.json`)
    expect(file.headers.get('Content-Disposition')).toBe(
      `attachment; filename="evidence-${id}.json"`,
    )
    expect(await file.json()).toMatchObject({ lead: { id }, chain: { sound: true } })
  })

  it('is nobody’s without a session, and there is none of nobody', async () => {
    const id = await lab.addLead({ email: 'ben@example.com' })
    for (const path of [`/leads/${id}/evidence`, `/leads/${id}/evidence.json`]) {
      const stranger = await (await new Visitor(lab.app).get(path)).text()
      expect(stranger).not.toContain('ben@example.com')
      expect((await visitor.get(path.replace(id, 'lead_none'))).status).toBe(404)
    }
  })
})
