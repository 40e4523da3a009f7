import type { Cadence, Position, Step } from '../types.ts'

/** Where an episode stands in the version that it leaves. */
export interface Standing {
  /** null after the last step. */
  readonly position: Position | null
  /** The steps that it has left, in any of its versions. */
  readonly passed: readonly Position[]
  /** The message of its step is on its way, or has left: it counts as passed. */
  readonly underWay: boolean
}

/** Where it goes on in the version that it enters. */
export type Landing =
  /** The same step on the same visit. */
  | { readonly kind: 'same'; readonly position: Position }
  /** Its step is gone, or steps were added after the last: the next one that is not done. */
  | { readonly kind: 'next'; readonly position: Position }
  /** No step is left: what remains is the time to answer. */
  | { readonly kind: 'end' }

/**
 * Where an episode goes on in another version of its cadence. Steps are matched by id. A step that
 * is gone is replaced by what follows, in the new version, the nearest step before it that is still
 * there; whatever was done on this visit is not done again.
 */
export function landingIn(from: Cadence, to: Cadence, standing: Standing): Landing {
  const { position, underWay } = standing
  const visit = position?.visit ?? Math.max(1, ...standing.passed.map((each) => each.visit))
  const kept = position === null ? -1 : indexOf(to, position.stepId)
  if (position !== null && kept !== -1) return { kind: 'same', position }
  const done = position !== null && underWay ? [...standing.passed, position] : standing.passed
  const before = position === null ? from.steps.length : indexOf(from, position.stepId)
  const next = to.steps
    .slice(followerOf(from.steps.slice(0, Math.max(before, 0)), to))
    .find((step) => !isDone(step, visit, done))
  return next === undefined
    ? { kind: 'end' }
    : { kind: 'next', position: { stepId: next.id, visit } }
}

/** Whether a step did something to the lead, which is not done twice on one visit. */
export function isDone(step: Step, visit: number, passed: readonly Position[]): boolean {
  return hasEffect(step) && passed.some((each) => each.stepId === step.id && each.visit === visit)
}

/** Whether coming to a step does more than decide where to go on. */
export function hasEffect({ kind }: Step): boolean {
  switch (kind) {
    case 'message':
    case 'task':
    case 'webhook':
    case 'update':
      return true
    case 'wait':
    case 'wait-for':
    case 'branch':
    case 'split':
    case 'goto':
    case 'end':
      return false
  }
}

/** The index behind the last of these steps that the other version has too. */
function followerOf(before: readonly Step[], to: Cadence): number {
  const last = before.findLast(({ id }) => indexOf(to, id) !== -1)
  return last === undefined ? 0 : indexOf(to, last.id) + 1
}

function indexOf(cadence: Cadence, stepId: string): number {
  return cadence.steps.findIndex(({ id }) => id === stepId)
}
