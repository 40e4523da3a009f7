import { describe, expect, it } from 'vitest'
import type { AttemptFact } from '../../../src/domain/attempts.ts'
import type { MessageStep, TaskStep } from '../../../src/domain/cadence/types.ts'
import { type EpisodeFacts, type PlanFacts, planLead } from '../../../src/domain/plan/plan.ts'
import { DAY_MS, type Instant, plus } from '../../../src/domain/time.ts'
import { at, person, suppressed } from '../policy/people.ts'
import { CALL, emailStep, NOON, planFacts, RULES, sampleCadence, sampleEpisode } from './samples.ts'

const hello = emailStep()
const call: TaskStep = { ...CALL, task: 'other', after: { kind: 'exactly', ms: 0 } }
const TO_TEXT = { kind: 'channel', channel: 'sms', template: 'hello-text' } as const
const NO_EMAIL = person({
  suppressions: [suppressed('2026-11-01T12:00:00Z', { channel: 'email' })],
})

function facts(
  step: MessageStep | TaskStep,
  {
    episode,
    cadence,
    ...more
  }: Partial<Omit<PlanFacts, 'episode'>> & {
    readonly episode?: Partial<EpisodeFacts>
    readonly cadence?: Partial<EpisodeFacts['cadence']>
  } = {},
): PlanFacts {
  const steps = [step, call]
  return planFacts({
    episode: sampleEpisode(steps, { cadence: sampleCadence(steps, cadence), ...episode }),
    ...more,
  })
}

const attempt = (more: Partial<AttemptFact>): AttemptFact => ({
  attempt: 1,
  channel: 'email',
  state: 'failed',
  failure: 'permanent',
  because: 'no such mailbox',
  settledAt: NOON,
  retryAfterMs: null,
  ...more,
})

describe('a fallback', () => {
  const step = { ...hello, fallback: TO_TEXT }

  it('takes the place of a channel that the lead may not be written to on, and says why', () => {
    expect(planLead(facts(step, { person: NO_EMAIL }), NOON)).toMatchObject({
      kind: 'touch',
      at: NOON,
      touch: {
        attempt: 1,
        step: { id: 'hello', channel: 'sms', template: 'hello-text' },
        instead: expect.stringContaining('a text instead of an email'),
      },
    })
  })

  it('is none while the channel only waits, or may still open before the step is due', () => {
    const night = plus(NOON, 12 * 3_600_000)
    expect(planLead(facts(step, { episode: { anchorAt: night } }), night)).toMatchObject({
      kind: 'touch',
      touch: { step: { channel: 'email' } },
    })
    const later = { ...step, after: { kind: 'exactly' as const, ms: DAY_MS } }
    expect(planLead(facts(later, { person: NO_EMAIL }), NOON)).toMatchObject({
      kind: 'look',
      at: plus(NOON, DAY_MS),
    })
  })

  it('keeps the law of its own channel, and is dropped where neither may', () => {
    const nobody = person({
      suppressions: [suppressed('2026-11-01T12:00:00Z', { channel: 'all' })],
    })
    expect(planLead(facts(step, { person: nobody }), NOON)).toMatchObject({
      kind: 'drop',
      drop: { kind: 'denied', by: 'suppression' },
    })
    const sunday = at('2026-11-29T17:00:00Z')
    const planned = planLead(
      facts(step, { person: NO_EMAIL, episode: { anchorAt: sunday } }),
      sunday,
    )
    expect(planned).toMatchObject({ kind: 'touch', touch: { step: { channel: 'sms' } } })
    expect('at' in planned && planned.at).toBeGreaterThan(plus(sunday, 12 * 3_600_000))
  })

  it('follows a mailbox that does not exist, with the next attempt’s number', () => {
    const bounced = facts(step, { episode: { attempts: [attempt({})] } })
    expect(planLead(bounced, NOON)).toMatchObject({
      kind: 'touch',
      touch: { attempt: 2, step: { channel: 'sms' } },
    })
  })

  it('follows a channel without provider', () => {
    expect(planLead(facts(step, { episode: { closedChannel: 'email' } }), NOON)).toMatchObject({
      kind: 'touch',
      touch: { step: { channel: 'sms' }, instead: expect.stringContaining('no provider') },
    })
  })

  it('that was sent is the end of the step, also when the channel opens afterwards', () => {
    const sent = attempt({ channel: 'sms', state: 'sent', failure: null })
    expect(planLead(facts(step, { episode: { attempts: [sent] } }), NOON).kind).toBe('advance')
  })

  it('of a step that skips is none', () => {
    const skips = { ...hello, fallback: { kind: 'skip' } as const }
    expect(planLead(facts(skips, { person: NO_EMAIL }), NOON).kind).toBe('drop')
  })
})

describe('a message that would leave too late', () => {
  const late = (more: Partial<MessageStep>): ReturnType<typeof planLead> => {
    const step: MessageStep = { ...hello, staleAfterMs: DAY_MS, ...more }
    return planLead(facts(step), plus(NOON, 3 * DAY_MS))
  }

  it('is skipped, sent all the same, or gives way to another step', () => {
    expect(late({})).toMatchObject({ kind: 'drop', drop: { kind: 'stale' } })
    expect(late({})).not.toHaveProperty('goto')
    expect(late({ whenStale: { kind: 'send' } }).kind).toBe('line_up')
    expect(late({ whenStale: { kind: 'goto', stepId: 'call' } })).toMatchObject({
      kind: 'drop',
      drop: { kind: 'stale' },
      goto: 'call',
    })
  })
})

describe('a step that hangs on a date', () => {
  const dates = (ends: string) => ({
    attributes: { ends },
    createdAt: NOON,
    dead: null,
  })
  const step: MessageStep = {
    ...hello,
    timing: { kind: 'varied' },
    onDate: { field: 'lead.attributes.ends', offsetMs: -60 * DAY_MS },
    staleAfterMs: 3 * DAY_MS,
  }

  it('leaves on its day, in preferred hours', () => {
    const planned = planLead(facts(step, { dates: dates('2027-03-01') }), NOON)
    expect(planned.kind).toBe('touch')
    // 2026-12-31, 09:00 to 19:00 in New York.
    const due = 'at' in planned ? planned.at : NOON
    expect(due).toBeGreaterThanOrEqual(at('2026-12-31T14:00:00Z'))
    expect(due).toBeLessThan(at('2027-01-01T00:00:00Z'))
  })

  it('is passed with the reason where the lead has no such date', () => {
    const drop = { kind: 'no_date', because: 'the lead has no date lead.attributes.ends' }
    expect(planLead(facts(step), NOON)).toMatchObject({ kind: 'drop', drop })
    expect(planLead(facts(step, { dates: dates('soon') }), NOON)).toMatchObject({ drop })
    const task = { ...call, onDate: { field: 'lead.attributes.ends', offsetMs: 0 } }
    expect(planLead(facts(task), NOON)).toMatchObject({ kind: 'drop', drop })
  })

  it('is of no use long after it: the days count from the date, not from the step before', () => {
    const over = dates('2027-01-15')
    expect(planLead(facts(step, { dates: over }), NOON)).toMatchObject({
      kind: 'drop',
      drop: { kind: 'stale' },
    })
    const justOver = dates('2027-01-21')
    expect(planLead(facts(step, { dates: justOver }), NOON).kind).toBe('touch')
  })

  it('gives a task on the day', () => {
    const task = { ...call, onDate: { field: 'lead.attributes.ends', offsetMs: -DAY_MS } }
    const given = facts(task, { dates: dates('2026-12-02') })
    expect(planLead(given, NOON)).toMatchObject({ kind: 'look' })
    expect(planLead(given, at('2026-12-02T05:00:00Z')).kind).toBe('task')
  })
})

describe('a cadence’s days', () => {
  const planned = (step: MessageStep, cadence: Partial<EpisodeFacts['cadence']>, now: Instant) =>
    planLead(
      facts(step, {
        cadence,
        episode: { anchorAt: now },
        rules: { ...RULES, calendars: { 'year-end': [{ from: '2026-12-21', to: '2027-01-03' }] } },
      }),
      now,
    )
  const saturday = at('2026-11-28T17:00:00Z')
  const december = at('2026-12-22T17:00:00Z')

  it('let a message wait for the next of them', () => {
    const { at: due } = touchOf(planned(hello, { days: 'business' }, saturday))
    expect(due).toBeGreaterThanOrEqual(at('2026-11-30T14:00:00Z'))
    expect(due).toBeLessThan(at('2026-11-30T15:00:00Z'))
  })

  it('are not those of a step that answers at any hour, nor of one with its own', () => {
    expect(touchOf(planned({ ...hello, hours: 'any' }, { days: 'business' }, saturday)).at).toBe(
      saturday,
    )
    expect(touchOf(planned({ ...hello, days: [6] }, { days: 'business' }, saturday)).at).toBe(
      saturday,
    )
  })

  it('end with a calendar, for every step that does not say otherwise', () => {
    const blackouts = ['year-end']
    const opens = at('2027-01-04T14:00:00Z')
    expect(touchOf(planned(hello, { blackouts }, december)).at).toBeGreaterThanOrEqual(opens)
    const any = { ...hello, hours: 'any' as const }
    expect(touchOf(planned(any, { blackouts }, december)).at).toBeGreaterThanOrEqual(
      at('2027-01-04T05:00:00Z'),
    )
    expect(touchOf(planned({ ...hello, blackouts: [] }, { blackouts }, december)).at).toBe(december)
  })
})

describe('a throttle', () => {
  const throttle = { touches: { most: 1, perMs: DAY_MS }, first: null }
  const sent = { touches: [plus(NOON, -60_000)], first: [] }

  it('lets a due message wait, and one that is due later be', () => {
    expect(planLead(facts(hello, { cadence: { throttle }, throttle: sent }), NOON)).toMatchObject({
      kind: 'look',
      why: expect.stringContaining('at most 1 messages a day'),
    })
    const later = { ...hello, after: { kind: 'exactly' as const, ms: 2 * DAY_MS } }
    expect(planLead(facts(later, { cadence: { throttle }, throttle: sent }), NOON).kind).toBe(
      'touch',
    )
  })
})

function touchOf(planned: ReturnType<typeof planLead>) {
  if (planned.kind !== 'touch') throw new Error(`no touch but ${planned.kind}`)
  return planned
}
