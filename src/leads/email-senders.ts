import type { EpisodeId, LeadId } from '../domain/ids.ts'
import {
  budgetDay,
  budgetOn,
  nextBudgetAt,
  type Sender,
  sendersFor,
  sendersOf,
} from '../domain/senders.ts'
import type { EngineRules } from '../domain/company.ts'
import type { Instant } from '../domain/time.ts'
import type { Channel } from '../domain/policy/types.ts'
import type { Executor } from '../store/executor.ts'
import { haltSender, openSenderHalts } from '../store/holds.ts'

/** What of its budget a chosen sender may use, on which day. */
export interface Budget {
  readonly sender: string
  readonly day: number
  readonly perDay: number
}

export type Choice =
  | { readonly kind: 'chosen'; readonly sender: Sender; readonly budget: Budget | null }
  /** Every sender that may write to this lead has sent its share of today. */
  | { readonly kind: 'spent'; readonly until: Instant }

type SenderRules = Pick<EngineRules, 'company' | 'senders'>

/**
 * Who the next email to a lead comes from. Within an episode it is always the same one, whose
 * budget is waited for; a new episode begins with the last one that wrote, else with the next in
 * the lead's own order that still has budget. A halted sender is passed over.
 */
export async function chooseSender(
  executor: Executor,
  lead: { readonly id: LeadId; readonly episodeId: EpisodeId | null },
  { company, senders }: SenderRules,
  now: Instant,
): Promise<Choice> {
  const all = sendersOf(company.from, senders)
  const last = all.length === 1 ? null : await lastSender(executor, lead.id)
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
 * Stops the sender that a provider refused: one of several emails' senders alone, and the whole
 * channel only when no other is left.
 */
export async function haltFor(
  trx: Executor,
  { channel, sender }: { readonly channel: Channel; readonly sender: string | null },
  { company, senders }: SenderRules,
  because: string,
  at: Instant,
): Promise<void> {
  const all = channel === 'email' ? sendersOf(company.from, senders) : []
  if (sender !== null && all.length > 1) {
    await haltSender(trx, `email:${sender}`, because, at)
    const halted = await haltedSenders(trx)
    if (all.some(({ email }) => !halted.has(email))) return
  }
  await haltSender(trx, channel, because, at)
}

async function haltedSenders(executor: Executor): Promise<ReadonlySet<string>> {
  const keys = await openSenderHalts(executor)
  return new Set(keys.flatMap((key) => (key.startsWith('email:') ? [key.slice(6)] : [])))
}

async function lastSender(executor: Executor, leadId: LeadId) {
  const row = await executor
    .selectFrom('touches')
    .select(['sender', 'episode_id'])
    .where('lead_id', '=', leadId)
    .where('channel', '=', 'email')
    .where('state', 'in', ['sent', 'delivered', 'uncertain'])
    .where('sender', 'is not', null)
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
