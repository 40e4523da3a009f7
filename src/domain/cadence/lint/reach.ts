import { exitsOf } from '../file/paths.ts'
import type { Cadence } from '../types.ts'
import type { LintRule } from './types.ts'

/** Steps that no lead ever comes to. */
export const unreachable: LintRule = ({ cadence }) => {
  const reached = reachedFrom(cadence)
  return cadence.steps.flatMap((step, index) =>
    reached.has(step.id)
      ? []
      : [
          {
            path: ['steps', index, 'id'],
            step: step.id,
            code: 'unreachable_step' as const,
            message: `No lead ever comes to the step "${step.id}": nothing leads there.`,
            fix: 'Name it in a goto, a branch or a split before it, or take it out.',
          },
        ],
  )
}

/** Whether every lead comes through all steps, in their order. */
export function isStraight(cadence: Cadence): boolean {
  return cadence.steps.every((_, index) =>
    exitsOf(cadence, index).every(({ path }) => path === null),
  )
}

function reachedFrom(cadence: Cadence): ReadonlySet<string> {
  const reached = new Set<string>()
  const open = [cadence.steps[0]?.id ?? null]
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (id === null || reached.has(id)) continue
    reached.add(id)
    const index = cadence.steps.findIndex((step) => step.id === id)
    open.push(...exitsOf(cadence, index).map(({ to }) => to))
  }
  return reached
}
