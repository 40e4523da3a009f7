import { stableFraction } from '../domain/cadence/hash.ts'
import type { MessageStep } from '../domain/cadence/types.ts'
import type { EngineRules } from '../domain/company/company.ts'
import { type Instant, instant, MINUTE_MS } from '../domain/time.ts'
import { type MinuteLimit, takeLateMinute } from '../store/channels/late-minutes.ts'
import { releaseAt } from '../store/episodes.ts'
import type { Executor } from '../store/executor.ts'
import type { LeadRow } from '../store/leads.ts'
import type { LeadFacts } from './facts.ts'
import { chooseSender } from './messages/email-senders.ts'

/**
 * Gives a late step of a locked lead its turn: a place in a minute that has not been given to as
 * many late messages as its channel and its sender may send, and a second of its own in it. So
 * what a pause, a stop or an outage has held back leaves at a steady rate.
 */
export async function lineUp(
  trx: Executor,
  lead: LeadRow,
  { episode }: LeadFacts,
  { id: stepId, channel }: MessageStep,
  now: Instant,
  rules: EngineRules,
): Promise<void> {
  if (episode === null) return
  const limits = await limitsOf(trx, lead, channel, now, rules)
  const minute = await takeLateMinute(trx, limits, now)
  const own = Math.floor(stableFraction(lead.id, episode.id, stepId, 'late') * MINUTE_MS)
  // The first ones go at once; their own second of this minute may be over.
  const at = minute <= now ? now : instant(minute + own)
  await releaseAt(trx, episode.id, at)
}

async function limitsOf(
  trx: Executor,
  lead: LeadRow,
  channel: MessageStep['channel'],
  now: Instant,
  rules: EngineRules,
): Promise<MinuteLimit[]> {
  const { lateEmailsPerMinute, lateTextsPerMinute, lateEmailsPerSender: perSender } = rules.pace
  if (channel === 'sms') return [{ key: channel, perMinute: lateTextsPerMinute }]
  const all = { key: channel, perMinute: lateEmailsPerMinute }
  if (perSender === null) return [all]
  const choice = await chooseSender(trx, { id: lead.id, episodeId: lead.episode_id }, rules, now)
  // One that has spent its day waits for the next anyhow.
  if (choice.kind === 'spent') return [all]
  return [all, { key: `email:${choice.sender.email}`, perMinute: perSender }]
}
