import type { Company } from '../company/company.ts'
import type { RequiredAnswer } from '../messages.ts'
import { HOUR_MS, MINUTE_MS } from '../time.ts'

/**
 * How long an answer is worth sending. The confirmation of a STOP leaves within five minutes or
 * not at all: 47 CFR 64.1200(a)(12) takes a later one for marketing unless we prove otherwise.
 */
export const ANSWER_VALID_MS: Readonly<Record<RequiredAnswer, number>> = {
  stop: 5 * MINUTE_MS,
  start: HOUR_MS,
  help: HOUR_MS,
}

/** The reply that the law and the carriers expect to a keyword, in the company's name. */
export function answerText(
  answer: RequiredAnswer,
  company: Pick<Company, 'brand' | 'helpContact' | 'phone' | 'replyTo' | 'from'>,
): string {
  const help = company.helpContact ?? company.phone ?? company.replyTo ?? company.from.email
  switch (answer) {
    case 'stop':
      return `${company.brand}: you get no more texts from us. Reply START to get them again.`
    case 'start':
      return `${company.brand}: you are opted in to our texts again. Reply HELP for help, STOP to end them.`
    case 'help':
      return `${company.brand}: for help, reach us at ${help}. Reply STOP to end our texts.`
  }
}
