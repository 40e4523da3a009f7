import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseCadenceSet } from '../../../src/domain/cadence/file/set.ts'
import { DEFAULT_SETTINGS, engineRules } from '../../../src/domain/company/company.ts'
import { decide, type PolicyPerson } from '../../../src/domain/policy/index.ts'
import { previewCadence } from '../../../src/domain/preview/preview.ts'
import type { Happening, PreviewEvent, PreviewInput } from '../../../src/domain/preview/types.ts'
import { DAY_MS, HOUR_MS, type Instant, instant, plus } from '../../../src/domain/time.ts'
import { localTime } from '../../../src/domain/time-zones.ts'
import { readCadenceFolder, SHIPPED_FOLDER } from '../../../src/local/folder.ts'

const shipped = parseCadenceSet(readCadenceFolder(SHIPPED_FOLDER))
if (!shipped.ok) throw new Error('the shipped cadences do not parse')
const { templates } = shipped
const cadences = shipped.cadences.map(({ cadence }) => cadence)
const rules = engineRules(DEFAULT_SETTINGS)
const MONDAY = instant(Date.parse('2026-11-23T15:00:00Z'))

type Touch = Extract<PreviewEvent, { kind: 'touch' }>

function cadenceNamed(name: string) {
  const found = cadences.find((each) => each.name === name)
  if (found === undefined) throw new Error(`no cadence ${name}`)
  return found
}

function person(overrides: Partial<PolicyPerson> = {}): PolicyPerson {
  return {
    erased: false,
    email: { value: 'ada@example.com', validity: 'unknown', invalidBecause: null },
    phone: { value: '+12125550142', validity: 'unknown', invalidBecause: null },
    state: 'NY',
    zip: null,
    timezone: null,
    consents: [
      {
        channel: 'sms',
        basis: 'express_written',
        disclosure: 'web-2026-03',
        at: plus(MONDAY, -HOUR_MS),
        source: 'https://acme.example/quote',
        byLead: true,
      },
    ],
    suppressions: [],
    recent: [],
    freshForm: false,
    cadence: null,
    stops: [],
    ...overrides,
  }
}

function input(overrides: Partial<PreviewInput> = {}): PreviewInput {
  const from = overrides.from ?? MONDAY
  return {
    cadence: cadenceNamed('new-lead'),
    cadences,
    templates,
    person: person(),
    lead: { firstName: 'Ada', lastName: null, company: null, owner: null, attributes: {} },
    entry: { kind: 'form' },
    from,
    until: plus(from, 60 * DAY_MS),
    happenings: [],
    rules,
    seeds: { lead: 'lead-1', episode: (n) => `episode-${n}` },
    ...overrides,
  }
}

const touchesOf = (events: readonly PreviewEvent[]): Touch[] =>
  events.filter((event) => event.kind === 'touch')
const on = (
  day: number,
  happening: { kind: 'reply' | 'visit' } | { kind: 'stop'; channel: 'sms' },
) => ({ ...happening, at: plus(MONDAY, day * DAY_MS) }) as Happening

describe('a preview', () => {
  it('shows every step of a cadence that nobody answers, and what the lead becomes', () => {
    const { events, status, reason } = previewCadence(input())
    const steps = events.flatMap((event) => ('step' in event ? [event.step] : []))
    expect(steps).toEqual(cadenceNamed('new-lead').steps.map(({ id }) => id))
    expect(touchesOf(events)[0]).toMatchObject({ step: 'first-reply', at: MONDAY })
    expect({ status, reason }).toEqual({ status: 'dead', reason: 'unresponsive' })
  })

  it('renders each message as this lead would read it', () => {
    const [first, text] = touchesOf(previewCadence(input()).events)
    expect(first?.message).toMatchObject({ ok: true, subject: 'Ada, thanks for getting in touch' })
    expect(text?.message).toMatchObject({ ok: true, subject: null })
    expect(text?.message.ok && text.message.text).toMatch(/Ada[\s\S]*STOP/)
  })

  it('ends with a reply: a person takes over', () => {
    const { events, status } = previewCadence(input({ happenings: [on(4, { kind: 'reply' })] }))
    expect(status).toBe('engaged')
    expect(touchesOf(events).every(({ at }) => at < plus(MONDAY, 4 * DAY_MS))).toBe(true)
  })

  it('sends no text after a STOP, and email goes on', () => {
    const happenings = [on(1, { kind: 'stop', channel: 'sms' })]
    const { events } = previewCadence(input({ happenings }))
    const after = touchesOf(events).filter(({ at }) => at > plus(MONDAY, DAY_MS))
    expect(after.length).toBeGreaterThan(2)
    expect(after.every(({ channel }) => channel === 'email')).toBe(true)
    const dropped = events.flatMap((each) => (each.kind === 'dropped' ? [each.step] : []))
    expect(dropped).toEqual(['quick-question', 'time-to-talk'])
  })

  it('revives a dead lead that visits after the quiet time, not before', () => {
    const until = plus(MONDAY, 120 * DAY_MS)
    const revived = (day: number) =>
      previewCadence(input({ until, happenings: [on(day, { kind: 'visit' })] })).events.some(
        (event) => event.kind === 'episode' && event.cadence === 'welcome-back',
      )
    expect(revived(20)).toBe(false)
    expect(revived(70)).toBe(true)
  })

  it('checks in on a dead lead, once', () => {
    const until = plus(MONDAY, 500 * DAY_MS)
    const { events } = previewCadence(input({ until }))
    const checkIns = events.filter(
      (event) => event.kind === 'episode' && event.cadence === 'check-in',
    )
    expect(checkIns).toHaveLength(1)
  })

  it('checks in on nobody at once for a date that passed while the cadence wrote', () => {
    const details = {
      reason: 'competitor',
      competitor: null,
      why: null,
      contractEnds: '2026-12-31',
    } as const
    const entry = { kind: 'revival', details } as const
    const { events } = previewCadence(input({ cadence: cadenceNamed('welcome-back'), entry }))
    const episodes = events.filter(({ kind }) => kind === 'episode')
    expect(episodes).toMatchObject([{ cadence: 'welcome-back' }])
  })

  it('uses the variant for what a lead was dead for', () => {
    const reason = 'competitor' as const
    const details = { reason, competitor: 'Initech', why: null, contractEnds: null }
    const { events } = previewCadence(
      input({ cadence: cadenceNamed('welcome-back'), entry: { kind: 'revival', details } }),
    )
    const standard = readFileSync(`${SHIPPED_FOLDER}templates/welcome-back/hello.md`, 'utf8')
    const [hello] = touchesOf(events)
    expect(hello?.message.ok && hello.message.subject).not.toBe(null)
    expect(standard).not.toContain(hello?.message.ok ? hello.message.subject : '')
  })
})

describe('any preview', () => {
  const places = fc.constantFrom(
    { state: 'NY', zip: null, timezone: null },
    { state: 'HI', zip: null, timezone: 'Pacific/Honolulu' },
    { state: 'TX', zip: null, timezone: null },
    { state: null, zip: null, timezone: null },
  )
  const phones = fc.constantFrom('+12125550142', '+18085550142', '+15005550142', '+13055550142')
  const starts = fc.integer({ min: 0, max: 366 * 24 }).map((hour) => plus(MONDAY, hour * HOUR_MS))
  const entries = fc.constantFrom({ kind: 'form' } as const, { kind: 'import' } as const)
  const arbitrary = fc.record({
    place: places,
    phone: phones,
    from: starts,
    entry: entries,
    seed: fc.string(),
  })

  it('is in order, never twice at a step, and only ever at an instant that the policy allows', () => {
    fc.assert(
      fc.property(arbitrary, ({ place, phone, from, entry, seed }) => {
        const lead = person({
          ...place,
          phone: { value: phone, validity: 'unknown', invalidBecause: null },
        })
        const seeds = { lead: seed, episode: (n: number) => `${seed} ${n}` }
        const preview = previewCadence(input({ person: lead, from, entry, seeds }))
        const touches = touchesOf(preview.events)
        expect(isSorted(preview.events.map(({ at }) => at))).toBe(true)
        expect(new Set(touches.map(({ step }) => step)).size).toBe(touches.length)
        for (const { at, channel, rules: verdicts } of touches) {
          expect(verdicts.some(({ verdict }) => verdict === 'deny')).toBe(false)
          if (channel === 'sms') expect(isDay(at, place.timezone ?? zoneOf(phone))).toBe(true)
          expect(decide(lead, channel, 'transactional', at, rules.policy).allowed).toBe(true)
        }
      }),
      { numRuns: 60 },
    )
  })

  it('is the same whenever it is asked', () => {
    fc.assert(
      fc.property(arbitrary, ({ from, seed }) => {
        const seeds = { lead: seed, episode: (n: number) => `${seed} ${n}` }
        expect(previewCadence(input({ from, seeds }))).toEqual(
          previewCadence(input({ from, seeds })),
        )
      }),
      { numRuns: 10 },
    )
  })
})

function isSorted(instants: readonly Instant[]): boolean {
  return instants.every((at, index) => index === 0 || at >= (instants[index - 1] ?? at))
}

function zoneOf(phone: string): string {
  return phone.startsWith('+1808') ? 'Pacific/Honolulu' : 'America/New_York'
}

function isDay(at: Instant, zone: string): boolean {
  const { hour } = localTime(at, zone)
  return hour >= 8 && hour < 21
}
