import type { Cadence, Position } from '../types.ts'
import { delayWords, timingWords } from '../words/change-words.ts'
import { landingIn } from './migrate.ts'
import type { PublishPolicy } from './policy.ts'

/** Leads under way that stand alike. */
export interface StandingGroup {
  readonly version: number
  readonly cadence: Cadence
  /** null after the last step. */
  readonly position: Position | null
  readonly passed: readonly Position[]
  readonly leads: number
}

/** What publishing does to the leads that stand at one step of one version. */
export interface ImpactRow {
  readonly version: number
  /** null: they wait for an answer to the last message. */
  readonly step: string | null
  readonly leads: number
  /** The step at which they go on; null: no step is left. */
  readonly becomes: string | null
  /** The step is gone from the new version, or was added to it. */
  readonly how: 'pinned' | 'same' | 'next' | 'end'
  /** One sentence without contact data. */
  readonly words: string
}

/**
 * What a policy does to the leads under way, per version and step, in the order of the steps.
 * A step at which leads go on in different ways has a row for each.
 */
export function impactOf(
  groups: readonly StandingGroup[],
  to: { readonly cadence: Cadence; readonly version: number },
  policy: PublishPolicy,
): ImpactRow[] {
  const rows = new Map<string, ImpactRow>()
  for (const group of groups) {
    const row = rowOf(group, to, policy)
    const key = JSON.stringify([row.version, row.step, row.becomes, row.how])
    const same = rows.get(key)
    rows.set(key, same === undefined ? row : { ...same, leads: same.leads + row.leads })
  }
  const places = new Map(groups.map(({ version, cadence }) => [version, cadence.steps]))
  const placeOf = ({ version, step }: ImpactRow) =>
    step === null ? Number.MAX_SAFE_INTEGER : stepIndex(places.get(version) ?? [], step)
  return [...rows.values()].sort((a, b) => a.version - b.version || placeOf(a) - placeOf(b))
}

function rowOf(
  group: StandingGroup,
  to: { readonly cadence: Cadence; readonly version: number },
  policy: PublishPolicy,
): ImpactRow {
  const { version, position, leads } = group
  const at = { version, step: position?.stepId ?? null, leads }
  if (policy === 'pin') {
    const words = `they keep version ${version} to its end`
    return { ...at, becomes: at.step, how: 'pinned', words }
  }
  const landing = landingIn(group.cadence, to.cadence, { ...group, underWay: false })
  switch (landing.kind) {
    case 'same': {
      const { stepId } = landing.position
      const words = waitWords(group.cadence, to.cadence, stepId, policy)
      return { ...at, becomes: stepId, how: 'same', words }
    }
    case 'next': {
      const { stepId } = landing.position
      const because = at.step === null ? 'steps follow the last one' : 'their step is gone'
      return { ...at, becomes: stepId, how: 'next', words: `${because}: they go on at ${stepId}` }
    }
    case 'end': {
      const words =
        at.step === null
          ? 'they go on waiting for an answer'
          : 'their step is gone and none follows: they wait for an answer, then it ends'
      return { ...at, becomes: null, how: 'end', words }
    }
  }
}

/** What becomes of the wait for a step that both versions have. */
function waitWords(from: Cadence, to: Cadence, stepId: string, policy: 'move' | 're-time'): string {
  const [before, after] = [stepOf(from, stepId), stepOf(to, stepId)]
  if (before === undefined || after === undefined) return 'they stay at it'
  const words = (step: typeof before) => `${delayWords(step.after)}${hoursWords(step)}`
  const [was, is] = [words(before), words(after)]
  if (was === is) return 'they stay at it; its wait is the same'
  return policy === 'move'
    ? `they stay at it; the wait that has begun keeps its date (it is ${is} for later leads, and was ${was})`
    : `they stay at it; its wait is counted anew: ${is} instead of ${was}`
}

function hoursWords(step: Cadence['steps'][number]): string {
  return step.kind === 'message' ? `, ${timingWords(step.timing)}` : ''
}

function stepOf(cadence: Cadence, stepId: string) {
  return cadence.steps.find(({ id }) => id === stepId)
}

function stepIndex(steps: Cadence['steps'], stepId: string): number {
  return steps.findIndex(({ id }) => id === stepId)
}
