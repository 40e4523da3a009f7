import type { CompanySettings } from '../../domain/company/company.ts'
import { pauseEnds } from '../../domain/company/preferences.ts'
import { id, type LeadId, type SignalId } from '../../domain/ids.ts'
import { standingSuppression } from '../../domain/policy/standing.ts'
import type { PolicyPerson } from '../../domain/policy/types.ts'
import { DAY_MS, type Instant } from '../../domain/time.ts'
import { cadenceVersion } from '../../store/company/cadences.ts'
import { openEpisode } from '../../store/episodes.ts'
import type { Executor } from '../../store/executor.ts'
import { liftLeadHolds, openHoldsOf } from '../../store/holds.ts'
import { findLead, type LeadRow, lockLead } from '../../store/leads.ts'
import type { TokenRow } from '../../store/people/tokens.ts'
import { leaveTopics, takeTopics, topicsLeftBy } from '../../store/people/topics.ts'
import { staleNow } from '../../store/stale.ts'
import { findTouch } from '../../store/touches.ts'
import type { Ring } from '../../temporal/doorbell.ts'
import { accept } from '../accept.ts'
import { act } from '../actions.ts'
import { ringOf } from '../intake.ts'
import { loadPerson } from '../people.ts'
import { takeOptInOf, takeOptOutOf } from '../person-signals.ts'
import { hashesOf, leadsSharing, lockContactKeys } from '../stops.ts'

/** What a person gets from us, as the preference centre shows it. */
export interface Preferences {
  /** `final`: a complaint, after which nothing turns it on again. */
  readonly email: 'on' | 'off' | 'final' | 'none'
  readonly texts: 'on' | 'off' | 'none'
  readonly topics: readonly { readonly id: string; readonly title: string; readonly on: boolean }[]
  readonly pausedUntil: Instant | null
  /** The message is young enough to vouch for whoever asks for so much. */
  readonly mayErase: boolean
}

export interface Wanted {
  readonly email: boolean
  readonly texts: boolean
  /** Ids of the topics that are wanted. */
  readonly topics: readonly string[]
}

/** Stopping works for ever; to erase a person, the link must come from a recent message. */
const ERASE_WITHIN_MS = 90 * DAY_MS
const VIA = 'preferences'

/** What the person who holds this link gets; null when the person is not known any more. */
export async function preferencesOf(
  executor: Executor,
  token: TokenRow,
  settings: Pick<CompanySettings, 'topics'>,
  now: Instant,
): Promise<Preferences | null> {
  const lead = await findLead(executor, token.lead_id)
  if (lead === null || lead.status === 'erased') return null
  const { policy } = await loadPerson(executor, lead, now)
  const left = new Set(await topicsLeftBy(executor, await hashesBehind(executor, token)))
  const pauses = await openHoldsOf(executor, lead.id, 'lead_paused')
  const until = pauses.map(({ until_at }) => until_at).find((each) => each !== null && each > now)
  return {
    email: emailState(policy),
    texts: policy.phone === null ? 'none' : standingSuppression(policy, 'sms') ? 'off' : 'on',
    topics: settings.topics.map(({ id, title }) => ({ id, title, on: !left.has(id) })),
    pausedUntil: until ?? null,
    mayErase: mayErase(token, now),
  }
}

/** True while the link is from a message of the last three months. */
export function mayErase(token: TokenRow, now: Instant): boolean {
  return now - token.created_at < ERASE_WITHIN_MS
}

/**
 * Does what the person ticked, for every lead that is this person; what is as wanted already stays
 * untouched. Texts are only turned off here: who gets them again must text START from the phone.
 */
export async function applyPreferences(
  trx: Executor,
  token: TokenRow,
  wanted: Wanted,
  settings: Pick<CompanySettings, 'topics'>,
  at: Instant,
): Promise<readonly Ring[]> {
  const leads = await lockPerson(trx, token)
  const now = await preferencesOf(trx, token, settings, at)
  if (now === null) return []
  const rings: Ring[] = []
  const event = { via: VIA, receivedAt: at }
  const emails = await hashesBehind(trx, token, 'email')
  const stop = (channel: 'email' | 'sms') => ({
    ...event,
    id: `preferences:${token.hash}:${channel}:off:${at}`,
    signal: {
      kind: 'opt_out',
      payload: { channel, how: 'preference centre', words: null },
    } as const,
  })
  if (now.email === 'on' && !wanted.email) {
    rings.push(...(await takeOptOutOf(trx, emails, stop('email'))).rings)
  }
  if (now.email === 'off' && wanted.email) {
    const payload = { channel: 'email', how: 'preference centre' } as const
    const id = `preferences:${token.hash}:email:on:${at}`
    const signal = { kind: 'opt_in', payload } as const
    rings.push(...(await takeOptInOf(trx, emails, { ...event, id, signal })).rings)
  }
  if (now.texts === 'on' && !wanted.texts) {
    const phones = await hashesOf(trx, token.lead_id, 'sms')
    rings.push(...(await takeOptOutOf(trx, phones, stop('sms'))).rings)
  }
  const all = await hashesBehind(trx, token)
  const leaving = now.topics.filter(({ id, on }) => on && !wanted.topics.includes(id))
  const taking = now.topics.filter(({ id, on }) => !on && wanted.topics.includes(id))
  const ids = (topics: readonly { readonly id: string }[]) => topics.map(({ id }) => id)
  await leaveTopics(trx, all, ids(leaving), at)
  await takeTopics(trx, all, ids(taking))
  for (const { id } of leads) {
    // What was stopped above has moved the lead on.
    const lead = await lockLead(trx, id)
    if (lead !== null) rings.push(...(await endCadenceAbout(trx, lead, ids(leaving), at)))
  }
  return rings
}

/** No planned message for three months, by the lead's own clock; on every lead of the person. */
export async function pauseForAWhile(
  trx: Executor,
  token: TokenRow,
  zone: string,
  at: Instant,
  leadNow: Instant,
): Promise<readonly Ring[]> {
  const until = pauseEnds(leadNow, zone)
  return acceptForAll(trx, token, (leadId) => ({
    id: id<SignalId>(`pause:${token.hash}:${until}:${leadId}`),
    signal: { kind: 'pause_asked', payload: { until } },
    via: VIA,
    receivedAt: at,
  }))
}

/** Ends a pause that the person asked for. */
export async function endPause(
  trx: Executor,
  token: TokenRow,
  at: Instant,
): Promise<readonly Ring[]> {
  const rings: Ring[] = []
  for (const lead of await lockPerson(trx, token)) {
    if ((await openHoldsOf(trx, lead.id, 'lead_paused')).length === 0) continue
    await liftLeadHolds(trx, lead.id, { at, by: null, kinds: ['lead_paused'] })
    await staleNow(trx, lead, 'the lead ended its pause')
    rings.push(ringOf(lead, 'resume'))
  }
  return rings
}

/** Erases every lead of the person, as DELETE /v1/leads/:id does. */
export async function erasePerson(
  trx: Executor,
  token: TokenRow,
  context: Pick<Parameters<typeof act>[3], 'rules' | 'receivedAt'>,
): Promise<readonly Ring[]> {
  const rings: Ring[] = []
  for (const lead of await lockPerson(trx, token)) {
    const done = await act(trx, lead.id, { kind: 'erase' }, { ...context, who: VIA, eventId: null })
    rings.push(...done.rings)
  }
  return rings
}

/** The address that got the message, and those that the person has now. */
export async function hashesBehind(
  executor: Executor,
  token: TokenRow,
  channel: 'email' | 'sms' | 'all' = 'all',
): Promise<string[]> {
  const touch = token.touch_id === null ? null : await findTouch(executor, token.touch_id)
  const own = touch !== null && (channel === 'all' || touch.channel === channel)
  const now = await hashesOf(executor, token.lead_id, channel)
  return [...new Set([...(own ? [touch.contact_hash] : []), ...now])]
}

/**
 * Locks everything that is this person: contact keys first, then the leads in the order of their
 * ids. Leads that share only a phone are other people.
 */
async function lockPerson(trx: Executor, token: TokenRow): Promise<LeadRow[]> {
  const emails = await hashesBehind(trx, token, 'email')
  const sharing = new Set([token.lead_id, ...(await leadsSharing(trx, emails, null))])
  const hashes: string[] = []
  for (const leadId of sharing) hashes.push(...(await hashesOf(trx, leadId)))
  await lockContactKeys(trx, [...emails, ...hashes])
  const leads: LeadRow[] = []
  for (const leadId of [...sharing].sort()) {
    const lead = await lockLead(trx, leadId)
    if (lead !== null && lead.status !== 'erased') leads.push(lead)
  }
  return leads
}

async function acceptForAll(
  trx: Executor,
  token: TokenRow,
  arrivalFor: (leadId: LeadId) => Parameters<typeof accept>[2],
): Promise<readonly Ring[]> {
  const rings: Ring[] = []
  for (const lead of await lockPerson(trx, token)) {
    const arrival = arrivalFor(lead.id)
    const accepted = await accept(trx, lead, arrival)
    if (accepted.kind === 'accepted' && accepted.rings) {
      rings.push(ringOf(accepted.lead, arrival.signal.kind))
    }
  }
  return rings
}

/** A cadence about a topic that was left is over: the lead said no, or is as dead as it was. */
async function endCadenceAbout(
  trx: Executor,
  lead: LeadRow,
  topics: readonly string[],
  at: Instant,
): Promise<readonly Ring[]> {
  if (lead.status !== 'nurturing' || topics.length === 0) return []
  const episode = await openEpisode(trx, lead.episode_id)
  if (episode === null) return []
  const { topic } = await cadenceVersion(trx, episode.cadence_version_id)
  if (topic == null || !topics.includes(topic)) return []
  const words = `wants no messages about ${topic}`
  const accepted = await accept(trx, lead, {
    id: id<SignalId>(`topic:${episode.id}`),
    signal: {
      kind: 'mark_dead',
      payload: { details: episode.from_details ?? { reason: 'not_interested', words } },
    },
    via: VIA,
    receivedAt: at,
  })
  return accepted.kind === 'accepted' ? [ringOf(accepted.lead, 'mark_dead')] : []
}

function emailState(person: PolicyPerson): Preferences['email'] {
  if (person.email === null) return 'none'
  const standing = standingSuppression(person, 'email')
  if (standing === null) return 'on'
  return person.suppressions.some(({ cause }) => cause === 'complaint') ? 'final' : 'off'
}
