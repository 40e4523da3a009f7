import type { Ambiguous, Refusal } from '../types.ts'
import { classifyCreateRefusal, type HttpRefusal } from './twilio-errors.ts'
import { NoAnswer } from './twilio-http.ts'

/** An answer that tells nothing. */
export const unreadable: Ambiguous = {
  kind: 'ambiguous',
  code: 'sms_answer_unreadable',
  because: 'The answer was not one of Twilio, so it does not tell whether the text was taken.',
}

/** What a request comes to that the SDK gave up with an exception. */
export function classifyFailure(error: unknown, retryAfterMs: number | null): Refusal {
  if (error instanceof NoAnswer) return unanswered(error)
  const answer = readRefusal(error, retryAfterMs)
  return answer ? classifyCreateRefusal(answer) : unreadable
}

function unanswered({ left, late }: NoAnswer): Refusal {
  if (left) {
    return {
      kind: 'ambiguous',
      code: late ? 'sms_no_answer_in_time' : 'sms_connection_lost',
      because: 'The request had left for Twilio, and no answer came.',
    }
  }
  return {
    kind: 'transient',
    code: 'sms_provider_unreachable',
    because: 'Twilio could not be reached; nothing was sent.',
  }
}

/** The SDK has two exceptions for refusals; both carry the status, and the code if there is one. */
function readRefusal(error: unknown, retryAfterMs: number | null): HttpRefusal | null {
  if (!(error instanceof Error)) return null
  const status: unknown = Reflect.get(error, 'status')
  const code: unknown = Reflect.get(error, 'code')
  if (typeof status !== 'number') return null
  return { status, code: typeof code === 'number' ? code : null, retryAfterMs }
}
