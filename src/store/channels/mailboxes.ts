import type { Instant } from '../../domain/time.ts'
import { plus } from '../../domain/time.ts'
import type { Executor } from '../executor.ts'

/** How far a mailbox was read. */
export interface Cursor {
  readonly uidValidity: string
  readonly lastUid: number
}

/** A reader that says nothing for so long has died. */
const READER_FOR_MS = 60_000

/**
 * Makes this process the one that reads the mailbox for a while; null while another does.
 * Two that read at once would do no harm, only the work twice.
 */
export async function takeMailbox(
  executor: Executor,
  name: string,
  reader: string,
  now: Instant,
): Promise<Cursor | null> {
  await executor
    .insertInto('mailboxes')
    .values({ name, uid_validity: '', last_uid: 0, reader: null, reader_until: null })
    .onConflict((on) => on.column('name').doNothing())
    .execute()
  const row = await executor
    .updateTable('mailboxes')
    .set({ reader, reader_until: plus(now, READER_FOR_MS) })
    .where('name', '=', name)
    .where((on) =>
      on.or([on('reader', 'is', null), on('reader', '=', reader), on('reader_until', '<', now)]),
    )
    .returning(['uid_validity', 'last_uid'])
    .executeTakeFirst()
  return row === undefined ? null : { uidValidity: row.uid_validity, lastUid: Number(row.last_uid) }
}

/** Every mail up to this one was taken. False when another process reads by now. */
export async function moveCursor(
  executor: Executor,
  name: string,
  reader: string,
  { uidValidity, lastUid }: Cursor,
  now: Instant,
): Promise<boolean> {
  const moved = await executor
    .updateTable('mailboxes')
    .set({
      uid_validity: uidValidity,
      last_uid: lastUid,
      reader_until: plus(now, READER_FOR_MS),
    })
    .where('name', '=', name)
    .where('reader', '=', reader)
    .returning('name')
    .executeTakeFirst()
  return moved !== undefined
}

/** Lets others read it at once. */
export async function leaveMailbox(
  executor: Executor,
  name: string,
  reader: string,
): Promise<void> {
  await executor
    .updateTable('mailboxes')
    .set({ reader: null, reader_until: null })
    .where('name', '=', name)
    .where('reader', '=', reader)
    .execute()
}
