import type { EngineRules } from '../../domain/company/company.ts'
import { normalizeEmail } from '../../domain/contact.ts'
import type { EpisodeId, LeadId } from '../../domain/ids.ts'
import type { Channel } from '../../domain/policy/types.ts'
import {
  budgetDay,
  budgetOn,
  nextBudgetAt,
  type Sender,
  senderOfOwner,
  sendersFor,
  sendersOf,
} from '../../domain/senders.ts'
import type { Instant } from '../../domain/time.ts'
import type { Executor } from '../../store/executor.ts'
import { haltSender, openSenderHalts } from '../../store/holds.ts'

/** What of its budget a chosen sender may use, on which day. */
export interface Budget {
  readonly sender: string
  readonly day: number
  readonly perDay: number
}

export type Choice =
  | {
      readonly kind: 'chosen'
      readonly sender: Sender
      readonly budget: Budget | null
      /** Why it is not the owner whom the step asked for; absent where it is, or none was. */
      readonly because?: string
    }
  /** Every sender that may write to this lead has sent its share of today. */
  | { readonly kind: 'spent'; readonly until: Instant }

type SenderRules = Pick<EngineRules, 'company' | 'senders'>

/**
 * The owner of a lead as the sender of one step; where that may not be, the company's own choice and
 * the reason. `heard`: answers to the owner's address find a way back to us.
 */
export async function chooseOwner(
  executor: Executor,
  lead: Sent & { readonly owner: string | null },
  rules: SenderRules & Pick<EngineRules, 'ownerSenders'>,
  now: Instant,
  heard: boolean,
): Promise<Choice> {
  const instead = async (because: string): Promise<Choice> => {
    const choice = await chooseSender(executor, lead, rules, now)
    return choice.kind === 'chosen' ? { ...choice, because } : choice
  }
  if (lead.owner === null) return instead('the lead has no owner')
  const read = normalizeEmail(lead.owner)
  if (!read.ok) return instead('its owner is no email address')
  const sender = senderOfOwner(read.value, rules.ownerSenders, rules.senders)
  if (sender === null) return instead('the settings (ownerSenders) do not let its owner send')
  if (!heard) return instead('answers to its owner would not come back to us')
  const halted = await haltedSenders(executor)
  if (halted.has(sender.email)) return instead('sending as its owner is halted')
  const day = budgetDay(now, rules.company.timezone)
  const perDay = budgetOn(sender, day)
  if (perDay === null) return { kind: 'chosen', sender, budget: null }
  if ((await takenOn(executor, sender.email, day)) >= perDay) {
    return instead('its owner has sent the share of today')
  }
  return { kind: 'chosen', sender, budget: { sender: sender.email, day, perDay } }
}

type Sent = { readonly id: LeadId; readonly episodeId: EpisodeId | null }

/**
 * Who the next email to a lead comes from. Within an episode it is always the same one, whose
 * budget is waited for; a new episode begins with the last one that wrote, else with the next in
 * the lead's own order that still has budget. A halted sender is passed over.
 */
export async function chooseSender(
  executor: Executor,
  lead: Sent,
  { company, senders }: SenderRules,
  now: Instant,
): Promise<Choice> {
  const all = sendersOf(company.from, senders)
  const last = all.length === 1 ? null : await lastSender(executor, lead.id, all)
  const halted = all.length === 1 ? new Set<string>() : await haltedSenders(executor)
  const ordered = sendersFor(lead.id, all, last?.sender ?? null)
  const able = ordered.filter(({ email }) => !halted.has(email))
  // When all are halted the channel is too, and the planner waits for it.
  const candidates = able.length > 0 ? able : ordered
  const day = budgetDay(now, company.timezone)
  for (const sender of candidates) {
    const perDay = budgetOn(sender, day)
    if (perDay === null) return { kind: 'chosen', sender, budget: null }
    if ((await takenOn(executor, sender.email, day)) < perDay) {
      return { kind: 'chosen', sender, budget: { sender: sender.email, day, perDay } }
    }
    const inThread = sender.email === last?.sender && last.episodeId === lead.episodeId
    if (inThread) break
  }
  return { kind: 'spent', until: nextBudgetAt(now, company.timezone) }
}

/**
 * Takes one email from a sender's budget, in the transaction of its intent; false when others have
 * taken the last. What fails later stays counted: it was an email that the sender tried to send.
 */
export async function takeFromBudget(
  trx: Executor,
  { sender, day, perDay }: Budget,
): Promise<boolean> {
  if (perDay <= 0) return false
  const taken = await trx
    .insertInto('sender_days')
    .values({ sender, day, taken: 1 })
    .onConflict((on) =>
      on
        .columns(['sender', 'day'])
        .doUpdateSet((eb) => ({ taken: eb('sender_days.taken', '+', 1) }))
        .where('sender_days.taken', '<', perDay),
    )
    .returning('taken')
    .executeTakeFirst()
  return taken !== undefined
}

/**
 * Stops the sender that a provider refused: one of several emails' senders alone, as an owner, and
 * the whole channel only when no other is left.
 */
export async function haltFor(
  trx: Executor,
  { channel, sender }: { readonly channel: Channel; readonly sender: string | null },
  { company, senders }: SenderRules,
  because: string,
  at: Instant,
): Promise<void> {
  const all = channel === 'email' ? sendersOf(company.from, senders) : []
  const isOwner = channel === 'email' && all.every(({ email }) => email !== sender)
  if (sender !== null && (all.length > 1 || isOwner)) {
    await haltSender(trx, `email:${sender}`, because, at)
    if (isOwner) return
    const halted = await haltedSenders(trx)
    if (all.some(({ email }) => !halted.has(email))) return
  }
  await haltSender(trx, channel, because, at)
}

async function haltedSenders(executor: Executor): Promise<ReadonlySet<string>> {
  const keys = await openSenderHalts(executor)
  return new Set(keys.flatMap((key) => (key.startsWith('email:') ? [key.slice(6)] : [])))
}

/** Which of the company's senders wrote to the lead last; an owner's email in between does not count. */
async function lastSender(executor: Executor, leadId: LeadId, all: readonly Sender[]) {
  const row = await executor
    .selectFrom('touches')
    .select(['sender', 'episode_id'])
    .where('lead_id', '=', leadId)
    .where('channel', '=', 'email')
    .where('state', 'in', ['sent', 'delivered', 'uncertain'])
    .where(
      'sender',
      'in',
      all.map(({ email }) => email),
    )
    .orderBy('intent_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row === undefined ? null : { sender: row.sender, episodeId: row.episode_id }
}

async function takenOn(executor: Executor, sender: string, day: number): Promise<number> {
  const row = await executor
    .selectFrom('sender_days')
    .select('taken')
    .where('sender', '=', sender)
    .where('day', '=', day)
    .executeTakeFirst()
  return row?.taken ?? 0
}
