import type { ContactPointVerdict } from '../../channels/types.ts'
import { DAY_MS, type Instant, instant, plus } from '../../domain/time.ts'
import type { Executor } from '../../store/executor.ts'
import type { TouchRow } from '../../store/touches.ts'
import { raiseAlert } from '../../store/watch/alerts.ts'

/** Twilio 30004 (blocked) and 30007 (filtered): each says little by itself, and much by number. */
const BLOCKED = 'sms_30004'
const FILTERED = 'sms_30007'
const BLOCKS_UNTIL_CLOSED = 3
const WINDOW_MS = DAY_MS
const LEAST_FILTERED = 5
const FILTERED_SHARE = 0.05

/**
 * What a failed text teaches in the light of those before it: a number whose texts are blocked
 * again and again takes none, and ops is told when carriers filter more than a few.
 */
export async function judgeFiltering(
  trx: Executor,
  { contact_hash }: Pick<TouchRow, 'contact_hash'>,
  { code, contactPoint }: { code: string; contactPoint: ContactPointVerdict },
  at: Instant,
): Promise<ContactPointVerdict> {
  if (code === FILTERED) await alertIfOften(trx, at)
  if (code !== BLOCKED || contactPoint !== 'unchanged') return contactPoint
  const { blocks } = await trx
    .selectFrom('touches')
    .select(({ fn }) => fn.countAll<number>().as('blocks'))
    .where('contact_hash', '=', contact_hash)
    .where('failure_code', '=', BLOCKED)
    .executeTakeFirstOrThrow()
  return blocks >= BLOCKS_UNTIL_CLOSED ? 'not_capable' : contactPoint
}

async function alertIfOften(trx: Executor, at: Instant): Promise<void> {
  const since = instant(plus(at, -WINDOW_MS))
  const { texts, filtered } = await trx
    .selectFrom('touches')
    .select(({ fn }) => [
      fn.countAll<number>().as('texts'),
      fn.count<number>('id').filterWhere('failure_code', '=', FILTERED).as('filtered'),
    ])
    .where('channel', '=', 'sms')
    .where('dispatched_at', '>', since)
    .executeTakeFirstOrThrow()
  if (filtered < LEAST_FILTERED || filtered < texts * FILTERED_SHARE) return
  await raiseAlert(trx, {
    kind: 'texts_filtered',
    leadId: null,
    because: `Carriers filtered ${filtered} of the ${texts} texts of the last day as unwanted.`,
    fix: 'Review what the texts say and link to, and the campaign that they are registered for.',
    at,
  })
}
