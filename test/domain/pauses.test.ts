import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Pause, pausedSince, skippedUntil } from '../../src/domain/pauses.ts'
import { instant } from '../../src/domain/time.ts'

const pause = (beganAt: number | null, liftedAt: number | null): Pause => ({
  beganAt: beganAt === null ? null : instant(beganAt),
  liftedAt: liftedAt === null ? null : instant(liftedAt),
})
const paused = (pauses: readonly Pause[], anchor: number, now: number) =>
  pausedSince(pauses, instant(anchor), instant(now))

describe('the time on hold', () => {
  it('is what lies between the anchor and now', () => {
    expect(paused([pause(100, 150)], 0, 1_000)).toBe(50)
    expect(paused([pause(100, 300)], 200, 1_000)).toBe(100)
    expect(paused([pause(100, 300)], 0, 250)).toBe(150)
    expect(paused([pause(100, 300)], 400, 1_000)).toBe(0)
  })

  it('goes on while a pause is open, and has not begun before it was seen', () => {
    expect(paused([pause(100, null)], 0, 1_000)).toBe(900)
    expect(paused([pause(null, null)], 0, 1_000)).toBe(0)
    expect(paused([pause(null, 500)], 0, 1_000)).toBe(0)
  })

  it('counts pauses that overlap once', () => {
    expect(paused([pause(100, 300), pause(200, 400)], 0, 1_000)).toBe(300)
    expect(paused([pause(100, 900), pause(200, 300), pause(850, null)], 0, 1_000)).toBe(900)
  })

  it('is the number of instants at which some pause stood, whatever the pauses', () => {
    const time = fc.integer({ min: 0, max: 40 })
    const anyPause = fc
      .tuple(fc.option(time, { freq: 8 }), fc.option(time, { freq: 4 }))
      .map(([began, lifted]) => pause(began, lifted))
    fc.assert(
      fc.property(fc.array(anyPause, { maxLength: 6 }), time, time, (pauses, anchor, now) => {
        const stood = Array.from({ length: Math.max(0, now - anchor) }, (_, i) => anchor + i)
        const expected = stood.filter((at) =>
          pauses.some(
            ({ beganAt, liftedAt }) =>
              beganAt !== null && beganAt <= at && (liftedAt === null || at < liftedAt),
          ),
        )
        expect(paused(pauses, anchor, now)).toBe(expected.length)
      }),
    )
  })
})

describe('a pause that was lifted', () => {
  const modes = fc.constantFrom(null, 'shift', 'skip-overdue', 'send-one' as const)
  const time = fc.integer({ min: 0, max: 40 })
  const lifted = fc
    .tuple(time, time, modes)
    .map(([a, b, mode]) => ({ ...pause(Math.min(a, b), Math.max(a, b)), mode }) as Pause)

  it('moves the clock along in the mode shift, and in no other', () => {
    fc.assert(
      fc.property(fc.array(lifted, { maxLength: 6 }), time, time, (pauses, anchor, now) => {
        const shifts = pauses.filter(({ mode }) => mode === null || mode === 'shift')
        const plain = shifts.map(({ beganAt, liftedAt }) => ({ beganAt, liftedAt }))
        expect(paused(pauses, anchor, now)).toBe(paused(plain, anchor, now))
      }),
    )
  })

  it('passes over what was due by its end only when it was lifted so', () => {
    fc.assert(
      fc.property(fc.array(lifted, { maxLength: 6 }), (pauses) => {
        const ends = pauses
          .filter(({ mode }) => mode === 'skip-overdue')
          .map(({ liftedAt }) => liftedAt ?? 0)
        expect(skippedUntil(pauses)).toBe(ends.length === 0 ? null : Math.max(...ends))
      }),
    )
  })
})
