import { normalizeEmail, normalizePhone } from '../domain/contact.ts'
import { id, type LeadId, type SignalId, type VisitorId } from '../domain/ids.ts'
import { answer as answerOf, phaseOf } from '../domain/lifecycle.ts'
import type { ReplyReading } from '../domain/replies/types.ts'
import type { Signal, SignalPayloads } from '../domain/signals.ts'
import type { Instant } from '../domain/time.ts'
import type { Executor } from '../store/executor.ts'
import type { HashKeys } from '../store/hash-key.ts'
import { lockLead } from '../store/leads.ts'
import { newId } from '../store/new-id.ts'
import { ownersOf } from '../store/people/contact-points.ts'
import { leadOfVisitor } from '../store/people/visitors.ts'
import type { Ring } from '../temporal/doorbell.ts'
import { accept } from './accept.ts'
import { invalidField, Refusal, ringOf } from './intake.ts'
import { takeReply } from './replies/take-reply.ts'

/** Whom a signal is about: exactly one of these is given. */
export interface About {
  readonly leadId?: string | undefined
  readonly externalId?: string | undefined
  readonly email?: string | undefined
  readonly phone?: string | undefined
  readonly visitorId?: string | undefined
}

export interface Reported {
  readonly leadId: LeadId
  readonly signalId: SignalId
  readonly status: 'accepted' | 'recorded' | 'repeated' | 'ignored'
  readonly because: string
  readonly rings: readonly Ring[]
  /** For a reply: what it was understood as, and how surely. */
  readonly understood?: Pick<ReplyReading, 'intent' | 'detail' | 'confidence' | 'rule'>
}

/**
 * Takes a signal that a company's own system reports about a lead it names.
 * @throws Refusal 404 (nobody), 409 (a shared phone), 422 (no or several names)
 */
export async function reportSignal(
  trx: Executor,
  about: About,
  signal: Signal,
  {
    eventId,
    via,
    receivedAt,
    hashKeys,
  }: { eventId: SignalId | null; via: string; receivedAt: Instant; hashKeys: HashKeys },
): Promise<Reported> {
  const leadId = await leadNamed(trx, about)
  const signalId = eventId ?? newId<SignalId>('signal')
  if (signal.kind === 'reply') {
    return await reportReply(trx, leadId, signal.payload, { hashKeys, signalId, via, receivedAt })
  }
  const lead = await lockLead(trx, leadId)
  if (lead === null) throw nobody()
  const before = answerOf(phaseOf(lead.status, lead.dead_reason), signal.kind)
  const accepted = await accept(trx, lead, { id: signalId, signal, via, receivedAt })
  const found = { leadId: accepted.lead.id, signalId }
  switch (accepted.kind) {
    case 'accepted':
      return {
        ...found,
        status: accepted.rings ? 'accepted' : 'recorded',
        because: accepted.answer.because,
        rings: accepted.rings ? [ringOf(accepted.lead, signal.kind)] : [],
      }
    case 'repeated':
      return { ...found, status: 'repeated', because: 'this event was taken before', rings: [] }
    case 'ignored':
      return { ...found, status: 'ignored', because: accepted.because, rings: [] }
    case 'refused':
      throw new Refusal(409, 'not_in_this_state', before.because, accepted.fix)
  }
}

/** An answer that another system took: read and understood like any other. */
async function reportReply(
  trx: Executor,
  leadId: LeadId,
  payload: SignalPayloads['reply'],
  context: { hashKeys: HashKeys; signalId: SignalId; via: string; receivedAt: Instant },
): Promise<Reported> {
  const { hashKeys, signalId, via, receivedAt } = context
  const { channel, text, subject, touchId } = payload
  const reply = { id: signalId, channel, text, subject, touchId, via, receivedAt }
  const taken = await takeReply(trx, hashKeys, { kind: 'lead', leadId }, reply)
  const { intent, detail, confidence, rule } = taken.reading
  const known = taken.leadIds.length > 0 || taken.repeated
  if (!known) throw nobody()
  const ignored = taken.accepted.find(({ kind }) => kind === 'ignored')
  const status = taken.repeated
    ? 'repeated'
    : ignored !== undefined
      ? 'ignored'
      : taken.rings.length > 0
        ? 'accepted'
        : 'recorded'
  return {
    leadId,
    signalId,
    status,
    because: taken.repeated
      ? 'this event was taken before'
      : ignored?.kind === 'ignored'
        ? ignored.because
        : `the lead answered: ${intent.replaceAll('_', ' ')}`,
    rings: taken.rings,
    understood: { intent, detail, confidence, rule },
  }
}

async function leadNamed(trx: Executor, about: About): Promise<LeadId> {
  const given = Object.entries(about).filter(([, value]) => value !== undefined)
  if (given.length !== 1) {
    throw invalidField(
      'leadId',
      given.length === 0
        ? 'It is not said whom this is about.'
        : 'It is said in several ways whom this is about.',
      'Give exactly one of leadId, externalId, email, phone, visitorId.',
    )
  }
  if (about.leadId !== undefined) return id<LeadId>(about.leadId)
  if (about.externalId !== undefined) return byExternalId(trx, about.externalId)
  if (about.visitorId !== undefined) {
    const leadId = await leadOfVisitor(trx, id<VisitorId>(about.visitorId))
    if (leadId === null) throw nobody()
    return leadId
  }
  return byPoint(trx, about)
}

async function byExternalId(trx: Executor, externalId: string): Promise<LeadId> {
  const row = await trx
    .selectFrom('leads')
    .select('id')
    .where('external_id', '=', externalId)
    .executeTakeFirst()
  if (row === undefined) throw nobody()
  return row.id
}

async function byPoint(trx: Executor, { email, phone }: About): Promise<LeadId> {
  const kind = email === undefined ? 'phone' : 'email'
  const read = email === undefined ? normalizePhone(phone ?? '') : normalizeEmail(email)
  if (!read.ok) throw invalidField(kind, read.because, read.fix)
  const owners = (await ownersOf(trx, { kind, value: read.value })).filter(({ current }) => current)
  const [first, second] = owners
  if (first === undefined) throw nobody()
  if (second === undefined) return first.leadId
  throw new Refusal(
    409,
    'several_leads',
    `Several leads have this ${kind}.`,
    'Name one of them by leadId or externalId.',
    { about: { leadIds: owners.map(({ leadId }) => leadId) } },
  )
}

function nobody(): Refusal {
  return new Refusal(
    404,
    'no_such_lead',
    'No lead is known by this name.',
    'Post it to /v1/leads first; a visitor is known once it followed a link of ours, or sent a form.',
  )
}
