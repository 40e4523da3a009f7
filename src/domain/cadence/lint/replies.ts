import type { ChosenIntent } from '../header-types.ts'
import type { LintRule } from './types.ts'

/** Answers of people who wait for one. */
const ASKING = ['interested', 'question', 'unknown'] as const satisfies readonly ChosenIntent[]

/** A cadence that goes on writing to people who have answered it. */
export const noExitOnReply: LintRule = ({ cadence: { onReply = {} } }) =>
  ASKING.filter((intent) => onReply[intent]?.do === 'hold').map((intent) => ({
    path: ['on-reply', intent],
    step: null,
    code: 'no_exit_on_reply' as const,
    message: `After an answer that is ${WORDS[intent]} the cadence goes on by itself.`,
    fix: 'Write hand-off: then it ends, and a person answers.',
  }))

const WORDS: Readonly<Record<(typeof ASKING)[number], string>> = {
  interested: 'interested',
  question: 'a question',
  unknown: 'not understood',
}
