import { normalizeEmail } from '../domain/contact.ts'
import type { TouchId } from '../domain/ids.ts'
import type { Instant } from '../domain/time.ts'
import type { Executor } from '../store/executor.ts'
import type { HashKeys } from '../store/hash-key.ts'
import { newId } from '../store/new-id.ts'
import { type PersonTaken, takeFromHash, takeFromPerson } from './person-signals.ts'

/** An answer that came by email. */
export interface EmailReply {
  readonly messageId: string | null
  readonly from: string | null
  readonly inReplyTo: string | null
  /** Message-IDs with angle brackets, oldest first. */
  readonly references: readonly string[]
  readonly subject: string
  readonly text: string
}

/**
 * Takes an email that a person wrote back: it concerns whoever got the message that it answers,
 * else whoever has the address it came from. Nobody: nothing is stored.
 */
export async function takeEmailReply(
  trx: Executor,
  hashKeys: HashKeys,
  reply: EmailReply,
  receivedAt: Instant,
): Promise<PersonTaken> {
  const touch = await answeredTouch(trx, reply)
  const event = {
    id: reply.messageId === null ? newId<TouchId>('reply') : `email:${reply.messageId}`,
    signal: {
      kind: 'reply',
      payload: {
        channel: 'email',
        text: reply.text,
        subject: reply.subject,
        touchId: touch?.id ?? null,
      },
    },
    via: 'email',
    receivedAt,
  } as const
  if (touch !== null) return await takeFromHash(trx, touch.contact_hash, event)
  const from = normalizeEmail(reply.from ?? '')
  if (!from.ok) return { leadIds: [], repeated: false, rings: [] }
  return await takeFromPerson(trx, hashKeys, { kind: 'email', value: from.value }, event)
}

async function answeredTouch(
  trx: Executor,
  { inReplyTo, references }: EmailReply,
): Promise<{ id: TouchId; contact_hash: string } | null> {
  const ids = [...(inReplyTo === null ? [] : [inReplyTo]), ...references.toReversed()].slice(0, 20)
  if (ids.length === 0) return null
  const row = await trx
    .selectFrom('touches')
    .select(['id', 'contact_hash'])
    .where('message_id', 'in', ids)
    .orderBy('intent_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row ?? null
}
