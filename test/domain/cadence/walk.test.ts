import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Cadence,
  DEFAULT_END_AFTER_MS,
  type Position,
  type Step,
} from '../../../src/domain/cadence/types.ts'
import {
  firstPosition,
  jumpPosition,
  type Next,
  nextPosition,
  stepAt,
} from '../../../src/domain/cadence/walk.ts'

describe('the walk through a cadence', () => {
  it('visits every step once, in order, and ends', () => {
    fc.assert(
      fc.property(cadences, (cadence) => {
        const visited: string[] = []
        let next = firstPosition(cadence)
        while (next.kind === 'step') {
          expect(visited.length).toBeLessThan(cadence.steps.length)
          expect(stepAt(cadence, next.position)).toBe(next.step)
          visited.push(next.step.id)
          next = nextPosition(cadence, next.position)
        }
        expect(visited).toEqual(cadence.steps.map(({ id }) => id))
        expect(next).toEqual({ kind: 'end', end: cadence.end, afterMs: DEFAULT_END_AFTER_MS })
      }),
    )
  })

  it('with jumps enters no step twice on the same visit, and still ends', () => {
    fc.assert(
      fc.property(cadences, fc.array(fc.nat(), { maxLength: 12 }), (cadence, jumps) => {
        const entered = new Set<string>()
        const left = [...jumps]
        let next: Next | null = firstPosition(cadence)
        while (next?.kind === 'step') {
          const key = keyOf(next.position)
          expect(entered.has(key)).toBe(false)
          entered.add(key)
          const jump = left.shift()
          const target = jump === undefined ? undefined : cadence.steps[jump % cadence.steps.length]
          next =
            target === undefined
              ? nextPosition(cadence, next.position)
              : jumpPosition(cadence, next.position, target.id)
        }
        expect(next?.kind).toBe('end')
      }),
    )
  })

  it('a jump back starts the next visit, a jump forward stays on this one', () => {
    const cadence = cadenceOf(['a', 'b', 'c'])
    const position = { stepId: 'b', visit: 1 }
    expect(jumpPosition(cadence, position, 'a')).toMatchObject({
      position: { stepId: 'a', visit: 2 },
    })
    expect(jumpPosition(cadence, position, 'b')).toMatchObject({
      position: { stepId: 'b', visit: 2 },
    })
    expect(jumpPosition(cadence, position, 'c')).toMatchObject({
      position: { stepId: 'c', visit: 1 },
    })
    expect(jumpPosition(cadence, position, 'd')).toBeNull()
  })

  it('gives the cadence its own time to answer at the end', () => {
    const cadence = { ...cadenceOf(['a']), endAfterMs: 5 }
    expect(nextPosition(cadence, { stepId: 'a', visit: 1 })).toMatchObject({ afterMs: 5 })
  })

  it('refuses a position of another version', () => {
    const cadence = cadenceOf(['a'])
    expect(() => nextPosition(cadence, { stepId: 'gone', visit: 1 })).toThrow(RangeError)
    expect(() => stepAt(cadence, { stepId: 'gone', visit: 1 })).toThrow(RangeError)
  })
})

const cadences = fc
  .uniqueArray(fc.stringMatching(/^[a-z]{1,6}$/), { minLength: 1, maxLength: 12 })
  .map(cadenceOf)

function cadenceOf(ids: readonly string[]): Cadence {
  return {
    name: 'test',
    title: 'Test',
    description: null,
    purpose: 'nurture',
    priority: 50,
    preferredHours: null,
    spreadImportsMs: 0,
    steps: ids.map(taskStep),
    end: { outcome: 'dead', reason: 'unresponsive' },
  }
}

function taskStep(id: string): Step {
  return {
    kind: 'task',
    id,
    after: { kind: 'exactly', ms: 0 },
    task: 'call',
    title: id,
    dueInMs: 0,
  }
}

function keyOf({ stepId, visit }: Position): string {
  return `${stepId}:${visit}`
}
