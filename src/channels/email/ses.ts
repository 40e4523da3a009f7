import { z } from 'zod'
import { readTokenAddress } from './addresses.ts'
import type { Failure, MailVerdict } from './classify.ts'
import { TOUCH_HEADER } from './compose.ts'
import { replyIn, statusIn } from './delivery-status.ts'
import { judgeBounce } from './judge-bounce.ts'
import { type MailNote, type Names, noteOfMail } from './note.ts'
import { addressesIn, storable } from './read-mail.ts'

/**
 * What Amazon SES tells through SNS: of bounces, complaints, delays and deliveries, as feedback
 * notifications (`notificationType`) or published events (`eventType`), and mails that it received.
 */
const eventSchema = z.object({
  notificationType: z.string().optional(),
  eventType: z.string().optional(),
  content: z.string().optional(),
  receipt: z
    .object({ action: z.object({ encoding: z.string().optional() }).loose().optional() })
    .loose()
    .optional(),
  mail: z
    .object({
      messageId: z.string().max(300),
      source: z.string().max(1_000).optional(),
      headers: z
        .array(z.object({ name: z.string(), value: z.string() }).loose())
        .max(500)
        .optional(),
    })
    .loose(),
  bounce: z
    .object({
      bounceType: z.string(),
      bounceSubType: z.string().default(''),
      bouncedRecipients: recipients({
        status: z.string().optional(),
        diagnosticCode: z.string().optional(),
      }),
    })
    .loose()
    .optional(),
  complaint: z
    .object({
      complainedRecipients: recipients({}),
      complaintFeedbackType: z.string().nullish(),
    })
    .loose()
    .optional(),
  deliveryDelay: z
    .object({ delayedRecipients: recipients({ status: z.string().optional() }) })
    .loose()
    .optional(),
})

function recipients<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.array(z.object({ emailAddress: z.string().max(1_000), ...shape }).loose()).max(1_000)
}

type Event = z.output<typeof eventSchema>

/** Reads the message of a notification; null when it is none of SES. */
export async function noteOfSes(
  message: string,
  { id, today }: { readonly id: string; readonly today: string },
): Promise<MailNote | null> {
  const read = eventSchema.safeParse(parsed(message))
  if (!read.success) return null
  const event = read.data
  const type = event.notificationType ?? event.eventType
  if (type === 'Received') return event.content === undefined ? null : received(event, today)
  const verdict = verdictOf(event, type ?? '')
  if (verdict === null) return null
  return {
    eventId: `ses:${id}`,
    via: 'ses',
    verdict,
    broken: false,
    names: namesIn(event),
    ours: null,
    from: null,
    subject: '',
    text: storable(JSON.stringify({ ...event, content: undefined })).slice(0, 20_000),
  }
}

/** A receipt rule with an SNS action sends the mail itself, as UTF-8 or Base64. */
async function received({ content = '', receipt }: Event, today: string): Promise<MailNote> {
  const base64 = receipt?.action?.encoding?.toUpperCase() === 'BASE64'
  const raw = Buffer.from(content, base64 ? 'base64' : 'utf8')
  return noteOfMail(raw, { via: 'ses', today })
}

function verdictOf(event: Event, type: string): MailVerdict | null {
  switch (type) {
    case 'Bounce': {
      const { bounce } = event
      if (bounce === undefined) return null
      const failures = bounce.bouncedRecipients.map((each) =>
        failureOf(each, bounce.bounceType, bounce.bounceSubType),
      )
      return failures.length === 0 ? null : { kind: 'bounce', failures }
    }
    case 'Complaint': {
      const { complaint } = event
      if (complaint === undefined) return null
      if (complaint.complaintFeedbackType === 'not-spam') return { kind: 'notice' }
      const addresses = complaint.complainedRecipients.flatMap((each) =>
        addressesIn(each.emailAddress),
      )
      return { kind: 'complaint', recipients: addresses }
    }
    case 'DeliveryDelay': {
      const delayed = event.deliveryDelay?.delayedRecipients ?? []
      const failures = delayed.map(({ emailAddress, status }) => ({
        recipient: addressesIn(emailAddress)[0] ?? null,
        status: statusIn(status ?? ''),
        replyCode: null,
      }))
      return { kind: 'delayed', failures }
    }
    case 'Delivery':
      return { kind: 'notice' }
    default:
      return null
  }
}

/** Content of ours that was refused, whatever SES calls the class of the bounce. */
const OURS = new Set(['MessageTooLarge', 'ContentRejected', 'AttachmentRejected'])

function failureOf(
  recipient: NonNullable<Event['bounce']>['bouncedRecipients'][number],
  bounceType: string,
  bounceSubType: string,
): Failure {
  const diagnostic = recipient.diagnosticCode ?? ''
  const status = statusIn(recipient.status ?? '') ?? statusIn(diagnostic)
  const replyCode = replyIn(diagnostic)?.code ?? null
  const known = status !== null || replyCode !== null
  const byType = bounceType === 'Permanent' ? 'hard' : 'soft'
  return {
    kind: OURS.has(bounceSubType)
      ? 'policy'
      : known
        ? judgeBounce({ status, replyCode, words: diagnostic })
        : byType,
    recipient: addressesIn(recipient.emailAddress)[0] ?? null,
    status,
    replyCode,
  }
}

/** SES replaces our Message-ID by its own, whose first part it told when it took the message. */
function namesIn({ mail }: Event): Names {
  const value = (name: string) =>
    (mail.headers ?? []).filter((each) => each.name.toLowerCase() === name).map((e) => e.value)
  const addresses = [mail.source ?? '', ...value('return-path'), ...value('reply-to')]
  return {
    tokens: addresses.flatMap(addressesIn).flatMap((address) => readTokenAddress(address) ?? []),
    touches: value(TOUCH_HEADER.toLowerCase()).filter((id) => /^touch_[0-9a-f]{32}$/.test(id)),
    messageIds: [`<${mail.messageId}@email.amazonses.com>`, ...value('message-id')],
  }
}

function parsed(message: string): unknown {
  try {
    return JSON.parse(message)
  } catch {
    return null
  }
}
