import { expect } from 'vitest'
import { type KnownTemplate, parseCadence } from '../../src/domain/cadence/file/parse.ts'
import type { Problem } from '../../src/domain/cadence/file/problems.ts'
import type { Cadence } from '../../src/domain/cadence/types.ts'

/** The cadence of a text that has to be right. */
export function parsedCadence(text: string, templates?: readonly KnownTemplate[]): Cadence {
  const parsing = parseCadence('cadences/sample.yaml', text, templates)
  if (!parsing.ok) throw new Error(JSON.stringify(parsing.problems, null, 2))
  return parsing.cadence
}

/** `text` with `right` written wrongly; `right` has to be there, else nothing would be tried. */
export function miswritten(text: string, right: string, wrong: string): string {
  expect(text).toContain(right)
  return text.replace(right, wrong)
}

/** The problem that `found` names as "line:column code"; what to do about it says `fix`. */
export function expectProblem(problems: readonly Problem[], found: string, fix = ''): Problem {
  const told = problems.find(({ line, column, code }) => `${line}:${column} ${code}` === found)
  if (told === undefined) throw new Error(`${found} is not among ${JSON.stringify(problems)}`)
  expect(told.fix).toContain(fix)
  return told
}

/** What is wrong in a cadence's text; nothing when it can be read. */
export function problemsIn(text: string, templates?: readonly KnownTemplate[]): readonly Problem[] {
  const parsing = parseCadence('cadences/sample.yaml', text, templates)
  return parsing.ok ? [] : parsing.problems
}
