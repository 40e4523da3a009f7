import { z } from 'zod'
import { readTokenAddress } from './addresses.ts'
import type { MailVerdict } from './classify.ts'
import { replyIn, statusIn } from './delivery-status.ts'
import { type BounceKind, judgeBounce } from './judge-bounce.ts'
import { type MailNote, noteOfMail, noteOfRead } from './note.ts'
import { addressesIn, type ReadMail, storable } from './read-mail.ts'

/** What Postmark's webhooks tell: bounces, spam complaints, deliveries, and inbound mail. */
const reportSchema = z.object({
  RecordType: z.enum(['Bounce', 'SpamComplaint', 'Delivery']),
  ID: z.union([z.number(), z.string()]).optional(),
  Type: z.string().default(''),
  MessageID: z.string().max(300),
  Email: z.string().max(1_000).optional(),
  Recipient: z.string().max(1_000).optional(),
  Details: z.string().default(''),
  Description: z.string().default(''),
})

/** Somebody was put on, or taken off, Postmark's own list (postmarkapp.com, subscription change webhook). */
const subscriptionSchema = z.object({
  RecordType: z.literal('SubscriptionChange'),
  SuppressionReason: z.string().max(100).nullish(),
  MessageID: z.string().max(300).nullish(),
  Recipient: z.string().max(1_000),
  ChangedAt: z.string().max(100),
  /** Recipient, Customer or Admin. */
  Origin: z.string().max(100),
  SuppressSending: z.boolean(),
})

/** What it tells besides, whatever is ticked there: nothing that we act on. */
const otherSchema = z.object({ RecordType: z.enum(['Open', 'Click', 'SubscriptionChange']) })

const address = z.object({ Email: z.string().max(1_000) }).loose()
const inboundSchema = z.object({
  MessageID: z.string().max(300),
  FromFull: address,
  ToFull: z.array(address).max(200).default([]),
  CcFull: z.array(address).max(200).default([]),
  OriginalRecipient: z.string().max(1_000).default(''),
  Subject: z.string().default(''),
  TextBody: z.string().default(''),
  HtmlBody: z.string().default(''),
  RawEmail: z.string().optional(),
  Headers: z
    .array(z.object({ Name: z.string(), Value: z.string() }))
    .max(500)
    .default([]),
})

type Report = z.output<typeof reportSchema>
type Inbound = z.output<typeof inboundSchema>

/** Reads what a webhook was sent; null when it is no report of Postmark's. */
export async function noteOfPostmark(
  body: unknown,
  today: string,
): Promise<MailNote | 'of_no_concern' | null> {
  const report = reportSchema.safeParse(body)
  if (report.success) return noteOfReport(report.data)
  const change = subscriptionSchema.safeParse(body)
  if (change.success) return noteOfChange(change.data) ?? 'of_no_concern'
  if (otherSchema.safeParse(body).success) return 'of_no_concern'
  const inbound = inboundSchema.safeParse(body)
  if (!inbound.success) return null
  const { RawEmail: raw } = inbound.data
  // The raw mail tells more, where the server is set to send it.
  if (raw !== undefined && raw !== '') return noteOfMail(raw, { via: 'postmark', today })
  return noteOfRead(mailOf(inbound.data), inbound.data.MessageID, { via: 'postmark', today })
}

function noteOfReport(report: Report): MailNote {
  const { RecordType, ID, MessageID, Details, Description } = report
  return {
    eventId: `postmark:${RecordType}:${ID ?? MessageID}`,
    via: 'postmark',
    verdict: verdictOf(report),
    broken: false,
    // Postmark's own id: it told it when it took the message.
    names: { tokens: [], touches: [], messageIds: [`<${MessageID}@mtasv.net>`] },
    ours: null,
    from: null,
    subject: '',
    text: storable(`${Description}\n${Details}`).slice(0, 20_000),
  }
}

/**
 * Whoever presses the provider's own link says what an answer "unsubscribe" says. Bounces and
 * complaints have reports of their own, and what the company does at Postmark it knows.
 */
function noteOfChange(change: z.output<typeof subscriptionSchema>): MailNote | null {
  const { MessageID, Recipient, ChangedAt, Origin, SuppressSending, SuppressionReason } = change
  const from = addressesIn(Recipient)[0] ?? null
  const itself =
    Origin === 'Recipient' && SuppressSending && SuppressionReason === 'ManualSuppression'
  if (!itself || from === null || MessageID == null) return null
  return {
    eventId: `postmark:SubscriptionChange:${MessageID}:${ChangedAt}`,
    via: 'postmark',
    verdict: { kind: 'answer' },
    broken: false,
    names: { tokens: [], touches: [], messageIds: [`<${MessageID}@mtasv.net>`] },
    ours: null,
    from,
    subject: '',
    text: 'unsubscribe',
  }
}

function verdictOf(report: Report): MailVerdict {
  const { RecordType, Type, Email, Details, Description } = report
  const recipient = addressesIn(Email ?? '')[0] ?? null
  if (RecordType === 'Delivery') return { kind: 'notice' }
  if (RecordType === 'SpamComplaint' || Type === 'SpamComplaint') {
    return { kind: 'complaint', recipients: recipient === null ? [] : [recipient] }
  }
  if (AUTOMATIC.has(Type)) return { kind: 'auto_reply', returnsOn: null }
  const status = statusIn(Details)
  const replyCode = replyIn(Details)?.code ?? null
  const kind = kindOf(Type, { status, replyCode, words: `${Details} ${Description}` })
  return kind === null
    ? { kind: 'notice' }
    : { kind: 'bounce', failures: [{ kind, recipient, status, replyCode }] }
}

const AUTOMATIC = new Set(['AutoResponder', 'ChallengeVerification', 'AddressChange'])
const SOFT = new Set(['SoftBounce', 'Transient', 'DnsError', 'Unknown', 'Undeliverable'])
const OURS = new Set([
  'Blocked',
  'SpamNotification',
  'VirusNotification',
  'DMARCPolicy',
  'OpenRelayTest',
  'SMTPApiError',
])

function kindOf(type: string, said: Parameters<typeof judgeBounce>[0]): BounceKind | null {
  if (OURS.has(type)) return 'policy'
  if (SOFT.has(type)) return 'soft'
  if (type === 'HardBounce') {
    return said.status === null && said.replyCode === null ? 'hard' : judgeBounce(said)
  }
  return type === 'BadEmailAddress' || type === 'ManuallyDeactivated' ? 'hard' : null
}

/** An inbound mail that Postmark has taken apart. */
function mailOf(inbound: Inbound): ReadMail {
  const headers = new Map<string, string[]>()
  for (const { Name, Value } of inbound.Headers) {
    const name = Name.toLowerCase()
    headers.set(name, [...(headers.get(name) ?? []), storable(Value).slice(0, 20_000)])
  }
  const { FromFull, ToFull, CcFull, OriginalRecipient, TextBody, HtmlBody } = inbound
  const to = [...ToFull, ...CcFull].flatMap(({ Email }) => addressesIn(Email))
  const tagged = addressesIn(OriginalRecipient)
  return {
    headers,
    messageId: headers.get('message-id')?.[0] ?? null,
    from: addressesIn(FromFull.Email)[0] ?? null,
    to: [
      ...new Set([...tagged.filter((each) => readTokenAddress(each) !== null), ...tagged, ...to]),
    ],
    subject: storable(inbound.Subject).slice(0, 1_000),
    text: storable(TextBody || HtmlBody.replace(/<[^<>]{0,1000}>/g, ' ')).slice(0, 200_000),
    parts: [],
    broken: false,
  }
}
