import { writeDuration } from '../duration.ts'
import type { Condition, FieldTest, NumberTest } from './conditions.ts'

/** A condition as it is written in a file or sent to the api; reading it gives the same again. */
export function writeCondition(condition: Condition): Record<string, unknown> {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return { [condition.kind]: condition.of.map(writeCondition) }
    case 'not':
      return { not: writeCondition(condition.of) }
    case 'field':
      return { field: condition.field, ...testsOf(condition.tests) }
    case 'score':
      return { score: testsOf(condition.tests) }
    case 'engaged':
      return { engaged: { within: writeDuration(condition.withinMs), by: condition.by } }
    case 'consent':
      return { consent: condition.channel }
    case 'happened': {
      const { what, withinMs } = condition
      const within = withinMs === null ? {} : { within: writeDuration(withinMs) }
      if (!('signal' in what)) return { happened: { ...what, ...within } }
      const { signal, name } = what
      return { happened: { signal, ...(name !== null && { name }), ...within } }
    }
  }
}

function testsOf(tests: readonly (FieldTest | NumberTest)[]): Record<string, unknown> {
  return Object.fromEntries(tests.map((test) => [test.op, valueOf(test)]))
}

function valueOf(test: FieldTest | NumberTest): unknown {
  switch (test.op) {
    case 'in':
    case 'not-in':
      return test.values
    case 'before':
    case 'after':
      return test.date
    case 'within':
    case 'within-last':
      return writeDuration(test.ms)
    default:
      return test.value
  }
}
