import type { LeadId, SignalId, TouchId, VisitorId } from '../../domain/ids.ts'
import { type Instant, MINUTE_MS } from '../../domain/time.ts'
import type { Executor } from '../../store/executor.ts'
import { type LeadRow, lockLead } from '../../store/leads.ts'
import { newId } from '../../store/new-id.ts'
import {
  addVisit,
  continueVisit,
  lastVisit,
  leadOfVisitor,
  linkVisitor,
  seeVisitor,
  type VisitRow,
} from '../../store/people/visitors.ts'
import { findTouch } from '../../store/touches.ts'
import type { Ring } from '../../temporal/doorbell.ts'
import { accept, awaits } from '../accept.ts'
import { ringOf } from '../intake.ts'
import { readToken } from './tokens.ts'

/** After this long without a page or an action, the next one begins a new session. */
const SESSION_MS = 30 * MINUTE_MS

/** Whoever opens all links of a message also runs the pages behind them, for so long. */
const SCAN_MS = 2 * MINUTE_MS

/** A new visitor's id: 128 random bits, so that nobody guesses another's. */
export function newVisitorId(): VisitorId {
  return newId<VisitorId>('visitor')
}

/** Whether a text, from a cookie or a form, has the shape of a visitor id. */
export function isVisitorId(text: string | null | undefined): text is VisitorId {
  return typeof text === 'string' && /^visitor_[A-Za-z0-9_-]{22}$/.test(text)
}

/** One report of the tracker. */
export interface Seen {
  readonly visitorId: VisitorId
  /** Origin and path; never the query, which could name the person. */
  readonly page: string
  /** A page was opened; otherwise the visitor scrolled, clicked or typed for the first time. */
  readonly kind: 'page' | 'interaction'
  /** The visitor token of a link in one of our messages. */
  readonly token: string | null
  /** The lead that our customer's own server has signed this visitor as. */
  readonly identifiedAs: LeadId | null
  readonly at: Instant
}

/**
 * Takes one report, inside the caller's transaction. A visitor that nobody knows is counted and
 * no more; a known one makes one visit signal per session. Answers the ring, if any.
 */
export async function takeVisit(trx: Executor, seen: Seen): Promise<Ring | null> {
  const { visitorId, at } = seen
  const claim = await claimedLead(trx, seen)
  const doubted = claim?.touchId != null && (await wasScanned(trx, claim.touchId, at))
  const leadId = claim?.leadId ?? (await leadOfVisitor(trx, visitorId))
  // The lead's row is locked before the visitor's, as everywhere.
  const lead = leadId === null ? null : await lockLead(trx, leadId)
  const visitor = await seeVisitor(trx, visitorId, at)
  if (claim !== null && lead !== null && visitor.lead_id !== lead.id) {
    await linkVisitor(trx, visitorId, lead.id, claim.by, at)
  }
  const known = lead !== null && (claim !== null || visitor.lead_id === lead.id) ? lead : null
  const before = await sessionBefore(trx, visitorId, at)
  const visit = before ?? (await beginSession(trx, seen, known))
  if (before !== null) {
    await continueVisit(trx, before, {
      page: seen.kind === 'page',
      interacted: seen.kind === 'interaction',
      leadId: known?.id ?? before.lead_id,
      at,
    })
  }
  if (known === null) return null
  const byLink = claim?.by === 'token'
  return await signalVisit(trx, known, seen, visit, { byLink, doubted })
}

interface Claim {
  readonly leadId: LeadId
  readonly by: 'token' | 'identify'
  /** The message whose link it was. */
  readonly touchId: TouchId | null
}

async function claimedLead(
  trx: Executor,
  { token, identifiedAs, at }: Seen,
): Promise<Claim | null> {
  if (identifiedAs !== null) return { leadId: identifiedAs, by: 'identify', touchId: null }
  const row = token === null ? null : await readToken(trx, token, 'visitor', at)
  return row && { leadId: row.lead_id, by: 'token', touchId: row.touch_id }
}

/** Whether all links of the message were followed at once, just now. */
async function wasScanned(trx: Executor, touchId: TouchId, at: Instant): Promise<boolean> {
  const scannedAt = (await findTouch(trx, touchId))?.scanned_at ?? null
  return scannedAt !== null && at - scannedAt < SCAN_MS
}

async function sessionBefore(
  trx: Executor,
  visitorId: VisitorId,
  at: Instant,
): Promise<VisitRow | null> {
  const last = await lastVisit(trx, visitorId)
  return last !== null && at - last.last_at < SESSION_MS ? last : null
}

async function beginSession(trx: Executor, seen: Seen, lead: LeadRow | null): Promise<VisitRow> {
  const visit: VisitRow = {
    visitor_id: seen.visitorId,
    session_id: newId('session'),
    lead_id: lead?.id ?? null,
    first_page: seen.page,
    pages: seen.kind === 'page' ? 1 : 0,
    interacted: seen.kind === 'interaction',
    started_at: seen.at,
    last_at: seen.at,
  }
  await addVisit(trx, visit)
  return visit
}

/**
 * One signal per session; a second one only when the visit of a lead that waits for one, or is
 * dead, might have been a scanner's and the first action now shows a person.
 */
async function signalVisit(
  trx: Executor,
  lead: LeadRow,
  seen: Seen,
  visit: VisitRow,
  { byLink, doubted }: { readonly byLink: boolean; readonly doubted: boolean },
): Promise<Ring | null> {
  const interacted = !doubted && (visit.interacted || seen.kind === 'interaction')
  const report = async (id: string): Promise<Ring | null> => {
    const accepted = await accept(trx, lead, {
      id: id as SignalId,
      signal: {
        kind: 'visit',
        payload: {
          sessionId: visit.session_id,
          visitorId: seen.visitorId,
          page: seen.page,
          interacted,
          ...(byLink && { byLink }),
        },
      },
      via: 'tracker',
      receivedAt: seen.at,
    })
    return accepted.kind === 'accepted' && accepted.rings ? ringOf(accepted.lead, 'visit') : null
  }
  const first = await firstSignal(trx, `visit:${visit.session_id}`)
  if (first === null) return report(`visit:${visit.session_id}`)
  const showsAPerson = first.payload.interacted === false && interacted
  return showsAPerson && (lead.status === 'dead' || awaits(lead, 'visit'))
    ? report(`visit:${visit.session_id}:interacted`)
    : null
}

async function firstSignal(
  trx: Executor,
  id: string,
): Promise<{ payload: Record<string, unknown> } | null> {
  const row = await trx
    .selectFrom('signals')
    .select('payload')
    .where('id', '=', id as SignalId)
    .executeTakeFirst()
  return row ?? null
}
