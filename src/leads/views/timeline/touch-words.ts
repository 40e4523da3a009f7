import type { Channel } from '../../../domain/policy/types.ts'
import { plus, toIso } from '../../../domain/time.ts'
import type { TouchState } from '../../../store/schema.ts'
import type { TouchRow } from '../../../store/touches.ts'

/**
 * What a touch's state says, and what it does not: what a provider accepted it may still hold
 * back, and it is delivered only when a report says so.
 */
export function stateWords(state: TouchState, channel: Channel): string {
  switch (state) {
    case 'intent':
      return 'decided and written down; not handed to the provider yet'
    case 'dispatching':
      return 'being handed to the provider; from now on it may leave'
    case 'sent':
      return channel === 'email'
        ? 'accepted by the mail server; no report says whether it was delivered'
        : 'accepted by the provider, who may hold it back until its time to deliver has run out; no report says whether it was delivered'
    case 'delivered':
      return 'delivered, as the provider reports'
    case 'failed':
      return 'not delivered, as the provider or its answer says'
    case 'abandoned':
      return 'taken back before it was handed to anybody: nothing was sent'
    case 'uncertain':
      return 'handed over, and the answer was lost: it may have been sent, and is never sent again'
  }
}

/** Until when a text's provider may try to deliver it, ISO 8601; null for what was not handed over. */
export function validUntil({
  dispatched_at: at,
  valid_for_ms: ms,
}: Pick<TouchRow, 'dispatched_at' | 'valid_for_ms'>): string | null {
  return at === null || ms === null ? null : toIso(plus(at, ms))
}
