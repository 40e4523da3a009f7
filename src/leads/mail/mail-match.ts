import type { MailNote } from '../../channels/email/note.ts'
import { normalizeEmail } from '../../domain/contact.ts'
import { id, type TouchId } from '../../domain/ids.ts'
import type { Instant } from '../../domain/time.ts'
import type { Executor } from '../../store/executor.ts'
import type { HashKeys } from '../../store/hash-key.ts'
import { knownPoints } from '../../store/people/contact-points.ts'
import { findTouch, type TouchRow } from '../../store/touches.ts'
import { lastTouchTo } from '../messages/delivery.ts'
import { readToken } from '../web/tokens.ts'

/** Which message of ours, or whose address, a mail is about. */
export type Match =
  /** Named by a token, or by a Message-ID, that only our message carried. */
  | { readonly by: 'token' | 'header'; readonly touch: TouchRow; readonly contactHash: string }
  /** Only an address speaks for it, which anybody can write. */
  | { readonly by: 'address'; readonly touch: null; readonly contactHash: string }

/** Finds the message a mail names: by its token first, then by ids in its headers. */
export async function matchByName(
  trx: Executor,
  { names }: Pick<MailNote, 'names'>,
  now: Instant,
): Promise<Match | null> {
  for (const { purpose, token } of names.tokens) {
    const row = await readToken(trx, token, purpose, now)
    const touch = row?.touch_id == null ? null : await findTouch(trx, row.touch_id)
    if (touch) return { by: 'token', touch, contactHash: touch.contact_hash }
  }
  const touch = await touchNamed(trx, names)
  return touch && { by: 'header', touch, contactHash: touch.contact_hash }
}

/** Whose an address is; null when it is nobody's we know. */
export async function matchByAddress(
  trx: Executor,
  hashKeys: HashKeys,
  address: string | null,
): Promise<Match | null> {
  const read = normalizeEmail(address ?? '')
  if (!read.ok) return null
  const [point] = await knownPoints(trx, hashKeys, [{ kind: 'email', value: read.value }])
  if (point === undefined) return null
  const key = await trx
    .selectFrom('contact_keys')
    .select('hash')
    .where('hash', '=', point.hash)
    .executeTakeFirst()
  return key === undefined ? null : { by: 'address', touch: null, contactHash: point.hash }
}

/** Whether we ever wrote to it: a report about an address that we never used is not about us. */
export async function wroteTo(executor: Executor, contactHash: string): Promise<boolean> {
  return (await lastTouchTo(executor, contactHash)) !== null
}

/**
 * The touch that one of these ids, the likeliest first, belongs to. Some providers replace our
 * Message-ID by one of their own, whose local part they told us when they took the message.
 */
async function touchNamed(trx: Executor, names: MailNote['names']): Promise<TouchRow | null> {
  for (const touchId of names.touches) {
    const touch = await findTouch(trx, id<TouchId>(touchId))
    if (touch) return touch
  }
  const { messageIds } = names
  if (messageIds.length === 0) return null
  const provided = messageIds.map((messageId) => messageId.slice(1, -1).split('@')[0] ?? '')
  const rows = await trx
    .selectFrom('touches')
    .selectAll()
    .where('channel', '=', 'email')
    .where((on) =>
      on.or([
        on('message_id', 'in', [...messageIds]),
        on('provider_id', 'in', [...messageIds, ...provided]),
      ]),
    )
    .execute()
  const rank = ({ message_id, provider_id }: TouchRow) =>
    messageIds.findIndex(
      (each, index) =>
        each === message_id || each === provider_id || provided[index] === provider_id,
    )
  return rows.sort((a, b) => rank(a) - rank(b))[0] ?? null
}
