import { addressesIn, header, type ReadMail, readHeaders } from './read-mail.ts'

export type FeedbackReport = {
  /** False for a report that is none of a person: authentication failures, "not spam". */
  readonly complains: boolean
  readonly recipients: readonly string[]
}

/**
 * Reads a feedback report: RFC 5965 (ARF), or Microsoft's JMRP, which returns the message without
 * a report part. Its recipients are often blacked out: then our own token says who it was.
 */
export function readFeedbackReport(mail: ReadMail): FeedbackReport | null {
  const report = mail.parts.find(({ type }) => type === 'message/feedback-report')
  const returned = mail.parts.find(({ type }) => /^(?:message|text)\/rfc822/.test(type))
  const original = readHeaders(returned?.text ?? '')
  const junked = original.get('x-hmxmroriginalrecipient')
  if (report === undefined) {
    if (junked !== undefined) return { complains: true, recipients: addressesIn(junked.join(' ')) }
    return announced(mail) ? { complains: true, recipients: [] } : null
  }
  const fields = readHeaders(report.text)
  const type = header(fields, 'feedback-type')?.trim().toLowerCase() ?? 'abuse'
  const named = ['original-rcpt-to', 'removal-recipient', 'original-recipient'].flatMap(
    (name) => fields.get(name) ?? [],
  )
  const recipients = addressesIn([...named, ...(junked ?? [])].join(' '))
  return {
    complains: !NO_COMPLAINT.has(type),
    recipients: recipients.length > 0 ? recipients : soleRecipient(header(original, 'to')),
  }
}

/** RFC 5965 §3.5 not-spam, RFC 6591 auth-failure and its DMARC kin: nobody complains. */
const NO_COMPLAINT: ReadonlySet<string> = new Set(['not-spam', 'auth-failure', 'dmarc'])

/** A feedback report whose report part was lost on its way. */
function announced({ headers }: ReadMail): boolean {
  return /report-type="?feedback-report/i.test(header(headers, 'content-type') ?? '')
}

function soleRecipient(to: string | null): string[] {
  const found = addressesIn(to ?? '')
  return found.length === 1 ? found : []
}
