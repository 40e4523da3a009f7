import type { MailNote } from '../../channels/email/note.ts'
import type { EngineRules } from '../../domain/company/company.ts'
import { id, type LeadId, type SignalId, type TouchId } from '../../domain/ids.ts'
import { bestZone } from '../../domain/policy/locate.ts'
import { type Instant, instant } from '../../domain/time.ts'
import { atLocal, localDay } from '../../domain/time-zones.ts'
import type { Executor } from '../../store/executor.ts'
import { holdsOn } from '../../store/holds.ts'
import { type LeadRow, lockLead } from '../../store/leads.ts'
import type { Ring } from '../../temporal/doorbell.ts'
import { accept } from '../accept.ts'
import { type Intake, ringOf } from '../intake.ts'
import { settleTouch } from '../messages/delivery.ts'
import { loadPerson } from '../people.ts'
import {
  type PersonEvent,
  type PersonTaken,
  takeFromHash,
  takeFromLead,
} from '../person-signals.ts'
import { takeReply } from '../replies/take-reply.ts'
import { leadsSharing, lockContactKeys, suppressHash } from '../stops.ts'
import { type Match, matchByAddress } from './mail-match.ts'

/** What taking mail in needs: also the key that signs the ledger, for evidence from mails. */
export interface MailIntake extends Intake {
  readonly ledgerKey: Buffer
}

/** One mail being taken, in its transaction. */
export interface Taking {
  readonly trx: Executor
  readonly intake: MailIntake
  readonly rules: EngineRules
  readonly note: MailNote
  readonly at: Instant
  /** The message of ours that it names. */
  readonly named: Match | null
}

/** What a mail did. */
export interface MailEffect {
  readonly state: 'acted' | 'recorded' | 'kept'
  /** In words without contact data; of a kept one, why a person is to look at it. */
  readonly because: string
  readonly leadId?: LeadId | null
  readonly touchId?: TouchId | null
  readonly contactHash?: string | null
  readonly rings: readonly Ring[]
}

export const UNKNOWN = 'it names no message of ours, and comes from nobody we know'

/** For a person to look at. */
export function keep(match: Match | null, because: string): MailEffect {
  return { state: 'kept', because, ...aboutMatch(match), rings: [] }
}

/** The mail is kept on record, and changes nothing. */
export function record(match: Match, because: string): MailEffect {
  return { state: 'recorded', because, ...aboutMatch(match), rings: [] }
}

/** The mail changed what is known of these leads. */
export function acted(
  match: Match,
  because: string,
  { rings, leadIds }: Pick<PersonTaken, 'rings' | 'leadIds'>,
): MailEffect {
  const about = aboutMatch(match)
  return { state: 'acted', because, ...about, leadId: about.leadId ?? leadIds[0] ?? null, rings }
}

function aboutMatch(match: Match | null) {
  return {
    leadId: match?.touch?.lead_id ?? null,
    touchId: match?.touch?.id ?? null,
    contactHash: match?.contactHash ?? null,
  }
}

/** A person wrote: what it means, and so what follows, is for the reply rules. */
export async function applyAnswer(taking: Taking): Promise<MailEffect> {
  const { note, at } = taking
  const match = await whoseMail(taking, note.from)
  if (match === null) return keep(null, UNKNOWN)
  await proveDelivered(taking, match, 'answer')
  const reply = {
    id: note.eventId,
    channel: 'email',
    text: note.text,
    subject: note.subject,
    touchId: match.touch?.id ?? null,
    via: 'email',
    receivedAt: at,
  } as const
  const { trx, intake } = taking
  const whose = { kind: 'hash', hash: match.contactHash } as const
  let taken = await takeReply(trx, intake.hashKeys, whose, reply)
  if (taken.leadIds.length === 0 && !taken.repeated && match.touch !== null) {
    // Nobody has the address now: it concerns whom the message went to.
    const named = { kind: 'lead', leadId: match.touch.lead_id } as const
    taken = await takeReply(trx, intake.hashKeys, named, reply)
  }
  if (taken.leadIds.length === 0 && !taken.repeated) return keep(match, UNKNOWN)
  return acted(match, 'an answer', taken)
}

/** A complaint ends everything for the person, on every channel and for ever. */
export async function applyComplaint(
  taking: Taking,
  recipients: readonly string[],
): Promise<MailEffect> {
  const { trx, note, at } = taking
  const [recipient] = recipients
  const match = await whoseMail(taking, recipients.length === 1 ? (recipient ?? null) : null)
  if (match === null) return keep(null, 'a complaint that names nobody we know')
  await proveDelivered(taking, match, 'complaint')
  await lockContactKeys(trx, [match.contactHash])
  await suppressHash(trx, match.contactHash, 'all', 'complaint', at, 'feedback report')
  const taken = await concern(taking, match, {
    id: note.eventId,
    signal: { kind: 'complaint', payload: { channel: 'email', how: 'feedback report' } },
    via: 'email',
    receivedAt: at,
  })
  return acted(match, 'a complaint: nothing is sent to this person again', taken)
}

/** Nobody answered; when an absence says until when, the lead waits as long. */
export async function applyAutoReply(
  taking: Taking,
  returnsOn: string | null,
): Promise<MailEffect> {
  const match = await whoseMail(taking, taking.note.from)
  if (match === null) return keep(null, UNKNOWN)
  await proveDelivered(taking, match, 'automatic answer')
  if (returnsOn === null) return record(match, 'an automatic answer is no answer')
  await lockContactKeys(taking.trx, [match.contactHash])
  const sharing = await leadsSharing(taking.trx, [match.contactHash], null)
  const rings: Ring[] = []
  for (const leadId of sharing) {
    const lead = await lockLead(taking.trx, leadId)
    if (lead !== null) rings.push(...(await holdUntilBack(taking, lead, returnsOn)))
  }
  if (rings.length === 0) return record(match, 'away: nothing was planned before the return')
  return acted(match, `away: waits until ${returnsOn}`, { rings, leadIds: sharing })
}

async function holdUntilBack(
  { trx, rules, note, at }: Taking,
  lead: LeadRow,
  returnsOn: string,
): Promise<readonly Ring[]> {
  if (lead.status !== 'nurturing') return []
  const { policy } = await loadPerson(trx, lead, at)
  const { zone } = bestZone(policy, rules.policy)
  const [year = 0, month = 1, day = 1] = returnsOn.split('-').map(Number)
  const until = atLocal(localDay(year, month, day), 0, zone)
  const holds = await holdsOn(trx, lead.id, null, instant(0))
  const longer = holds.some(
    ({ kind, lifted_at, until_at }) =>
      kind === 'held_until' && lifted_at === null && (until_at === null || until_at >= until),
  )
  if (longer) return []
  const accepted = await accept(trx, lead, {
    id: id<SignalId>(`${note.eventId}:${lead.id}`),
    signal: { kind: 'hold', payload: { until, because: 'out of office' } },
    via: 'email',
    receivedAt: at,
  })
  return accepted.kind === 'accepted' && accepted.rings ? [ringOf(accepted.lead, 'hold')] : []
}

/** By the message that it names, else by an address. */
async function whoseMail(
  { trx, intake, named }: Taking,
  address: string | null,
): Promise<Match | null> {
  return named ?? (await matchByAddress(trx, intake.hashKeys, address))
}

/** It concerns everybody who has the address; when nobody has it now, whom the message went to. */
export async function concern(
  { trx }: Taking,
  match: Match,
  event: PersonEvent,
): Promise<PersonTaken> {
  const taken = await takeFromHash(trx, match.contactHash, event)
  if (taken.leadIds.length > 0 || taken.repeated || match.touch === null) return taken
  return await takeFromLead(trx, match.touch.lead_id, event)
}

/** Whoever answers a message has got it: that settles one whose fate was uncertain. */
async function proveDelivered(
  { trx, intake, at }: Taking,
  { touch }: Match,
  evidence: string,
): Promise<void> {
  if (touch === null) return
  const report = { kind: 'delivered' } as const
  await settleTouch(trx, intake.ledgerKey, touch.id, { providerId: null, report, evidence, at })
}
