import { type Condition, questionsOf } from '../conditions/conditions.ts'
import type { Header } from './header-schema.ts'
import { problemAt } from './issues.ts'
import { type Problem, suggest } from './problems.ts'
import type { YamlPath, YamlSource } from './yaml-source.ts'

/**
 * What is wrong in the conditions of a cadence's head: steps that are not there, and questions
 * about an episode that has not begun.
 */
export function checkExits(
  source: YamlSource,
  { entry, exit = [], goal }: Header,
  ids: readonly string[],
): readonly Problem[] {
  const asked = [
    ...exit.map(({ when }, index) => ({ when, path: ['exit', index, 'when'] })),
    ...(goal === undefined ? [] : [{ when: goal.when, path: ['goal', 'when'] }]),
  ]
  return [
    ...asked.flatMap(({ when, path }) => unknownSteps(source, when, path, ids)),
    ...(entry?.when === undefined ? [] : tooEarly(source, entry.when)),
  ]
}

function unknownSteps(
  source: YamlSource,
  when: Condition,
  path: YamlPath,
  ids: readonly string[],
): readonly Problem[] {
  return questionsOf(when).flatMap((question) => {
    if (question.kind !== 'happened' || !('step' in question.what)) return []
    const { step } = question.what
    if (ids.includes(step)) return []
    const message = `There is no step "${step}" in this cadence.`
    return [problemAt(source, path, 'unknown_step', message, suggest(step, ids))]
  })
}

function tooEarly(source: YamlSource, when: Condition): readonly Problem[] {
  if (!questionsOf(when).some(({ kind }) => kind === 'happened')) return []
  const message = 'Nothing has happened in an episode that has not begun.'
  const fix = 'Ask for fields, score, consent or engagement; or ask in a branch or an exit.'
  return [problemAt(source, ['entry', 'when'], 'invalid_value', message, fix)]
}
