import type { Cadence, CadenceEnd, Position, Step } from './types.ts'
import { DEFAULT_END_AFTER_MS } from './types.ts'

/** What comes next for a lead in an episode. */
export type Next =
  | { readonly kind: 'step'; readonly step: Step; readonly position: Position }
  | { readonly kind: 'end'; readonly end: CadenceEnd; readonly afterMs: number }

/** Where an episode begins. */
export function firstPosition(cadence: Cadence): Next {
  return nextAt(cadence, 0, 1)
}

/**
 * What follows `position` in the same version of the cadence. The visit goes along, so that no
 * step of an episode is entered twice with the same visit, also after a jump back.
 */
export function nextPosition(cadence: Cadence, position: Position): Next {
  return nextAt(cadence, indexOf(cadence, position.stepId) + 1, position.visit)
}

/** The step at `position`. */
export function stepAt(cadence: Cadence, position: Position): Step {
  const step = cadence.steps[indexOf(cadence, position.stepId)]
  if (step === undefined) throw unknownStep(cadence, position.stepId)
  return step
}

/**
 * Where an operator's jump from `position` to `stepId` leads: forward on the same visit, back (or
 * to the same step again) on the next one. null when the cadence has no such step.
 */
export function jumpPosition(cadence: Cadence, position: Position, stepId: string): Next | null {
  const target = cadence.steps.findIndex((step) => step.id === stepId)
  if (target === -1) return null
  const isForward = target > indexOf(cadence, position.stepId)
  return nextAt(cadence, target, isForward ? position.visit : position.visit + 1)
}

function nextAt(cadence: Cadence, index: number, visit: number): Next {
  const step = cadence.steps[index]
  if (step === undefined) {
    return {
      kind: 'end',
      end: cadence.end,
      afterMs: cadence.endAfterMs ?? DEFAULT_END_AFTER_MS,
    }
  }
  return { kind: 'step', step, position: { stepId: step.id, visit } }
}

function indexOf(cadence: Cadence, stepId: string): number {
  const index = cadence.steps.findIndex((step) => step.id === stepId)
  if (index === -1) throw unknownStep(cadence, stepId)
  return index
}

/** Versions are immutable and leads keep theirs: an unknown step is a mistake of the caller. */
function unknownStep(cadence: Cadence, stepId: string): Error {
  return new RangeError(`cadence ${cadence.name} has no step ${stepId} in this version`)
}
