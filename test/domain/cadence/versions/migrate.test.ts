import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Cadence, Position, Step } from '../../../../src/domain/cadence/types.ts'
import { isDone, landingIn } from '../../../../src/domain/cadence/versions/migrate.ts'
import { firstPosition, nextPosition, stepAt } from '../../../../src/domain/cadence/walk.ts'
import { sampleCadence } from '../../plan/samples.ts'

const IDS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']

const step = (id: string): Step => ({
  kind: 'task',
  id,
  after: { kind: 'exactly', ms: 0 },
  task: 'other',
  title: id,
  dueInMs: 0,
})
const cadence = (...ids: string[]): Cadence => sampleCadence(ids.map(step))
/** Any steps in any order. */
const versions = fc.shuffledSubarray(IDS, { minLength: 1 }).map((ids) => cadence(...ids))

interface Walk {
  cadence: Cadence
  position: Position | null
  passed: Position[]
  /** What was done to the lead, in order. */
  readonly done: string[]
}

function begin(version: Cadence): Walk {
  const first = firstPosition(version)
  return {
    cadence: version,
    position: first.kind === 'step' ? first.position : null,
    passed: [],
    done: [],
  }
}

/** One turn of the engine: does the step, unless it is done, and goes on. */
function turn(walk: Walk): void {
  const { position } = walk
  if (position === null) return
  const at = stepAt(walk.cadence, position)
  if (!isDone(at, position.visit, walk.passed)) walk.done.push(at.id)
  walk.passed.push(position)
  const next = nextPosition(walk.cadence, position)
  walk.position = next.kind === 'step' ? next.position : null
}

function move(walk: Walk, to: Cadence, wanted = false): void {
  const { position, passed } = walk
  const here = position && stepAt(walk.cadence, position)
  // Nothing is on its way for a step that is done.
  const underWay = wanted && here !== null && !isDone(here, position?.visit ?? 1, passed)
  if (underWay && walk.position !== null) walk.done.push(walk.position.stepId)
  const landing = landingIn(walk.cadence, to, { ...walk, underWay })
  // A message that is on its way is settled by its step, when that is still there.
  if (landing.kind === 'same' && underWay) walk.done.pop()
  walk.cadence = to
  if (underWay && landing.kind !== 'same' && walk.position !== null) walk.passed.push(walk.position)
  walk.position = landing.kind === 'end' ? null : landing.position
}

describe('a lead under way that is moved into other versions', () => {
  it('is done nothing to twice, keeps the order of each version, and comes to an end', () => {
    const moves = fc.array(fc.record({ after: fc.nat(9), to: versions, underWay: fc.boolean() }), {
      maxLength: 4,
    })
    fc.assert(
      fc.property(versions, moves, (first, list) => {
        const walk = begin(first)
        for (const { after, to, underWay } of list) {
          for (let turns = 0; turns < after; turns += 1) turn(walk)
          move(walk, to, underWay)
          const since = walk.done.length
          const probe = { ...walk, passed: [...walk.passed], done: [...walk.done] }
          for (let turns = 0; turns <= IDS.length && probe.position !== null; turns += 1)
            turn(probe)
          expect(probe.position).toBeNull()
          const order = to.steps.map(({ id }) => id)
          const places = probe.done.slice(since).map((id) => order.indexOf(id))
          expect(places).toEqual([...places].sort((a, b) => a - b))
        }
        for (let turns = 0; turns <= IDS.length && walk.position !== null; turns += 1) turn(walk)
        expect(walk.position).toBeNull()
        expect(new Set(walk.done).size).toBe(walk.done.length)
      }),
      { numRuns: 500 },
    )
  })

  it('gets every step of the new version that follows where it goes on, once', () => {
    fc.assert(
      fc.property(versions, versions, fc.nat(9), (from, to, turns) => {
        const walk = begin(from)
        for (let n = 0; n < turns; n += 1) turn(walk)
        const before = new Set(walk.done)
        move(walk, to)
        const landed = walk.position?.stepId
        while (walk.position !== null) turn(walk)
        const rest = landed === undefined ? [] : to.steps.slice(idsOf(to).indexOf(landed))
        const wanted = rest.map(({ id }) => id).filter((id) => !before.has(id))
        expect(walk.done.slice(before.size)).toEqual(wanted)
      }),
    )
  })

  it('stays where it stands in a version that has its step, whatever was moved around it', () => {
    fc.assert(
      fc.property(versions, versions, fc.nat(7), (from, to, n) => {
        const walk = begin(from)
        for (let turns = 0; turns < n; turns += 1) turn(walk)
        const { position } = walk
        fc.pre(position !== null && idsOf(to).includes(position.stepId))
        move(walk, to)
        expect(walk.position).toEqual(position)
      }),
    )
  })

  const at = (stepId: string | null, passed: string[] = [], visit = 1) => ({
    position: stepId === null ? null : { stepId, visit },
    passed: passed.map((id) => ({ stepId: id, visit })),
    underWay: false,
  })

  it('goes on behind the step before, when its own is gone', () => {
    const from = cadence('a', 'b', 'c', 'd')
    expect(landingIn(from, cadence('a', 'x', 'c', 'd'), at('b', ['a']))).toEqual({
      kind: 'next',
      position: { stepId: 'x', visit: 1 },
    })
    expect(landingIn(from, cadence('x', 'c', 'd'), at('b', ['a']))).toMatchObject({
      position: { stepId: 'x' },
    })
    expect(landingIn(from, cadence('a'), at('c', ['a', 'b']))).toEqual({ kind: 'end' })
    expect(landingIn(from, cadence('c', 'a', 'd'), at('b', ['a'], 3))).toEqual({
      kind: 'next',
      position: { stepId: 'd', visit: 3 },
    })
  })

  it('waiting for an answer gets the steps that were added at the end, and no others', () => {
    const from = cadence('a', 'b')
    expect(landingIn(from, cadence('a', 'b', 'c'), at(null, ['a', 'b']))).toMatchObject({
      kind: 'next',
      position: { stepId: 'c' },
    })
    expect(landingIn(from, cadence('x', 'a', 'b'), at(null, ['a', 'b']))).toEqual({ kind: 'end' })
  })

  it('whose message is on its way goes on behind it', () => {
    const from = cadence('a', 'b', 'c')
    const standing = { ...at('b', ['a']), underWay: true }
    expect(landingIn(from, cadence('a', 'c'), standing)).toMatchObject({
      position: { stepId: 'c' },
    })
    expect(landingIn(from, from, standing)).toMatchObject({ kind: 'same' })
  })
})

function idsOf({ steps }: Cadence): string[] {
  return steps.map(({ id }) => id)
}
