import type { Cadence } from '../types.ts'

/** Where a lead may go from a step. */
interface Exit {
  /** The step it goes to; null: past the last step, or to an end. */
  readonly to: string | null
  /** As written in the file, for whoever points at it: ["branch", 0, "goto"]; null: by itself. */
  readonly path: readonly (string | number)[] | null
}

type Steps = Pick<Cadence, 'steps'>

/** Every way on from the step at `index`. Where the only way on is a jump, the next is none. */
export function exitsOf({ steps }: Steps, index: number): readonly Exit[] {
  const step = steps[index]
  if (step === undefined) return []
  const next: Exit = { to: steps[index + 1]?.id ?? null, path: null }
  switch (step.kind) {
    case 'wait-for':
      return [
        step.whenItCame === null ? next : { to: step.whenItCame, path: ['then'] },
        step.whenNot === null ? next : { to: step.whenNot, path: ['else'] },
      ]
    case 'branch': {
      const { arms, otherwise } = step
      const jumps = arms.map(({ goto }, arm) => ({ to: goto, path: ['branch', arm, 'goto'] }))
      const last = { to: otherwise, path: ['branch', arms.length, 'goto'] }
      return [...jumps, otherwise === null ? next : last]
    }
    case 'split':
      return step.arms.map(({ goto }, arm) => ({ to: goto, path: ['split', arm, 'goto'] }))
    case 'goto': {
      const jump = { to: step.to, path: ['goto'] }
      return step.atMost === null ? [jump] : [jump, next]
    }
    case 'end':
      return []
    case 'message': {
      const { whenStale } = step
      const late = {
        to: whenStale?.kind === 'goto' ? whenStale.stepId : null,
        path: ['stale', 'goto'],
      }
      return late.to === null ? [next] : [next, late]
    }
    case 'task':
    case 'wait':
    case 'webhook':
    case 'update':
      return [next]
  }
}

/**
 * How many step visits one episode can have at most. Within one visit steps are entered in their
 * order, so each round back starts at most one more pass.
 */
export function mostVisits({ steps }: Steps): number {
  const rounds = steps.reduce(
    (sum, step) => sum + (step.kind === 'goto' ? (step.atMost ?? 0) : 0),
    0,
  )
  return steps.length * (1 + rounds)
}
