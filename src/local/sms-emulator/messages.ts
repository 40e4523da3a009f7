import type { Instant } from '../../domain/time.ts'
import { contactKey } from '../contact-point.ts'
import type { OutboxItem } from '../outbox.ts'
import type { Message } from './message.ts'

export type MessageFilter = {
  readonly to?: string
  readonly from?: string
  /** Bounds on the sending date: at or after, and before. */
  readonly sentFrom?: Instant
  readonly sentBefore?: Instant
}

const KEEP = 20_000

/** The messages of the account; the oldest are forgotten. */
export class Messages {
  readonly #bySid = new Map<string, Message>()

  add(message: Message): void {
    this.#bySid.set(message.sid, message)
    if (this.#bySid.size > KEEP) {
      for (const sid of this.#bySid.keys()) {
        this.#bySid.delete(sid)
        break
      }
    }
  }

  get(sid: string): Message | null {
    return this.#bySid.get(sid) ?? null
  }

  remove(sid: string): boolean {
    return this.#bySid.delete(sid)
  }

  /** Newest first by creation. */
  list(filter: MessageFilter): Message[] {
    return [...this.#bySid.values()]
      .filter((message) => matches(message, filter))
      .reverse()
      .sort((a, b) => b.createdAt - a.createdAt)
  }
}

function matches(message: Message, { to, from, sentFrom, sentBefore }: MessageFilter): boolean {
  if (to !== undefined && contactKey(message.to) !== contactKey(to)) return false
  if (from !== undefined && contactKey(message.from ?? '') !== contactKey(from)) return false
  if (sentFrom !== undefined && !(message.sentAt !== null && message.sentAt >= sentFrom))
    return false
  return sentBefore === undefined || (message.sentAt !== null && message.sentAt < sentBefore)
}

/** What an outbox item must carry so that the message can be found again after a restart. */
export function outboxHeaders(message: Message): Record<string, string> {
  return {
    From: message.from ?? message.messagingServiceSid ?? '',
    'Message-Sid': message.sid,
    ...(message.statusCallback !== null && { 'Status-Callback': message.statusCallback }),
  }
}

/** A message of an earlier run: its callbacks are over, so it counts as delivered. */
export function fromOutbox(item: OutboxItem): Message | null {
  const sid = item.headers['Message-Sid']
  if (!sid) return null
  const { at } = item
  return {
    sid,
    direction: 'outbound-api',
    to: item.to,
    from: item.headers.From ?? null,
    messagingServiceSid: null,
    body: item.text,
    status: 'delivered',
    errorCode: null,
    createdAt: at,
    sentAt: at,
    updatedAt: at,
    statusCallback: null,
  }
}
