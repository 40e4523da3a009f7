import { decide, defaultRules, type PolicyPerson } from '../src/domain/policy/index.ts'
import { DAY_MS, type Instant, instant, MINUTE_MS } from '../src/domain/time.ts'

export interface DecisionsBench {
  readonly decisions: number
  /** The cost of one decision, in microseconds of processor time: others' work does not count. */
  readonly microsecondsPerDecision: { readonly mean: number; readonly worstBatch: number }
  /** How the mix came out: denials cost more, since they look for the next allowed instant. */
  readonly allowed: number
  readonly denied: number
}

const BATCH = 2_000

/**
 * Measures decide() over people in one, two and unknown zones, on both channels, at every hour of
 * a year with its clock changes. The first batch, in which the zones are learnt, counts too.
 */
export function measureDecisions(decisions = 100_000): DecisionsBench {
  const rules = defaultRules('America/New_York')
  const people = somePeople()
  let allowed = 0
  let worstBatch = 0
  let totalUs = 0
  for (let done = 0; done < decisions; done += BATCH) {
    const size = Math.min(BATCH, decisions - done)
    const started = process.cpuUsage()
    for (let index = done; index < done + size; index++) {
      const person = people[index % people.length]
      if (person === undefined) continue
      const channel = index % 2 === 0 ? 'sms' : 'email'
      if (decide(person, channel, 'marketing', momentOf(index), rules).allowed) allowed++
    }
    const { user, system } = process.cpuUsage(started)
    totalUs += user + system
    worstBatch = Math.max(worstBatch, (user + system) / size)
  }
  return {
    decisions,
    microsecondsPerDecision: { mean: totalUs / decisions, worstBatch },
    allowed,
    denied: decisions - allowed,
  }
}

/** Strides through the year so that neighbours differ in hour, weekday and season. */
function momentOf(index: number): Instant {
  return instant(Date.UTC(2026, 0, 1) + ((index * 7_919 * MINUTE_MS) % (365 * DAY_MS)))
}

/** Nobody's, somebody's, and many touches of the week before a moment in the year. */
function touchesBefore(index: number): PolicyPerson['recent'] {
  const last = momentOf(index)
  return Array.from({ length: (index % 4) * 3 }, (_, age) => ({
    channel: age % 3 === 2 ? 'call' : age % 2 === 0 ? 'email' : 'sms',
    messageClass: 'marketing',
    at: instant(last - (1 + age) * 7 * 60 * MINUTE_MS),
    inEpisode: age < 5,
  }))
}

function somePeople(): readonly PolicyPerson[] {
  const areaCodes = ['212', '208', '219', '907', '808', '305', '702', '800', '555', '316', '416']
  const zips = [null, '42101', null, null, '00000', '99546']
  const states = [null, 'CA', 'TN', 'AK', null, 'ZZ', null]
  const zones = [null, null, 'America/Phoenix', null, 'Mars/Phobos']
  return Array.from({ length: 385 }, (_, index) => ({
    erased: false,
    email: { value: 'ada@example.com', validity: 'unknown', invalidBecause: null },
    phone: {
      value: `+1${areaCodes[index % areaCodes.length]}5550142`,
      validity: 'unknown',
      invalidBecause: null,
    },
    state: states[index % states.length] ?? null,
    zip: zips[index % zips.length] ?? null,
    timezone: zones[index % zones.length] ?? null,
    consents: [
      {
        channel: 'sms',
        basis: 'express_written',
        disclosure: 'web-2026-03',
        at: instant(Date.UTC(2025, 5, 1)),
        source: 'https://acme.example/quote',
        byLead: true,
      },
    ],
    suppressions: [],
    recent: touchesBefore(index),
    freshForm: index % 3 === 0,
    cadence: 'new-lead',
    stops: [],
  }))
}
