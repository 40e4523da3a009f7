import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exitsOf, mostVisits } from '../../../src/domain/cadence/file/paths.ts'
import { waitEnds } from '../../../src/domain/cadence/timing/wait.ts'
import { firstPosition, jumpPosition, nextPosition } from '../../../src/domain/cadence/walk.ts'
import { DAY_MS, HOUR_MS, instant, plus } from '../../../src/domain/time.ts'
import { localTime } from '../../../src/domain/time-zones.ts'
import { arbitraryCadence } from '../../support/arbitrary-cadence.ts'

const cadences = arbitraryCadence({ email: 'any', sms: 'any' })

describe('every way through a cadence', () => {
  it('enters no step twice under one visit, keeps their order within it, and ends in time', () => {
    fc.assert(
      fc.property(cadences, fc.infiniteStream(fc.nat(1_000)), (cadence, choices) => {
        const seen = new Set<string>()
        const rounds = new Map<string, number>()
        let next = firstPosition(cadence)
        let last = { visit: 1, index: -1 }
        while (next.kind === 'step') {
          const { step, position } = next
          const key = `${position.stepId}:${position.visit}`
          expect(seen.has(key)).toBe(false)
          seen.add(key)
          expect(seen.size).toBeLessThanOrEqual(mostVisits(cadence))
          const index = cadence.steps.indexOf(step)
          if (position.visit === last.visit) expect(index).toBeGreaterThan(last.index)
          else expect(position.visit).toBe(last.visit + 1)
          last = { visit: position.visit, index }
          const exits = exitsOf(cadence, index)
          if (exits.length === 0) break
          const spent = step.kind === 'goto' && (rounds.get(step.id) ?? 0) >= (step.atMost ?? 1)
          const choice =
            spent && step.kind === 'goto' && step.atMost !== null
              ? exits.at(-1)
              : exits[(choices.next().value ?? 0) % exits.length]
          const jumps = choice?.path !== null && choice?.to != null
          if (jumps && step.kind === 'goto') rounds.set(step.id, (rounds.get(step.id) ?? 0) + 1)
          const jump = jumps ? jumpPosition(cadence, position, choice.to ?? '') : null
          next = jump ?? nextPosition(cadence, position)
        }
      }),
    )
  })
})

describe('a wait', () => {
  const zone = 'America/New_York'
  /** A Saturday, 10:00 in New York. */
  const anchor = instant(Date.parse('2026-06-13T14:00:00Z'))
  const base = { anchor, pausedMs: 0, zone, seeds: ['lead', 'episode', 'step'] }

  it('ends after its delay, shifted by pauses', () => {
    const after = { kind: 'exactly', ms: DAY_MS } as const
    expect(waitEnds({ ...base, after, until: null })).toBe(plus(anchor, DAY_MS))
    expect(waitEnds({ ...base, after, until: null, pausedMs: HOUR_MS })).toBe(
      plus(anchor, DAY_MS + HOUR_MS),
    )
  })

  it('goes on at the next hour that suits, spread over it, and at once when it suits already', () => {
    const after = { kind: 'exactly', ms: 0 } as const
    const until = { weekdays: [1, 2], slots: [{ from: '09:00', to: '11:00' }] }
    const times = Array.from({ length: 40 }, (_, lead) =>
      waitEnds({ ...base, after, until, seeds: [`lead ${lead}`, 'e', 's'] }),
    )
    for (const at of times) {
      const local = localTime(at, zone)
      expect(local.weekday).toBe(1)
      expect(local.hour).toBeGreaterThanOrEqual(9)
      expect(local.hour).toBeLessThan(11)
    }
    expect(new Set(times).size).toBeGreaterThan(30)
    const monday = plus(anchor, 2 * DAY_MS)
    expect(waitEnds({ ...base, anchor: monday, after, until })).toBe(monday)
  })

  it('is never over before its delay, wherever the lead is', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 400 * DAY_MS }),
        fc.constantFrom('America/New_York', 'Europe/Berlin', 'Australia/Lord_Howe', 'UTC'),
        fc.subarray([1, 2, 3, 4, 5, 6, 7], { minLength: 1 }),
        fc.constantFrom([], [{ from: '00:00', to: '24:00' }], [{ from: '01:30', to: '03:10' }]),
        (ms, place, weekdays, slots) => {
          const from = plus(anchor, ms)
          const at = waitEnds({
            ...base,
            anchor: from,
            zone: place,
            after: { kind: 'between', minMs: HOUR_MS, maxMs: DAY_MS },
            until: { weekdays, slots },
          })
          expect(at).toBeGreaterThanOrEqual(plus(from, HOUR_MS))
          expect(at).toBeLessThan(plus(from, 10 * DAY_MS))
          expect(weekdays).toContain(localTime(at, place).weekday)
        },
      ),
    )
  })
})
