import { id, type SignalId } from '../../domain/ids.ts'
import { LATER, type Later, pressedWhy, type WhyAnswer } from '../../domain/replies/why.ts'
import type { Instant } from '../../domain/time.ts'
import type { Executor } from '../../store/executor.ts'
import type { HashKeys } from '../../store/hash-key.ts'
import { lockLead } from '../../store/leads.ts'
import type { TokenRow } from '../../store/people/tokens.ts'
import { findTouch } from '../../store/touches.ts'
import type { Ring } from '../../temporal/doorbell.ts'
import { takeReply } from '../replies/take-reply.ts'

/** What was pressed on the page that asks why. */
export interface Pressed {
  readonly answer: WhyAnswer
  /** When a better time is; for `timing` alone. */
  readonly when: Later | null
  /** In the person's own words. */
  readonly detail: string | null
}

export type WhyTaken =
  | { readonly kind: 'taken'; readonly rings: readonly Ring[] }
  /** Somebody plays with the buttons, or a program does. */
  | { readonly kind: 'too_often' }
  | { readonly kind: 'nobody' }

/** People change their minds, and say more; nobody does so as often as this. */
const MOST_PRESSES = 20

/**
 * Takes an answer from the page that asks why, as the reply that it is: it is understood, on
 * record, and corrected like any other. The same answer again changes nothing.
 */
export async function answerWhy(
  trx: Executor,
  hashKeys: HashKeys,
  token: TokenRow,
  { answer, when, detail }: Pressed,
  receivedAt: Instant,
): Promise<WhyTaken> {
  const lead = await lockLead(trx, token.lead_id)
  if (lead === null || lead.status === 'erased') return { kind: 'nobody' }
  const touch = token.touch_id === null ? null : await findTouch(trx, token.touch_id)
  const channel = touch?.channel ?? 'email'
  const later = answer === 'timing' && when !== null ? LATER[when] : detail
  const { text, reading } = pressedWhy(answer, later, channel)
  const before = await pressesOf(trx, token)
  if (before.at(-1) === text) return { kind: 'taken', rings: [] }
  if (before.length >= MOST_PRESSES) return { kind: 'too_often' }
  const taken = await takeReply(
    trx,
    hashKeys,
    { kind: 'lead', leadId: lead.id },
    {
      id: id<SignalId>(`${eventsOf(token)}${before.length}`),
      channel,
      text,
      subject: null,
      touchId: token.touch_id,
      pressed: reading,
      via: 'why page',
      receivedAt,
    },
  )
  return { kind: 'taken', rings: taken.rings }
}

const eventsOf = ({ hash }: TokenRow) => `why:${hash}:`

/** What was pressed by this link before, the latest last. */
async function pressesOf(trx: Executor, token: TokenRow): Promise<readonly unknown[]> {
  const rows = await trx
    .selectFrom('signals')
    .select(['id', 'payload'])
    .where('lead_id', '=', token.lead_id)
    .where('kind', '=', 'reply')
    .where('via', '=', 'why page')
    .orderBy('seq')
    .execute()
  return rows.flatMap(({ id, payload }) => (id.startsWith(eventsOf(token)) ? [payload.text] : []))
}
