import { id, type LeadId, type SignalId, type TouchId } from '../../domain/ids.ts'
import type { Channel } from '../../domain/policy/types.ts'
import type { Keyword } from '../../domain/replies/keywords.ts'
import { readReply } from '../../domain/replies/read-reply.ts'
import { rulesWith, shippedRules } from '../../domain/replies/shipped.ts'
import type { ReplyReading, ReplyRules } from '../../domain/replies/types.ts'
import { answeredWhy, readWhy } from '../../domain/replies/why.ts'
import type { Signal } from '../../domain/signals.ts'
import type { Instant } from '../../domain/time.ts'
import { readOwnReplyRules } from '../../store/company/reply-rules.ts'
import { readSettings } from '../../store/company/settings.ts'
import type { Executor } from '../../store/executor.ts'
import type { HashKeys } from '../../store/hash-key.ts'
import { type LeadRow, lockLead } from '../../store/leads.ts'
import { holdContactKeys, type PointValue } from '../../store/people/contact-points.ts'
import { asksWhy } from '../../store/people/tokens.ts'
import type { Ring } from '../../temporal/doorbell.ts'
import { type Accepted, accept } from '../accept.ts'
import { ringOf } from '../intake.ts'
import {
  isStopped,
  type PersonTaken,
  suppressOnce,
  takeOptIn,
  takeOptOutOf,
} from '../person-signals.ts'
import { hashesOf, leadsSharing, lockContactKeys } from '../stops.ts'

/** Whose answer it is: of whoever has a contact point, or of a lead that the caller names. */
export type Whose =
  | { readonly kind: 'point'; readonly point: PointValue }
  /** A contact point of which only the keyed hash is at hand; it has its row in contact_keys. */
  | { readonly kind: 'hash'; readonly hash: string }
  | { readonly kind: 'lead'; readonly leadId: LeadId }

/** An answer, as it came in. */
export interface IncomingReply {
  /** The event's own id at its source: the same id changes nothing the second time. */
  readonly id: string
  readonly channel: Channel
  readonly text: string
  readonly subject: string | null
  /** The message of ours that it answers, where that is known. */
  readonly touchId: TouchId | null
  /** Its headers say that a machine wrote it (RFC 3834): it is no answer. */
  readonly auto?: boolean
  /** Twilio itself took it for one of the carriers' words. */
  readonly keyword?: Keyword | null
  /** What it means is known: it was pressed, not written. */
  readonly pressed?: ReplyReading
  readonly via: string
  readonly receivedAt: Instant
}

export interface ReplyTaken extends PersonTaken {
  readonly reading: ReplyReading
  /** What the lifecycle answered, for each lead. */
  readonly accepted: readonly Accepted[]
  /** The one text that the law and the carriers expect in return; null for none. */
  readonly owed: Keyword | null
}

/**
 * The one way in for answers of every kind: reads what it means, does at once what that stops,
 * on every lead that it concerns, and leaves to the planner what needs a clock. In the caller's
 * transaction; ring the rings after the commit.
 */
export async function takeReply(
  trx: Executor,
  hashKeys: HashKeys,
  whose: Whose,
  reply: IncomingReply,
): Promise<ReplyTaken> {
  const reading = await readIncoming(trx, reply)
  const owed = owedTo(reading, reply)
  const literal = reading.facts.literal
  if (literal && reading.intent === 'opt_out') {
    return { ...(await optOut(trx, hashKeys, whose, reply, reading)), reading, owed }
  }
  if (literal && reading.intent === 'opt_in' && reply.channel === 'sms') {
    const point = await pointOf(trx, whose, reply.channel)
    if (point !== null) {
      const signal = { kind: 'opt_in', payload: { channel: 'sms', how: 'text START' } } as const
      const taken = await takeOptIn(trx, hashKeys, point, eventOf(reply, signal))
      return { ...taken, reading, accepted: [], owed }
    }
  }
  const help = literal && reading.intent === 'help' && reply.channel === 'sms'
  const signal: Signal = help
    ? { kind: 'custom', payload: { name: 'help', data: {} } }
    : {
        kind: 'reply',
        payload: {
          channel: reply.channel,
          text: reply.text,
          subject: reply.subject,
          touchId: reply.touchId,
          reading,
        },
      }
  const taken = await give(trx, hashKeys, whose, reply, reading, signal)
  return { ...taken, reading, owed }
}

/** What is meant, by the rules in force; "tomorrow" counts from when it came. */
async function readIncoming(trx: Executor, reply: IncomingReply): Promise<ReplyReading> {
  const rules = await replyRulesInForce(trx)
  const { company } = await readSettings(trx)
  const { channel, text, subject, auto = false, keyword = null } = reply
  const reference = { at: reply.receivedAt, zone: company.timezone }
  const input = { channel, text: keyword ?? text, subject, auto }
  const read = readReply(input, rules, reference)
  // Whoever writes "stop" beside a button means it.
  if (reply.pressed !== undefined && !stops(read)) return reply.pressed
  const reading = await numbered(trx, reply, read)
  return keyword === null ? reading : { ...reading, visibleText: text }
}

/** A bare number means something to whom we asked why; a stop stays one. */
async function numbered(
  trx: Executor,
  { channel, touchId }: IncomingReply,
  reading: ReplyReading,
): Promise<ReplyReading> {
  if (stops(reading) || reading.intent === 'out_of_office' || touchId === null) return reading
  const answered = answeredWhy(reading.visibleText)
  if (answered === null || !(await asksWhy(trx, touchId))) return reading
  return readWhy(reading, channel, answered)
}

/** The rules that ship, with the company's own. */
async function replyRulesInForce(executor: Executor): Promise<ReplyRules> {
  const { files } = await readOwnReplyRules(executor)
  const parsing = rulesWith(files)
  // They were checked when they were published; an update may have tightened the language.
  return parsing.ok ? parsing.rules : shippedRules()
}

/** Only texts are answered by a machine, once, and only what the law and the carriers expect. */
function owedTo({ intent, facts }: ReplyReading, { channel, keyword }: IncomingReply) {
  if (channel !== 'sms' || (keyword ?? null) !== null) return null
  if (intent === 'opt_out') return 'stop'
  if (!facts.literal) return null
  return intent === 'opt_in' ? 'start' : intent === 'help' ? 'help' : null
}

type Taken = Omit<ReplyTaken, 'reading' | 'owed'>

/** One of the words that are a stop by law: on record as the stop that it is. */
async function optOut(
  trx: Executor,
  hashKeys: HashKeys,
  whose: Whose,
  reply: IncomingReply,
  { visibleText, facts }: ReplyReading,
): Promise<Taken> {
  const how = reply.channel === 'sms' ? 'text STOP' : 'email STOP'
  const payload = { channel: facts.stops, how, words: visibleText || (reply.subject ?? null) }
  const signal = { kind: 'opt_out', payload } as const
  const hash = await hashOf(trx, hashKeys, whose, reply)
  if (hash !== null) {
    return { ...(await takeOptOutOf(trx, [hash], eventOf(reply, signal))), accepted: [] }
  }
  return give(trx, hashKeys, whose, reply, null, signal)
}

/** Gives the signal to every lead that it concerns, their contact keys locked first. */
async function give(
  trx: Executor,
  hashKeys: HashKeys,
  whose: Whose,
  reply: IncomingReply,
  reading: ReplyReading | null,
  signal: Signal,
): Promise<Taken> {
  const hash = await hashOf(trx, hashKeys, whose, reply)
  const forAll = whose.kind !== 'lead' || (reading !== null && stops(reading))
  const sharing = hash === null || !forAll ? [] : await leadsSharing(trx, [hash], null)
  const named = whose.kind === 'lead' ? [whose.leadId] : []
  const leadIds = [...new Set([...sharing, ...named])].sort()
  const hashes = await Promise.all(leadIds.map((leadId) => hashesOf(trx, leadId)))
  await lockContactKeys(trx, [...hashes.flat(), ...(hash === null ? [] : [hash])])
  const leads = await lockAll(trx, leadIds)
  const several = whose.kind !== 'lead' || leads.length > 1
  const stopping = hash !== null && reading !== null && stops(reading) ? reading.facts.stops : null
  // A stop belongs to the contact point: it holds where no lead has it, or none any more.
  const before = stopping === null || hash === null ? true : await isStopped(trx, hash, stopping)
  const accepted: Accepted[] = []
  const rings: Ring[] = []
  for (const lead of leads) {
    const own = whose.kind === 'lead' && lead.id === whose.leadId
    const id = (several && !own ? `${reply.id}:${lead.id}` : reply.id) as SignalId
    const { via, receivedAt } = reply
    const result = await accept(trx, lead, { id, signal, via, receivedAt })
    accepted.push(result)
    if (result.kind === 'accepted' && result.rings) rings.push(ringOf(result.lead, signal.kind))
  }
  if (stopping !== null && hash !== null) {
    await suppressOnce(trx, hash, stopping, 'answered', reply.receivedAt)
  }
  const news = stopping === null || !before
  const repeated =
    accepted.length > 0
      ? accepted.every(({ kind }) => kind === 'repeated')
      : stopping !== null && before
  return { leadIds: leads.map(({ id }) => id), repeated, news, rings, accepted }
}

/** Whoever asks to stop, or curses us, is heard for every lead with this contact point. */
function stops({ intent }: ReplyReading): boolean {
  return intent === 'opt_out' || intent === 'hostile'
}

async function lockAll(trx: Executor, leadIds: readonly LeadId[]): Promise<LeadRow[]> {
  const leads: LeadRow[] = []
  for (const leadId of leadIds) {
    const lead = await lockLead(trx, leadId)
    if (lead !== null) leads.push(lead)
  }
  return leads
}

/** The keyed hash of whoever wrote; null for a lead without a contact point on the channel. */
async function hashOf(
  trx: Executor,
  hashKeys: HashKeys,
  whose: Whose,
  reply: IncomingReply,
): Promise<string | null> {
  if (whose.kind === 'hash') return whose.hash
  if (whose.kind === 'lead') return (await hashesOf(trx, whose.leadId, reply.channel))[0] ?? null
  const [keyed] = await holdContactKeys(trx, hashKeys, [whose.point], reply.receivedAt)
  return keyed?.hash ?? null
}

async function pointOf(trx: Executor, whose: Whose, channel: Channel): Promise<PointValue | null> {
  if (whose.kind === 'point') return whose.point
  const kind = channel === 'email' ? 'email' : 'phone'
  const row = await trx
    .selectFrom('contact_points')
    .select('value')
    .where('kind', '=', kind)
    .where('current', '=', true)
    .$if(whose.kind === 'lead', (query) =>
      query.where('lead_id', '=', whose.kind === 'lead' ? whose.leadId : id<LeadId>('')),
    )
    .$if(whose.kind === 'hash', (query) =>
      query.where('hash', '=', whose.kind === 'hash' ? whose.hash : ''),
    )
    .executeTakeFirst()
  return row ? { kind, value: row.value } : null
}

function eventOf<S extends Signal>({ id, via, receivedAt }: IncomingReply, signal: S) {
  return { id, signal, via, receivedAt }
}
