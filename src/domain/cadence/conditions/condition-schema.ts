import { z } from 'zod'
import { parseDuration } from '../duration.ts'
import { type ProblemCode, suggest } from '../file/problems.ts'
import {
  type Field,
  type FieldType,
  fieldNamed,
  OPERATORS,
  type Operator,
  readDate,
  suggestField,
} from './condition-fields.ts'
import {
  ASKED_SIGNALS,
  type Condition,
  ENGAGEMENTS,
  type FieldTest,
  NUMBER_TESTS,
  type NumberTest,
  type Scalar,
  STEP_FATES,
} from './conditions.ts'

/** What is wrong in a condition, and where: `at` the key itself, or at its value. */
export interface Flaw {
  readonly path: readonly (string | number)[]
  readonly at: 'key' | 'value'
  readonly code: ProblemCode
  readonly message: string
  readonly fix: string
}

/** Conditions that nest deeper, or ask more, are read by nobody. */
const DEEPEST = 5
const MOST_QUESTIONS = 50

const KINDS = ['all', 'any', 'not', 'field', 'score', 'engaged', 'consent', 'happened'] as const
type Kind = (typeof KINDS)[number]

/**
 * A condition as it is written, in YAML or JSON. Each flaw is an issue with its own path; its
 * `params` are the Flaw, for those who tell line and column.
 */
export const conditionSchema = z
  .unknown()
  .transform((written, context): Condition => {
    const flaws: Flaw[] = []
    const condition = new Reader(flaws).read(written, [])
    for (const flaw of flaws) {
      const { path, message, fix } = flaw
      const params = { flaw }
      context.addIssue({ code: 'custom', path: [...path], message: `${message} ${fix}`, params })
    }
    return condition ?? z.NEVER
  })
  .meta({ type: 'object' })

/** The same in a cadence's file, whose JSON Schema has a definition of its own for it. */
export const cadenceCondition = conditionSchema.meta({ $ref: '#/$defs/condition' })

type Path = Flaw['path']
type Written = Readonly<Record<string, unknown>>

/** Reads one condition and keeps everything that is wrong with it. */
class Reader {
  readonly #flaws: Flaw[]
  #questions = 0

  constructor(flaws: Flaw[]) {
    this.#flaws = flaws
  }

  /** null when something in it is wrong. */
  read(written: unknown, path: Path): Condition | null {
    if (!isRecord(written)) {
      return this.#flaw(path, 'invalid_value', 'This is not a condition.', EXAMPLE)
    }
    const kinds = KINDS.filter((key) => key in written)
    const [kind, second] = kinds
    if (kind === undefined) return this.#unknownKind(written, path)
    if (second !== undefined) {
      const message = `A condition asks one thing, and this has "${kind}" and "${second}".`
      return this.#flaw([...path, second], 'ambiguous_condition', message, COMBINE, 'key')
    }
    if (path.length >= DEEPEST * 2) {
      const message = `Conditions nest at most ${DEEPEST} deep.`
      return this.#flaw(path, 'invalid_value', message, 'Split it over two branches.')
    }
    return this.#readKind(kind, written, path)
  }

  #readKind(kind: Kind, written: Written, path: Path): Condition | null {
    const here = [...path, kind]
    if (kind !== 'field') this.#refuseOthers(written, path, [kind])
    switch (kind) {
      case 'all':
      case 'any':
        return this.#readGroup(kind, written[kind], here)
      case 'not': {
        const of = this.read(written.not, here)
        return of && { kind, of }
      }
      case 'field':
        return this.#readField(written, path)
      case 'score':
        return this.#readScore(written.score, here)
      case 'engaged':
        return this.#readEngaged(written.engaged, here)
      case 'consent':
        return this.#readConsent(written.consent, here)
      case 'happened':
        return this.#readHappened(written.happened, here)
    }
  }

  #readGroup(kind: 'all' | 'any', written: unknown, path: Path): Condition | null {
    if (!Array.isArray(written) || written.length === 0) {
      const message = `"${kind}" is a list of conditions.`
      return this.#flaw(path, 'invalid_value', message, `Write ${kind}: [ {…}, {…} ].`)
    }
    const of = written.map((each, index) => this.read(each, [...path, index]))
    const read = of.filter((each) => each !== null)
    return read.length === of.length ? { kind, of: read } : null
  }

  #readField(written: Written, path: Path): Condition | null {
    this.#count(path)
    const name = written.field
    const field = typeof name === 'string' ? fieldNamed(name) : null
    if (typeof name !== 'string' || field === null) {
      const message = `"${String(name)}" is not a field.`
      return this.#flaw([...path, 'field'], 'unknown_field', message, suggestField(String(name)))
    }
    const allowed: readonly string[] = OPERATORS[field.type]
    const ops = Object.keys(written).filter((key) => key !== 'field')
    if (ops.length === 0) {
      const message = `Nothing is asked of "${name}".`
      return this.#flaw(path, 'missing_key', message, `Add one of: ${allowed.join(', ')}.`)
    }
    const tests = ops.map((op) =>
      allowed.includes(op)
        ? this.#readTest(field, op as Operator, written[op], [...path, op])
        : this.#wrongOperator(field, op, [...path, op]),
    )
    const read = tests.filter((test) => test !== null)
    return read.length === tests.length ? { kind: 'field', field: name, tests: read } : null
  }

  #wrongOperator({ name, type }: Field, op: string, path: Path): null {
    const known: readonly string[] = OPERATORS.any
    const message = known.includes(op)
      ? `"${op}" cannot be asked of "${name}", which is ${TYPE_WORDS[type]}.`
      : `"${op}" is not a test.`
    const code = known.includes(op) ? 'wrong_operator' : 'unknown_key'
    return this.#flaw(path, code, message, suggest(op, OPERATORS[type]), 'key')
  }

  #readTest(field: Field, op: Operator, value: unknown, path: Path): FieldTest | null {
    switch (op) {
      case 'is':
      case 'is-not':
      case 'has': {
        const scalar = this.#scalar(field, value, path)
        return scalar === null ? null : { op, value: scalar }
      }
      case 'in':
      case 'not-in': {
        if (!Array.isArray(value) || value.length === 0) {
          return this.#flaw(path, 'invalid_value', `"${op}" is a list.`, `Write ${op}: [a, b].`)
        }
        const values = value.map((one, index) => this.#scalar(field, one, [...path, index]))
        const read = values.filter((one) => one !== null)
        return read.length === values.length ? { op, values: read } : null
      }
      case 'exists':
        return typeof value === 'boolean'
          ? { op, value }
          : this.#flaw(path, 'invalid_value', '"exists" is yes or no.', 'Write true or false.')
      case 'above':
      case 'below':
      case 'at-least':
      case 'at-most':
        return this.#number(op, value, path)
      case 'before':
      case 'after': {
        const isDate =
          value === 'now' || (typeof value === 'string' && readDate(value, 'UTC') !== null)
        return isDate
          ? { op, date: value }
          : this.#flaw(path, 'invalid_value', `"${op}" needs a date.`, DATE)
      }
      case 'within':
      case 'within-last': {
        const ms = this.#span(value, path)
        return ms === null ? null : { op, ms }
      }
    }
  }

  #readScore(written: unknown, path: Path): Condition | null {
    this.#count(path)
    const ops = isRecord(written) ? Object.keys(written) : []
    if (!isRecord(written) || ops.length === 0) {
      return this.#flaw(
        path,
        'invalid_value',
        'Nothing is asked of the score.',
        'Write score: { above: 20 }.',
      )
    }
    const tests = ops.map((op) =>
      isNumberTest(op)
        ? this.#number(op, written[op], [...path, op])
        : this.#flaw(
            [...path, op],
            'unknown_key',
            `"${op}" is not a test of the score.`,
            suggest(op, NUMBER_TESTS),
            'key',
          ),
    )
    const read = tests.filter((test) => test !== null)
    return read.length === tests.length ? { kind: 'score', tests: read } : null
  }

  #readEngaged(written: unknown, path: Path): Condition | null {
    this.#count(path)
    if (!isRecord(written) || !('within' in written)) {
      const fix = 'Write engaged: { within: 30d, by: [click, visit] }.'
      return this.#flaw(path, 'missing_key', '"engaged" does not say within what time.', fix)
    }
    this.#refuseOthers(written, path, ['within', 'by'])
    const withinMs = this.#span(written.within, [...path, 'within'])
    const by = this.#words(written.by ?? [...ENGAGEMENTS], ENGAGEMENTS, [...path, 'by'])
    return withinMs === null || by === null ? null : { kind: 'engaged', withinMs, by }
  }

  #readConsent(written: unknown, path: Path): Condition | null {
    this.#count(path)
    if (written === 'sms' || written === 'email') return { kind: 'consent', channel: written }
    return this.#flaw(path, 'invalid_value', '"consent" is to a channel.', 'Write email or sms.')
  }

  #readHappened(written: unknown, path: Path): Condition | null {
    this.#count(path)
    if (!isRecord(written) || 'step' in written === 'signal' in written) {
      const fix = 'Write happened: { step: hello, was: clicked }, or happened: { signal: visit }.'
      return this.#flaw(path, 'invalid_value', '"happened" names a step or a signal.', fix)
    }
    const within = written.within
    const withinMs = within === undefined ? null : this.#span(within, [...path, 'within'])
    if (within !== undefined && withinMs === null) return null
    const what = 'step' in written ? this.#readFate(written, path) : this.#readSignal(written, path)
    return what && { kind: 'happened', what, withinMs }
  }

  #readFate(written: Written, path: Path) {
    this.#refuseOthers(written, path, ['step', 'was', 'arm', 'within'])
    const { step, was, arm } = written
    if (typeof step !== 'string') {
      return this.#flaw(
        [...path, 'step'],
        'invalid_value',
        '"step" is not a step’s id.',
        'Write the id of a step.',
      )
    }
    if (typeof arm === 'string' && was === undefined) return { step, arm }
    const [fate] = this.#words(was ?? 'done', STEP_FATES, [...path, 'was']) ?? []
    return fate === undefined ? null : { step, was: fate }
  }

  #readSignal(written: Written, path: Path) {
    this.#refuseOthers(written, path, ['signal', 'name', 'within'])
    const [signal] = this.#words(written.signal, ASKED_SIGNALS, [...path, 'signal']) ?? []
    if (signal === undefined) return null
    const { name = null } = written
    if (name === null) return { signal, name }
    if (typeof name === 'string' && signal === 'custom') return { signal, name }
    const fix = 'Name the custom signal that you post to /v1/signals, or take the name out.'
    return this.#flaw([...path, 'name'], 'invalid_value', 'Only a custom signal has a name.', fix)
  }

  #scalar({ name, choices }: Field, value: unknown, path: Path): Scalar | null {
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
      return this.#flaw(
        path,
        'invalid_value',
        `"${name}" is compared with one value.`,
        'Write a word, a number, true or false.',
      )
    }
    if (choices === null || choices.includes(String(value))) return value
    const message = `"${name}" is never "${String(value)}".`
    return this.#flaw(path, 'invalid_value', message, suggest(String(value), choices))
  }

  #number(op: NumberTest['op'], value: unknown, path: Path): NumberTest | null {
    if (typeof value === 'number' && Number.isFinite(value)) return { op, value }
    return this.#flaw(path, 'invalid_value', `"${op}" needs a number.`, `Write ${op}: 20.`)
  }

  #span(value: unknown, path: Path): number | null {
    const ms = typeof value === 'string' ? parseDuration(value) : null
    if (ms !== null && ms > 0) return ms
    const fix = 'Write a number with a unit (m, h, d, w) such as 30d, at most 400d.'
    return this.#flaw(path, 'invalid_value', 'This is not a span of time.', fix)
  }

  /** One of the known words, or a list of them. */
  #words<T extends string>(value: unknown, known: readonly T[], path: Path): readonly T[] | null {
    const isList = Array.isArray(value)
    const given: readonly unknown[] = isList ? value : [value]
    const read = given.map((one, index) => {
      const word = known.find((each) => each === one)
      if (word !== undefined) return word
      const at = isList ? [...path, index] : path
      const message = `"${lastOf(path)}" is never "${String(one)}".`
      return this.#flaw(at, 'invalid_value', message, suggest(String(one), known))
    })
    const words = read.filter((one) => one !== null)
    return words.length === read.length && words.length > 0 ? words : null
  }

  #refuseOthers(written: Written, path: Path, known: readonly string[]): void {
    for (const key of Object.keys(written)) {
      if (known.includes(key)) continue
      const message = `"${key}" is not a key here.`
      this.#flaw([...path, key], 'unknown_key', message, suggest(key, known), 'key')
    }
  }

  #unknownKind(written: Written, path: Path): null {
    const [key] = Object.keys(written)
    if (key === undefined)
      return this.#flaw(path, 'missing_key', 'This condition is empty.', EXAMPLE)
    const message = `"${key}" is not a condition.`
    return this.#flaw([...path, key], 'unknown_key', message, suggest(key, KINDS), 'key')
  }

  #count(path: Path): void {
    this.#questions += 1
    if (this.#questions !== MOST_QUESTIONS + 1) return
    const message = `A condition asks at most ${MOST_QUESTIONS} things.`
    this.#flaw(path, 'invalid_value', message, 'Use "in" for several values, or tag the leads.')
  }

  #flaw(
    path: Path,
    code: ProblemCode,
    message: string,
    fix: string,
    at: Flaw['at'] = 'value',
  ): null {
    this.#flaws.push({ path, at, code, message, fix })
    return null
  }
}

const EXAMPLE =
  'Write { field: lead.source, is: webform }, or all, any, not, score, engaged, consent, happened.'
const COMBINE = 'Write all: [ {…}, {…} ] for both, any: [ {…}, {…} ] for one of them.'
const DATE = 'Write a date such as 2027-03-31, or now.'

const TYPE_WORDS: Readonly<Record<FieldType, string>> = {
  text: 'a text',
  choice: 'one of a few words',
  number: 'a number',
  date: 'a date',
  list: 'a list',
  presence: 'there or not',
  any: 'a field of your own',
}

function isNumberTest(op: string): op is NumberTest['op'] {
  return NUMBER_TESTS.some((each) => each === op)
}

function lastOf(path: Path): string {
  return String(path.findLast((key) => typeof key === 'string') ?? '')
}

function isRecord(value: unknown): value is Written {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
