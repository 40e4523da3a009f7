import { id, type LeadId, type SignalId } from '../domain/ids.ts'
import type { Channel, ConsentBasis } from '../domain/policy/types.ts'
import type { Signal } from '../domain/signals.ts'
import type { Instant } from '../domain/time.ts'
import type { Executor } from '../store/executor.ts'
import type { HashKeys } from '../store/hash-key.ts'
import { type LeadRow, lockLead } from '../store/leads.ts'
import { addConsent, consentsOf } from '../store/people/consents.ts'
import {
  holdContactKeys,
  type KeyedPoint,
  knownPoints,
  type PointValue,
} from '../store/people/contact-points.ts'
import type { Ring } from '../temporal/doorbell.ts'
import { accept } from './accept.ts'
import { ringOf } from './intake.ts'
import { leadsSharing, lockContactKeys, suppressHash } from './stops.ts'

/** Something that a person did by a contact point, which several leads may share. */
export interface PersonEvent<S extends Signal = Signal> {
  /** The event's own id at its source; it happens once per lead. */
  readonly id: string
  readonly signal: S
  readonly via: string
  readonly receivedAt: Instant
}

export interface PersonTaken {
  readonly leadIds: readonly LeadId[]
  /** True when this very event was taken before; nothing changed then. */
  readonly repeated: boolean
  /** False: it changed nothing that the person had not asked for before. */
  readonly news: boolean
  readonly rings: readonly Ring[]
}

type SignalOf<Kind extends Signal['kind']> = Extract<Signal, { kind: Kind }>

/**
 * A person said stop, by whatever contact point: it is suppressed for ever, also when no lead has
 * it, and every lead that has it stops at once.
 */
export async function takeOptOut(
  trx: Executor,
  hashKeys: HashKeys,
  point: PointValue,
  event: PersonEvent<SignalOf<'opt_out'>>,
): Promise<PersonTaken> {
  const [keyed] = await holdContactKeys(trx, hashKeys, [point], event.receivedAt)
  if (keyed === undefined) return NOBODY
  return await stopAll(trx, [keyed.hash], event)
}

/** The same, for contact points of which only the hashes are at hand. The rows are locked here. */
export async function takeOptOutOf(
  trx: Executor,
  contactHashes: readonly string[],
  event: PersonEvent<SignalOf<'opt_out'>>,
): Promise<PersonTaken> {
  await lockContactKeys(trx, contactHashes)
  return await stopAll(trx, contactHashes, event)
}

async function stopAll(
  trx: Executor,
  hashes: readonly string[],
  event: PersonEvent<SignalOf<'opt_out'>>,
): Promise<PersonTaken> {
  const leads = await lockLeads(trx, await leadsSharing(trx, hashes, null))
  if (await isKnown(trx, event.id, leads)) return { ...NOBODY, repeated: true }
  const { channel, how } = event.signal.payload
  let news = false
  for (const hash of hashes) {
    if (await suppressOnce(trx, hash, channel, how, event.receivedAt)) news = true
  }
  const taken = await acceptForEach(trx, leads, event)
  return { ...taken, repeated: leads.length === 0 && !news, news }
}

/**
 * A person asked to hear from us again. The strongest consent that this contact point ever had
 * counts anew, from now on; where there was none, it is an express consent, which lifts the stop
 * and permits no marketing text (47 CFR 64.1200(f)(9) asks for a written one).
 */
export async function takeOptIn(
  trx: Executor,
  hashKeys: HashKeys,
  point: PointValue,
  event: PersonEvent<SignalOf<'opt_in'>>,
): Promise<PersonTaken> {
  const [keyed] = await holdContactKeys(trx, hashKeys, [point], event.receivedAt)
  if (keyed === undefined) return NOBODY
  const leads = await lockLeads(trx, await leadsSharing(trx, [keyed.hash], null))
  if (await isKnown(trx, event.id, leads)) return { ...NOBODY, repeated: true }
  const added = await reinstateConsent(trx, keyed, event, leads[0]?.id ?? null)
  const taken = await acceptForEach(trx, leads, event)
  return { ...taken, repeated: leads.length === 0 && !added }
}

/** The same for contact points of which only the hashes are at hand. The rows are locked here. */
export async function takeOptInOf(
  trx: Executor,
  contactHashes: readonly string[],
  event: PersonEvent<SignalOf<'opt_in'>>,
): Promise<PersonTaken> {
  await lockContactKeys(trx, contactHashes)
  const leads = await lockLeads(trx, await leadsSharing(trx, contactHashes, null))
  if (await isKnown(trx, event.id, leads)) return { ...NOBODY, repeated: true }
  for (const hash of contactHashes) {
    await reinstateConsent(trx, { hash }, event, leads[0]?.id ?? null)
  }
  return acceptForEach(trx, leads, event)
}

/** A person wrote, or reported us, by a contact point: it concerns every lead that has it. */
export async function takeFromPerson(
  trx: Executor,
  hashKeys: HashKeys,
  point: PointValue,
  event: PersonEvent,
): Promise<PersonTaken> {
  const [keyed] = await knownPoints(trx, hashKeys, [point])
  if (keyed === undefined) return NOBODY
  return await takeFromHash(trx, keyed.hash, event)
}

/** The same, for a contact point of which only the hash is at hand. */
export async function takeFromHash(
  trx: Executor,
  contactHash: string,
  event: PersonEvent,
): Promise<PersonTaken> {
  await lockContactKeys(trx, [contactHash])
  const leads = await lockLeads(trx, await leadsSharing(trx, [contactHash], null))
  if (await isKnown(trx, event.id, leads)) return { ...NOBODY, repeated: true }
  return await acceptForEach(trx, leads, event)
}

/** The same, for the one lead that a message of ours went to, whoever has its contact point now. */
export async function takeFromLead(
  trx: Executor,
  leadId: LeadId,
  event: PersonEvent,
): Promise<PersonTaken> {
  const leads = await lockLeads(trx, [leadId])
  if (await isKnown(trx, event.id, leads)) return { ...NOBODY, repeated: true }
  return await acceptForEach(trx, leads, event)
}

const NOBODY: PersonTaken = { leadIds: [], repeated: false, news: false, rings: [] }

/** The id of a person's event in one lead's sequence. */
export function signalIdFor(eventId: string, leadId: LeadId): SignalId {
  return id<SignalId>(`${eventId}:${leadId}`)
}

async function lockLeads(trx: Executor, leadIds: readonly LeadId[]): Promise<LeadRow[]> {
  const leads: LeadRow[] = []
  for (const leadId of leadIds) {
    const lead = await lockLead(trx, leadId)
    if (lead !== null) leads.push(lead)
  }
  return leads
}

async function isKnown(
  trx: Executor,
  eventId: string,
  leads: readonly LeadRow[],
): Promise<boolean> {
  if (leads.length === 0) return false
  const ids = leads.map(({ id }) => signalIdFor(eventId, id))
  const row = await trx
    .selectFrom('signals')
    .select('id')
    .where('id', 'in', ids)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

async function acceptForEach(
  trx: Executor,
  leads: readonly LeadRow[],
  { id, signal, via, receivedAt }: PersonEvent,
): Promise<PersonTaken> {
  const rings: Ring[] = []
  for (const lead of leads) {
    const arrival = { id: signalIdFor(id, lead.id), signal, via, receivedAt }
    const accepted = await accept(trx, lead, arrival)
    if (accepted.kind === 'accepted' && accepted.rings) {
      rings.push(ringOf(accepted.lead, signal.kind))
    }
  }
  return { leadIds: leads.map(({ id }) => id), repeated: false, news: true, rings }
}

/** Suppresses unless the last word on this contact point was a stop already. */
export async function suppressOnce(
  trx: Executor,
  hash: string,
  channel: Channel | 'all',
  how: string,
  at: Instant,
): Promise<boolean> {
  if (await isStopped(trx, hash, channel)) return false
  await suppressHash(trx, hash, channel, 'opt_out', at, how)
  return true
}

/** Whether the last word on this contact point was a stop that covers the channel. */
export async function isStopped(
  trx: Executor,
  hash: string,
  channel: Channel | 'all',
): Promise<boolean> {
  const stops = await trx
    .selectFrom('suppressions')
    .select('at')
    .where('contact_hash', '=', hash)
    .where('channel', 'in', channel === 'all' ? ['all'] : [channel, 'all'])
    .orderBy('at', 'desc')
    .execute()
  const last = stops[0]?.at
  if (last === undefined) return false
  return !(await consentsOf(trx, hash)).some(({ byLead, at }) => byLead && at > last)
}

const STRENGTH: readonly ConsentBasis[] = ['express_written', 'express']

async function reinstateConsent(
  trx: Executor,
  { hash }: Pick<KeyedPoint, 'hash'>,
  { signal, receivedAt }: PersonEvent<SignalOf<'opt_in'>>,
  leadId: LeadId | null,
): Promise<boolean> {
  const { channel, how } = signal.payload
  const earlier = (await consentsOf(trx, hash)).filter((consent) => consent.channel === channel)
  const strongest = STRENGTH.flatMap(
    (basis) => earlier.filter((consent) => consent.basis === basis).at(-1) ?? [],
  )[0]
  const { isNew } = await addConsent(trx, {
    contactHash: hash,
    leadId,
    channel,
    basis: strongest?.basis ?? 'express',
    disclosure: strongest?.disclosure ?? null,
    at: receivedAt,
    source: how,
    ip: null,
    url: null,
    proof: null,
    byLead: true,
    receivedAt,
  })
  return isNew
}
