import { type LineType, lineTypeOfLookup } from '../../domain/line-types.ts'
import type { SmsConfig } from './twilio.ts'
import { twilioCall } from './twilio-client.ts'
import { NoAnswer } from './twilio-http.ts'

/** What the provider says of a number's line. A number of which it cannot tell is no failure. */
export type LookedUp =
  | { readonly kind: 'known'; readonly type: LineType }
  /** It cannot say; `again`: it may in a while. `because` holds no number. */
  | { readonly kind: 'unknown'; readonly because: string; readonly again: boolean }

export interface PhoneLookup {
  /** Asks once; every failure is a value. */
  lineTypeOf(e164: string): Promise<LookedUp>
}

const DEADLINE_MS = 5_000

/** Twilio's Lookup, version 2, with line_type_intelligence: each question has its price. */
export function twilioLookup(config: SmsConfig): PhoneLookup {
  const client = () => twilioCall(config, { deadlineMs: DEADLINE_MS }).client
  return {
    lineTypeOf: async (e164) => {
      try {
        const found = await client()
          .lookups.v2.phoneNumbers(e164)
          .fetch({ fields: 'line_type_intelligence' })
        const { type, errorCode } = found.lineTypeIntelligence ?? {}
        if (errorCode != null) return unknown(`Twilio cannot tell (error ${errorCode})`, false)
        const known = lineTypeOfLookup(type)
        return known === 'unknown'
          ? unknown('Twilio does not know the line', false)
          : { kind: 'known', type: known }
      } catch (error) {
        return failed(error)
      }
    },
  }
}

function failed(error: unknown): LookedUp {
  if (error instanceof NoAnswer) return unknown('Twilio did not answer', true)
  const status: unknown = error instanceof Error ? Reflect.get(error, 'status') : null
  if (typeof status !== 'number') return unknown('Twilio’s answer could not be read', true)
  return unknown(`Twilio answered ${status}`, status === 429 || status >= 500)
}

function unknown(because: string, again: boolean): LookedUp {
  return { kind: 'unknown', because, again }
}
