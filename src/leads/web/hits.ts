import type { AgentKind } from '../../domain/agents.ts'
import { BURST_MS, type ClickVerdict, judgeClick } from '../../domain/clicks.ts'
import { id, type SignalId, type TouchId } from '../../domain/ids.ts'
import { HOUR_MS, type Instant, plus } from '../../domain/time.ts'
import type { Executor } from '../../store/executor.ts'
import { json } from '../../store/json.ts'
import { lockLead } from '../../store/leads.ts'
import { markHit, type TokenRow } from '../../store/people/tokens.ts'
import { findTouch } from '../../store/touches.ts'
import type { Ring } from '../../temporal/doorbell.ts'
import { accept } from '../accept.ts'
import { ringOf } from '../intake.ts'

/** A request for a link, or for the picture, of a message. */
export interface Request {
  readonly method: string
  readonly agent: AgentKind
  readonly prefetch: boolean
  /** The wall clock, by which messages are handed over too. */
  readonly at: Instant
}

/** Who followed a link, it seems, and whom that rings: a lead whose cadence waits for it. */
interface Hit {
  readonly verdict: ClickVerdict
  readonly ring: Ring | null
}

/**
 * Notes that a link was followed, and by whom it seems: a person's click is recorded, once an hour
 * for one link; a machine's is not. When all links turn out to be followed at once, the clicks
 * just before are no person's either. No click ever changes a state.
 */
export async function takeHit(
  trx: Executor,
  token: TokenRow,
  page: string,
  request: Request,
): Promise<Hit> {
  const lead = await lockLead(trx, token.lead_id)
  const links = await markHit(trx, token, request.at, BURST_MS)
  const touch = token.touch_id === null ? null : await findTouch(trx, token.touch_id)
  const sentAt = touch === null ? token.created_at : touch.dispatched_wall_at
  const verdict = judgeClick({
    ...request,
    links: links.all,
    followedJustNow: links.justNow,
    sinceSendMs: sentAt === null ? null : request.at - sentAt,
  })
  if (verdict.by === 'machine') {
    if (verdict.burst && touch !== null) await noteBurst(trx, touch.id, verdict.because, request.at)
    return { verdict, ring: null }
  }
  if (lead === null) return { verdict, ring: null }
  const accepted = await accept(trx, lead, {
    id: await clickId(trx, token, request.at),
    signal: { kind: 'click', payload: { touchId: token.touch_id, target: page } },
    via: 'redirect',
    receivedAt: request.at,
  })
  const rings = accepted.kind === 'accepted' && accepted.rings
  return { verdict, ring: rings ? ringOf(accepted.lead, 'click') : null }
}

/**
 * A link is clicked once an hour, however often somebody presses. A click that turned out to be a
 * scanner's does not stand in the way of the person who comes after it.
 */
async function clickId(trx: Executor, { hash }: TokenRow, at: Instant): Promise<SignalId> {
  const first = id<SignalId>(`click:${hash}:${Math.floor(at / HOUR_MS)}`)
  const before = await trx
    .selectFrom('signals')
    .select('payload')
    .where('id', '=', first)
    .executeTakeFirst()
  return typeof before?.payload.doubt === 'string' ? id<SignalId>(`${first}:person`) : first
}

/**
 * Notes that a page of ours was opened from a message: to leave, or to say why. A scanner follows
 * that link with all the others, which is how it shows where a message has only one besides.
 */
export async function takeGlance(trx: Executor, token: TokenRow, request: Request): Promise<void> {
  if (token.touch_id === null) return
  await lockLead(trx, token.lead_id)
  const links = await markHit(trx, token, request.at, BURST_MS)
  const verdict = judgeClick({
    ...request,
    links: links.all,
    followedJustNow: links.justNow,
    sinceSendMs: null,
  })
  if (verdict.by === 'machine' && verdict.burst) {
    await noteBurst(trx, token.touch_id, verdict.because, request.at)
  }
}

/** The message was scanned: clicks on it just now, and visits that they led to, are doubtful. */
async function noteBurst(
  trx: Executor,
  touchId: TouchId,
  because: string,
  at: Instant,
): Promise<void> {
  await trx.updateTable('touches').set({ scanned_at: at }).where('id', '=', touchId).execute()
  const clicks = await trx
    .selectFrom('signals')
    .innerJoin('touches', 'touches.lead_id', 'signals.lead_id')
    .select(['signals.id', 'signals.payload'])
    .where('touches.id', '=', touchId)
    .where('signals.kind', '=', 'click')
    .where('signals.received_at', '>', plus(at, -BURST_MS))
    .execute()
  for (const { id, payload } of clicks) {
    if (payload.touchId !== touchId) continue
    await trx
      .updateTable('signals')
      .set({ payload: json({ ...payload, doubt: because }), effect: `recorded: ${because}` })
      .where('id', '=', id)
      .execute()
  }
}

/** Notes that an email's picture was loaded, the first time that a person may have done it. */
export async function takeOpen(trx: Executor, token: TokenRow, request: Request): Promise<void> {
  const touch = token.touch_id === null ? null : await findTouch(trx, token.touch_id)
  if (touch === null || touch.opened_at !== null) return
  const sinceSendMs =
    touch.dispatched_wall_at === null ? null : request.at - touch.dispatched_wall_at
  const { by } = judgeClick({ ...request, sinceSendMs, links: 1, followedJustNow: 0 })
  if (by === 'machine') return
  await trx
    .updateTable('touches')
    .set({ opened_at: request.at })
    .where('id', '=', touch.id)
    .where('opened_at', 'is', null)
    .execute()
}
