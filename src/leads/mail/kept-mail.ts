import { normalizeEmail } from '../../domain/contact.ts'
import type { LeadId } from '../../domain/ids.ts'
import type { ReplyReading } from '../../domain/replies/types.ts'
import type { Signal } from '../../domain/signals.ts'
import { type Instant, toIso } from '../../domain/time.ts'
import {
  closeKeptMail,
  type InboundMailRow,
  keptMail,
  lockKeptMail,
} from '../../store/channels/inbound-mail.ts'
import { audit } from '../../store/company/audit.ts'
import type { Executor } from '../../store/executor.ts'
import type { HashKeys } from '../../store/hash-key.ts'
import { findLead } from '../../store/leads.ts'
import { holdContactKeys } from '../../store/people/contact-points.ts'
import { Refusal } from '../intake.ts'
import { type PersonTaken, suppressOnce, takeFromLead } from '../person-signals.ts'
import { takeReply } from '../replies/take-reply.ts'
import { hashesOf, lockContactKeys } from '../stops.ts'

/** A mail that waits for a person. */
export interface KeptMail {
  readonly id: string
  readonly kind: InboundMailRow['kind']
  readonly via: string
  /** Why it was kept. */
  readonly because: string
  readonly from: string | null
  readonly subject: string | null
  readonly text: string | null
  /** Whom it may be about, when something in it says so. */
  readonly leadId: LeadId | null
  readonly receivedAt: string
}

export interface KeptMailPage {
  readonly items: readonly KeptMail[]
  /** Where the next page begins; null at the end. */
  readonly cursor: string | null
}

/** Mail that matched nothing, or could not be read, the oldest first. */
export async function listKeptMail(
  executor: Executor,
  { limit, cursor }: { readonly limit: number; readonly cursor: string | null },
): Promise<KeptMailPage> {
  const rows = await keptMail(executor, { limit, after: cursor === null ? null : after(cursor) })
  const last = rows.length === limit ? rows.at(-1) : undefined
  return {
    items: rows.map(viewOf),
    cursor: last === undefined ? null : `${last.received_at}_${last.id}`,
  }
}

export interface Decision {
  readonly who: string
  readonly now: Instant
}

/** What became of a mail that a person assigned. */
export interface Assigned extends PersonTaken {
  /** How an answer was understood; null for what is no answer. */
  readonly reading: ReplyReading | null
}

/**
 * A person says whose mail it is: an answer, or what could not be read, is read like any answer of
 * that lead, with all that follows from it; a bounce or a complaint counts as one about it. What the
 * mail said moves to the lead. Whoever asks to stop is heard for the address they wrote from, too.
 * @throws Refusal 404 when the mail waits no more, or nobody is known by the id
 */
export async function assignMail(
  trx: Executor,
  mailId: string,
  leadId: LeadId,
  { who, now, hashKeys }: Decision & { readonly hashKeys: HashKeys },
): Promise<Assigned> {
  const mail = await waiting(trx, mailId)
  if ((await findLead(trx, leadId)) === null) {
    throw new Refusal(404, 'no_such_lead', 'There is no such lead.', 'Name a lead by its id.')
  }
  const taken = isAnswer(mail)
    ? await takeAnswer(trx, leadId, mail, { who, now, hashKeys })
    : await takeReport(trx, leadId, mail, { who, now })
  await closeKeptMail(trx, mailId, { state: 'assigned', leadId, by: who, at: now })
  await audit(trx, { who, action: 'mail_assigned', leadId, at: now, details: { mailId } })
  return taken
}

function isAnswer({ kind }: InboundMailRow): boolean {
  return kind === 'answer' || kind === 'unreadable'
}

async function takeAnswer(
  trx: Executor,
  leadId: LeadId,
  mail: InboundMailRow,
  { who, now, hashKeys }: Decision & { readonly hashKeys: HashKeys },
): Promise<Assigned> {
  const wroteFrom = normalizeEmail(mail.from_address ?? '')
  const point = { kind: 'email', value: wroteFrom.ok ? wroteFrom.value : '' } as const
  const [keyed] = wroteFrom.ok ? await holdContactKeys(trx, hashKeys, [point], now) : []
  const whose = { kind: 'lead', leadId } as const
  const taken = await takeReply(trx, hashKeys, whose, {
    id: mail.event_id,
    channel: 'email',
    text: mail.text ?? '',
    subject: mail.subject,
    touchId: mail.touch_id,
    via: who,
    receivedAt: now,
  })
  const { intent, facts } = taken.reading
  if (keyed && (intent === 'opt_out' || intent === 'hostile')) {
    await suppressOnce(trx, keyed.hash, facts.stops, 'answered', now)
  }
  return taken
}

async function takeReport(
  trx: Executor,
  leadId: LeadId,
  mail: InboundMailRow,
  { who, now }: Decision,
): Promise<Assigned> {
  await lockContactKeys(trx, await hashesOf(trx, leadId))
  const signal = signalOf(mail)
  if (signal === null) {
    return { leadIds: [leadId], repeated: false, news: false, rings: [], reading: null }
  }
  const event = { id: mail.event_id, via: who, receivedAt: now, signal }
  return { ...(await takeFromLead(trx, leadId, event)), reading: null }
}

/** A person says that it concerns nobody. @throws Refusal 404 when it waits no more */
export async function dismissMail(
  trx: Executor,
  mailId: string,
  { who, now }: Decision,
): Promise<void> {
  await waiting(trx, mailId)
  await closeKeptMail(trx, mailId, { state: 'dismissed', leadId: null, by: who, at: now })
  await audit(trx, { who, action: 'mail_dismissed', leadId: null, at: now, details: { mailId } })
}

async function waiting(trx: Executor, mailId: string): Promise<InboundMailRow> {
  const mail = await lockKeptMail(trx, mailId)
  if (mail !== null) return mail
  const fix = 'List what waits with GET /v1/inbound-mail; somebody may have dealt with it.'
  throw new Refusal(404, 'no_such_mail', 'No mail of this id waits for a person.', fix)
}

function signalOf({ kind }: InboundMailRow): Signal | null {
  switch (kind) {
    case 'hard_bounce':
      return { kind: 'hard_bounce', payload: { channel: 'email', code: kind, because: SAID } }
    case 'soft_bounce':
      return { kind: 'soft_bounce', payload: { channel: 'email', code: kind, because: SAID } }
    case 'complaint':
      return { kind: 'complaint', payload: { channel: 'email', how: 'mail, assigned by a person' } }
    case 'policy_bounce':
    case 'delayed':
    case 'auto_reply':
    case 'notice':
    case 'answer':
    case 'unreadable':
      return null
  }
}

const SAID = 'A person assigned a mail that came back.'

function viewOf(row: InboundMailRow): KeptMail {
  return {
    id: row.id,
    kind: row.kind,
    via: row.via,
    because: row.because,
    from: row.from_address,
    subject: row.subject,
    text: row.text,
    leadId: row.lead_id,
    receivedAt: toIso(row.received_at),
  }
}

/** @throws Refusal 422 for a cursor that none of our pages gave */
function after(cursor: string): { at: Instant; id: string } {
  const [, at, id] = /^(\d{1,16})_(mail_[\w-]{1,80})$/.exec(cursor) ?? []
  if (at !== undefined && id !== undefined) return { at: Number(at) as Instant, id }
  throw new Refusal(422, 'invalid_cursor', 'The cursor is none of ours.', 'Leave it out.')
}
