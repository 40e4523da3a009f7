import { writeDuration } from '../duration.ts'
import type { Condition, FieldTest, NumberTest, Question, StepFate } from './conditions.ts'

/** A condition in words, as the pages show it: "lead.source is webform, and the score is above 20". */
export function describeCondition(condition: Condition): string {
  switch (condition.kind) {
    case 'all':
      return condition.of.map(grouped).join(', and ')
    case 'any':
      return condition.of.map(grouped).join(', or ')
    case 'not':
      return isQuestion(condition.of)
        ? words(condition.of, false)
        : `not (${describeCondition(condition.of)})`
    default:
      return words(condition, true)
  }
}

/** One question as it is answered, with the condition's own words and values only. */
export function words(question: Question, holds: boolean): string {
  switch (question.kind) {
    case 'field':
      return question.tests
        .map((test) => `${question.field} ${testWords(test, holds)}`)
        .join(' and ')
    case 'score':
      return `the score ${question.tests.map((test) => numberWords(test, holds)).join(' and ')}`
    case 'engaged': {
      const did = `a ${question.by.join(' or ')} within ${writeDuration(question.withinMs)}`
      return holds ? `there was ${did}` : `there was not ${did}`
    }
    case 'consent': {
      const channel = question.channel === 'email' ? 'emails' : 'texts'
      return holds ? `it consents to ${channel}` : `it does not consent to ${channel}`
    }
    case 'happened':
      return happenedWords(question, holds)
  }
}

function happenedWords(
  { what, withinMs }: Extract<Question, { kind: 'happened' }>,
  holds: boolean,
): string {
  const when = withinMs === null ? '' : ` within ${writeDuration(withinMs)}`
  if ('signal' in what) {
    const name = what.name === null ? '' : ` "${what.name}"`
    const signal = `a ${what.signal.replaceAll('_', ' ')}${name} in this episode${when}`
    return holds ? `there was ${signal}` : `there was not ${signal}`
  }
  if ('arm' in what) {
    return `step ${what.step} ${holds ? 'took' : 'did not take'} ${what.arm}${when}`
  }
  return `step ${what.step} ${fateWords(what.was, holds)}${when}`
}

function fateWords(fate: StepFate, holds: boolean): string {
  if (fate === 'came') return holds ? 'had what it waited for' : 'did not have what it waited for'
  if (fate === 'timed-out') return holds ? 'waited in vain' : 'did not wait in vain'
  return holds ? `was ${fate}` : `was not ${fate}`
}

function testWords(test: FieldTest, holds: boolean): string {
  const not = holds ? '' : 'not '
  switch (test.op) {
    case 'is':
      return `is ${not}${test.value}`
    case 'is-not':
      return `is ${holds ? 'not ' : ''}${test.value}`
    case 'in':
      return `is ${holds ? 'one of' : 'none of'} ${test.values.join(', ')}`
    case 'not-in':
      return `is ${holds ? 'none of' : 'one of'} ${test.values.join(', ')}`
    case 'has':
      return holds ? `has ${test.value}` : `does not have ${test.value}`
    case 'exists':
      return test.value === holds ? 'is there' : 'is missing'
    case 'before':
    case 'after':
      return `is ${not}${test.op} ${test.date}`
    case 'within':
      return `is ${not}in the coming ${writeDuration(test.ms)}`
    case 'within-last':
      return `is ${not}in the last ${writeDuration(test.ms)}`
    default:
      return numberWords(test, holds)
  }
}

function numberWords({ op, value }: NumberTest, holds: boolean): string {
  return `is ${holds ? '' : 'not '}${op.replace('-', ' ')} ${value}`
}

function grouped(condition: Condition): string {
  const told = describeCondition(condition)
  return isQuestion(condition) || condition.kind === 'not' ? told : `(${told})`
}

function isQuestion(condition: Condition): condition is Question {
  return !['all', 'any', 'not'].includes(condition.kind)
}
