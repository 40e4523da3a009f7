import type { InboundEmail } from '../channels/email/inbound.ts'
import { normalizeEmail } from '../domain/contact.ts'
import type { TouchId } from '../domain/ids.ts'
import type { Executor } from '../store/executor.ts'
import type { Intake } from './intake.ts'
import { takeFromHash, takeFromPerson } from './person-signals.ts'

/**
 * Takes an answer by email: it holds every channel of whoever wrote it. Matched by the message it
 * answers, then by the address it came from. False when it matches nobody.
 */
export async function takeEmailReply(intake: Intake, email: InboundEmail): Promise<boolean> {
  const { store, hashKeys, doorbell, now } = intake
  const receivedAt = now()
  const answered = [email.inReplyTo, ...[...email.references].reverse()].filter(
    (messageId) => messageId !== null,
  )
  const taken = await store.transaction(async (trx) => {
    const touch = await touchOf(trx, answered)
    const event = {
      id: `email:${email.messageId ?? `${touch?.id ?? 'unknown'}:${receivedAt}`}`,
      signal: {
        kind: 'reply',
        payload: {
          channel: 'email',
          text: email.text,
          subject: email.subject,
          touchId: touch?.id ?? null,
        },
      },
      via: 'email',
      receivedAt,
    } as const
    if (touch !== null) return takeFromHash(trx, touch.contactHash, event)
    const from = normalizeEmail(email.from ?? '')
    if (!from.ok) return null
    return takeFromPerson(trx, hashKeys, { kind: 'email', value: from.value }, event)
  })
  if (taken === null) return false
  doorbell.ring(taken.rings)
  return taken.leadIds.length > 0 || taken.repeated
}

/** The touch that one of these Message-IDs, the nearest first, belongs to. */
async function touchOf(
  trx: Executor,
  messageIds: readonly string[],
): Promise<{ id: TouchId; contactHash: string } | null> {
  if (messageIds.length === 0) return null
  const rows = await trx
    .selectFrom('touches')
    .select(['id', 'contact_hash', 'message_id'])
    .where('message_id', 'in', [...messageIds])
    .execute()
  for (const messageId of messageIds) {
    const row = rows.find(({ message_id }) => message_id === messageId)
    if (row) return { id: row.id, contactHash: row.contact_hash }
  }
  return null
}
