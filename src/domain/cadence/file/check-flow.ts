import { type Condition, questionsOf, type StepFate } from '../conditions/conditions.ts'
import type { Step } from '../types.ts'
import { problemAt } from './issues.ts'
import { exitsOf } from './paths.ts'
import { type Problem, suggest } from './problems.ts'
import type { YamlPath, YamlSource } from './yaml-source.ts'

/** A step that could be read, and where it stands. */
export interface PlacedStep {
  readonly path: YamlPath
  readonly step: Step
}

/**
 * What is wrong between the steps: jumps to nowhere, loops without a bound, questions about steps
 * that are not there. `ids` are those of all steps, also of the ones that could not be read.
 */
export function checkFlow(
  source: YamlSource,
  placed: readonly PlacedStep[],
  ids: readonly string[],
): readonly Problem[] {
  return placed.flatMap((each) => [
    ...checkJumps(source, each, placed, ids),
    ...checkQuestions(source, each, placed, ids),
  ])
}

function checkJumps(
  source: YamlSource,
  { path, step }: PlacedStep,
  placed: readonly PlacedStep[],
  ids: readonly string[],
): readonly Problem[] {
  const here = ids.indexOf(step.id)
  const index = placed.findIndex((each) => each.step === step)
  const steps = placed.map((each) => each.step)
  return exitsOf({ steps }, index).flatMap(({ to, path: within }) => {
    if (to === null || within === null) return []
    const at = [...path, ...within]
    const target = ids.indexOf(to)
    if (target === -1) {
      const message = `There is no step "${to}" in this cadence.`
      return [problemAt(source, at, 'unknown_step', message, suggest(to, ids))]
    }
    const isBack = target <= here
    if (step.kind === 'goto') return checkGoto(source, path, step.atMost, isBack)
    if (!isBack) return []
    const message = `This goes back to "${to}", which only a step with "goto" may.`
    const fix = `Add a step { goto: ${to}, at-most: 3 } further down, and go there.`
    return [problemAt(source, at, 'backward_jump', message, fix)]
  })
}

function checkGoto(
  source: YamlSource,
  path: YamlPath,
  atMost: number | null,
  isBack: boolean,
): readonly Problem[] {
  if (isBack && atMost === null) {
    const message = 'This goes back, and nothing says how often.'
    const fix = 'Add at-most: 3, so that the cadence ends.'
    return [problemAt(source, [...path, 'goto'], 'unbounded_loop', message, fix)]
  }
  if (!isBack && atMost !== null) {
    const message = 'This goes forward, so it happens once.'
    return [problemAt(source, [...path, 'at-most'], 'invalid_value', message, 'Take at-most out.')]
  }
  return []
}

/** What each kind of step can come to. */
const FATES: Readonly<Record<Step['kind'], readonly StepFate[]>> = {
  message: ['sent', 'delivered', 'opened', 'clicked', 'failed', 'dropped'],
  task: ['given', 'dropped'],
  'wait-for': ['came', 'timed-out'],
  wait: ['done'],
  branch: ['done'],
  split: ['done'],
  webhook: ['done'],
  update: ['done'],
  goto: ['done'],
  end: ['done'],
}

function checkQuestions(
  source: YamlSource,
  { path, step }: PlacedStep,
  placed: readonly PlacedStep[],
  ids: readonly string[],
): readonly Problem[] {
  return conditionsOf(step).flatMap(({ when, path: within }) =>
    questionsOf(when).flatMap((question) => {
      if (question.kind !== 'happened' || !('step' in question.what)) return []
      const { what } = question
      const at = [...path, ...within]
      if (!ids.includes(what.step)) {
        const message = `There is no step "${what.step}" in this cadence.`
        return [problemAt(source, at, 'unknown_step', message, suggest(what.step, ids))]
      }
      const asked = placed.find((each) => each.step.id === what.step)?.step
      if (asked === undefined) return []
      if ('arm' in what) return checkArm(source, at, asked, what.arm)
      if (FATES[asked.kind].includes(what.was)) return checkWaking(source, at, step, what.was)
      const message = `Step "${what.step}" is a ${asked.kind}, which is never "${what.was}".`
      return [problemAt(source, at, 'invalid_value', message, suggest(what.was, FATES[asked.kind]))]
    }),
  )
}

function checkArm(source: YamlSource, at: YamlPath, asked: Step, arm: string): readonly Problem[] {
  const arms = asked.kind === 'split' ? asked.arms.map((each) => each.arm) : []
  if (arms.includes(arm)) return []
  const message = `Step "${asked.id}" has no arm "${arm}".`
  const fix = arms.length === 0 ? 'Name a step with "split".' : suggest(arm, arms)
  return [problemAt(source, at, 'invalid_value', message, fix)]
}

/** Opens and delivery receipts ring nobody: a lead that waits for one would not hear of it. */
function checkWaking(
  source: YamlSource,
  at: YamlPath,
  step: Step,
  was: StepFate,
): readonly Problem[] {
  if (step.kind !== 'wait-for' || !['opened', 'delivered'].includes(was)) return []
  const message = `Nobody can wait for "${was}": it tells too little to act on at once.`
  const fix = 'Wait for clicked, or ask for it in a branch after a wait.'
  return [problemAt(source, at, 'invalid_value', message, fix)]
}

/** The conditions that a step asks, and where in it they stand. */
function conditionsOf(
  step: Step,
): readonly { readonly when: Condition; readonly path: YamlPath }[] {
  switch (step.kind) {
    case 'branch':
      return step.arms.map(({ when }, arm) => ({ when, path: ['branch', arm, 'when'] }))
    case 'wait-for':
      return step.awaited.kind === 'condition'
        ? [{ when: step.awaited.when, path: ['wait-for', 'when'] }]
        : []
    default:
      return []
  }
}
