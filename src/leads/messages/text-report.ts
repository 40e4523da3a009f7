import { deliveryFailure } from '../../channels/sms/twilio-errors.ts'
import type { DeliveryReport } from './delivery.ts'

/** What Twilio's status of a text says of it; null for one that says nothing new. */
export function textReport(status: string, errorCode: number | null): DeliveryReport | null {
  switch (status) {
    case 'accepted':
    case 'scheduled':
    case 'queued':
    case 'sending':
    case 'sent':
      return { kind: 'accepted' }
    case 'delivered':
    case 'read':
    case 'partially_delivered':
      return { kind: 'delivered' }
    case 'failed':
    case 'undelivered':
    case 'canceled':
      return failed(errorCode)
    default:
      return null
  }
}

function failed(errorCode: number | null): DeliveryReport {
  const refusal = deliveryFailure(errorCode)
  const { code, because } = refusal
  switch (refusal.kind) {
    case 'permanent': {
      const { contactPoint } = refusal
      return { kind: 'failed', failure: 'permanent', code, because, contactPoint }
    }
    case 'sender_fault':
      return { kind: 'failed', failure: 'sender_fault', code, because, contactPoint: 'unchanged' }
    // A report is never ambiguous; what is not understood is not held against the number.
    case 'ambiguous':
      return { kind: 'failed', failure: 'transient', code, because, contactPoint: 'unchanged' }
    case 'transient': {
      const { retries, retryAfterMs } = refusal
      return {
        kind: 'failed',
        failure: 'transient',
        code,
        because,
        contactPoint: 'unchanged',
        ...(retries && { retries }),
        ...(retryAfterMs !== undefined && { retryAfterMs }),
      }
    }
  }
}
