import { contactKey } from '../contact-point.ts'

export type OptOutType = 'STOP' | 'START' | 'HELP'

/**
 * Twilio's own words, matched as whole messages. They are not ours: "opt out" in two words is a
 * revocation by the FCC's rule and unknown to Twilio, which lets the next text through.
 */
const words: Readonly<Record<OptOutType, readonly string[]>> = {
  STOP: ['STOP', 'STOPALL', 'UNSUBSCRIBE', 'CANCEL', 'END', 'QUIT', 'REVOKE', 'OPTOUT'],
  START: ['START', 'YES', 'UNSTOP'],
  HELP: ['HELP', 'INFO'],
}

/** Who has told our numbers STOP, as Twilio keeps it. */
export class OptOuts {
  readonly #stopped = new Set<string>()

  /** Applies an inbound text, and says what Twilio takes it for. */
  hear(number: string, body: string): OptOutType | null {
    const type = optOutType(body)
    if (type === 'STOP') this.#stopped.add(contactKey(number))
    if (type === 'START') this.#stopped.delete(contactKey(number))
    return type
  }

  has(number: string): boolean {
    return this.#stopped.has(contactKey(number))
  }
}

function optOutType(body: string): OptOutType | null {
  const word = body.trim().toUpperCase()
  if (words.STOP.includes(word)) return 'STOP'
  if (words.START.includes(word)) return 'START'
  return words.HELP.includes(word) ? 'HELP' : null
}
