import { isBulk, isDomainReport, readAutoReply } from './auto-reply.ts'
import { judgeText, readTextBounce } from './bounce-text.ts'
import { type ReportedRecipient, readDeliveryStatus, replyIn } from './delivery-status.ts'
import { readFeedbackReport } from './feedback-report.ts'
import { type BounceKind, judgeBounce } from './judge-bounce.ts'
import {
  addressesIn,
  header,
  type MailHeaders,
  messageIdsIn,
  type ReadMail,
  readHeaders,
} from './read-mail.ts'

/** What a mail that came in is. */
export type MailVerdict =
  | { readonly kind: 'bounce'; readonly failures: readonly Failure[] }
  /** Somebody's server goes on trying: nothing has failed. */
  | { readonly kind: 'delayed'; readonly failures: readonly Omit<Failure, 'kind'>[] }
  /** A person reported our mail as unwanted (RFC 5965). */
  | { readonly kind: 'complaint'; readonly recipients: readonly string[] }
  | { readonly kind: 'auto_reply'; readonly returnsOn: string | null }
  /** A machine's message that asks for nothing: a receipt, a report of success, a mailing. */
  | { readonly kind: 'notice' }
  | { readonly kind: 'answer' }

export type Failure = {
  readonly kind: BounceKind
  readonly recipient: string | null
  readonly status: string | null
  readonly replyCode: number | null
}

/**
 * Classifies a mail by its structure first, by the words of known programs where it has none. A
 * mail that is no report and no automatic answer is an answer. `today` (YYYY-MM-DD) dates the
 * words of an out-of-office.
 */
export function classifyMail(mail: ReadMail, today: string): MailVerdict {
  const complaint = readFeedbackReport(mail)
  if (complaint !== null) {
    return complaint.complains ? { kind: 'complaint', recipients: complaint.recipients } : NOTICE
  }
  const reported = readReport(mail)
  if (reported !== null) return reported
  if (isDomainReport(mail)) return NOTICE
  const auto = readAutoReply(mail, today)
  if (auto !== null) return { kind: 'auto_reply', ...auto }
  return isBulk(mail.headers) && !header(mail.headers, 'in-reply-to') ? NOTICE : { kind: 'answer' }
}

const NOTICE: MailVerdict = { kind: 'notice' }

/** The headers of the message that a report returns, as far as it returns any. */
export function returnedHeaders(mail: ReadMail): MailHeaders {
  const part = mail.parts.find(({ type }) => RETURNED.has(type))
  if (part) return readHeaders(part.text)
  const start = mail.text.search(/^(?:return-path|received|message-id|mime-version): /im)
  return start < 0 ? new Map() : readHeaders(mail.text.slice(start))
}

/** The Message-IDs of ours that a mail may name, the likeliest first. */
export function namedMessageIds(mail: ReadMail): string[] {
  const returned = returnedHeaders(mail)
  const references = messageIdsIn(header(mail.headers, 'references')).reverse()
  const ids = [
    ...messageIdsIn(header(mail.headers, 'in-reply-to')),
    ...messageIdsIn(header(returned, 'message-id')),
    ...mail.parts.flatMap(({ text }) => messageIdsIn(ORIGINAL_ID.exec(text)?.[1] ?? null)),
    ...references,
  ]
  return [...new Set(ids)].slice(0, 50)
}

/** In reports of Google and Microsoft, and in receipts (RFC 8098). */
const ORIGINAL_ID = /^(?:x-)?original-message-id:[ \t]*(<[^<>\s]{1,900}>)/im

const RETURNED: ReadonlySet<string> = new Set([
  'message/rfc822',
  'message/rfc822-headers',
  'text/rfc822-headers',
  'message/global',
  'message/global-headers',
])
const DELIVERY_STATUS: ReadonlySet<string> = new Set([
  'message/delivery-status',
  'message/global-delivery-status',
  'text/delivery-status',
])

function readReport(mail: ReadMail): MailVerdict | null {
  const part = mail.parts.find(({ type }) => DELIVERY_STATUS.has(type))
  const recipients = readDeliveryStatus(part?.text ?? statusInText(mail.text))
  const text = part && recipients.length > 0 ? null : readTextBounce(mail)
  if (part === undefined && text === null) return null
  if (recipients.length > 0) return byRecipients(mail, recipients)
  // A report whose one machine-readable part is empty, or broken beyond reading.
  return text === null ? NOTICE : byText(mail, text)
}

/** Reports exist whose machine-readable part is called plain text. */
function statusInText(text: string): string {
  const start = text.search(/^(?:reporting-mta|(?:final|original)-recipient)\s*:/im)
  return start >= 0 && /^\s{0,3}(?:action|status)\s*:/im.test(text) ? text.slice(start) : ''
}

function byRecipients(mail: ReadMail, recipients: readonly ReportedRecipient[]): MailVerdict {
  const failed = recipients.filter((each) => fate(each) === 'failed')
  if (failed.length > 0) {
    return { kind: 'bounce', failures: failed.map((each) => failureOf(mail, each, judgeReported)) }
  }
  const delayed = recipients.filter((each) => fate(each) === 'delayed')
  if (delayed.length === 0) return NOTICE
  return {
    kind: 'delayed',
    failures: delayed.map((each) => failureOf(mail, each, judgeReported)),
  }
}

/** Only `failed` is a failure; without an action the class of the status code tells. */
function fate({ action, status, diagnostic }: ReportedRecipient): 'failed' | 'delayed' | 'fine' {
  switch (action) {
    case 'delayed':
      return 'delayed'
    case 'delivered':
    case 'relayed':
    case 'expanded':
      return 'fine'
    case 'failed':
    case 'failure':
    case 'fail':
      return 'failed'
    default: {
      if (status?.startsWith('2')) return 'fine'
      return status === null && replyIn(diagnostic) === null ? 'fine' : 'failed'
    }
  }
}

function judgeReported({ status, diagnostic }: ReportedRecipient): BounceKind {
  const replyCode = replyIn(diagnostic)?.code ?? null
  return judgeBounce({ status, replyCode, words: diagnostic })
}

function byText(
  mail: ReadMail,
  { delayed, recipients }: NonNullable<ReturnType<typeof readTextBounce>>,
): MailVerdict {
  const failures = recipients.map((each) => failureOf(mail, each, judgeText))
  return delayed ? { kind: 'delayed', failures } : { kind: 'bounce', failures }
}

function failureOf(
  mail: ReadMail,
  recipient: ReportedRecipient,
  judge: (recipient: ReportedRecipient) => BounceKind,
): Failure {
  return {
    kind: judge(recipient),
    recipient: recipient.address ?? returnedRecipient(mail),
    status: recipient.status,
    replyCode: replyIn(recipient.diagnostic)?.code ?? null,
  }
}

/** Whom the returned message was for, when it was for one. */
function returnedRecipient(mail: ReadMail): string | null {
  const failed = addressesIn((mail.headers.get('x-failed-recipients') ?? []).join(' '))
  const to = addressesIn(header(returnedHeaders(mail), 'to') ?? '')
  const [first, second] = failed.length > 0 ? failed : to
  return second === undefined ? (first ?? null) : null
}
