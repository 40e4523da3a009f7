import { DURATION_PATTERN } from '../duration.ts'
import { FIELDS } from './condition-fields.ts'
import { ASKED_SIGNALS, ENGAGEMENTS, NUMBER_TESTS, STEP_FATES } from './conditions.ts'

const NUMBER = { type: 'number' }
const SPAN = { type: 'string', pattern: DURATION_PATTERN }
const SCALAR = { type: ['string', 'number', 'boolean'] }
const SELF = { $ref: '#/$defs/condition' }
const NUMBERS = Object.fromEntries(NUMBER_TESTS.map((op) => [op, NUMBER]))
const closed = (properties: Record<string, unknown>, required: readonly string[]) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
})
const oneOrMore = (words: readonly string[]) => ({
  anyOf: [{ enum: words }, { type: 'array', items: { enum: words }, minItems: 1 }],
})

/** JSON Schema of a condition, for editors: what `#/$defs/condition` points to. */
export const CONDITION_JSON_SCHEMA: Record<string, unknown> = {
  description: 'A condition: one question, or several in all, any, not.',
  anyOf: [
    closed({ all: { type: 'array', items: SELF, minItems: 1 } }, ['all']),
    closed({ any: { type: 'array', items: SELF, minItems: 1 } }, ['any']),
    closed({ not: SELF }, ['not']),
    closed(
      {
        field: {
          anyOf: [
            { enum: FIELDS.map(({ name }) => name) },
            { type: 'string', pattern: '^lead\\.attributes\\.[A-Za-z_][A-Za-z0-9_-]*$' },
          ],
        },
        is: SCALAR,
        'is-not': SCALAR,
        in: { type: 'array', items: SCALAR, minItems: 1 },
        'not-in': { type: 'array', items: SCALAR, minItems: 1 },
        has: SCALAR,
        exists: { type: 'boolean' },
        ...NUMBERS,
        before: { type: 'string' },
        after: { type: 'string' },
        within: SPAN,
        'within-last': SPAN,
      },
      ['field'],
    ),
    closed({ score: { type: 'object', properties: NUMBERS, additionalProperties: false } }, [
      'score',
    ]),
    closed({ engaged: closed({ within: SPAN, by: oneOrMore(ENGAGEMENTS) }, ['within']) }, [
      'engaged',
    ]),
    closed({ consent: { enum: ['email', 'sms'] } }, ['consent']),
    closed(
      {
        happened: {
          anyOf: [
            closed({ step: { type: 'string' }, was: { enum: STEP_FATES }, within: SPAN }, ['step']),
            closed({ step: { type: 'string' }, arm: { type: 'string' }, within: SPAN }, [
              'step',
              'arm',
            ]),
            closed({ signal: { enum: ASKED_SIGNALS }, name: { type: 'string' }, within: SPAN }, [
              'signal',
            ]),
          ],
        },
      },
      ['happened'],
    ),
  ],
}
