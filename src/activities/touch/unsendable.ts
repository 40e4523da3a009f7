import { fallbackOf } from '../../domain/cadence/fallback.ts'
import { nextPosition, stepAt } from '../../domain/cadence/walk.ts'
import type { EngineRules } from '../../domain/company/company.ts'
import type { TouchInput } from '../../domain/contract.ts'
import type { Channel } from '../../domain/policy/types.ts'
import type { Instant } from '../../domain/time.ts'
import { isOfMessage } from '../../domain/touch-ref.ts'
import { haltFor } from '../../leads/messages/email-senders.ts'
import { findMessage } from '../../store/channels/messages.ts'
import { cadenceVersion } from '../../store/company/cadences.ts'
import { moveTo, openEpisode } from '../../store/episodes.ts'
import type { Executor } from '../../store/executor.ts'
import type { LeadRow } from '../../store/leads.ts'
import { appendLedger } from '../../store/ledger.ts'
import { raiseAlert } from '../../store/watch/alerts.ts'
import { closeWritten } from '../close-message.ts'
import type { ActivityDeps } from '../deps.ts'
import type { Prepared } from './prepare.ts'

type Unready = Exclude<Prepared, { kind: 'ready' | 'spent' | 'looked_up' }>

/**
 * What becomes of a step whose message cannot leave, for a locked lead. No sender for the channel
 * or an unrenderable message: the step is dropped with its reason, or the message closed. A sender
 * at fault is halted and the step waits.
 */
export async function noteUnsendable(
  deps: Pick<ActivityDeps, 'ledgerKey'>,
  trx: Executor,
  lead: LeadRow,
  input: TouchInput,
  prepared: Unready,
  { now, settings }: { now: Instant; settings: EngineRules },
): Promise<void> {
  if (lead.revision !== input.revision || prepared.kind === 'moved') return
  const { channel } = prepared
  if (prepared.kind === 'unrenderable') {
    const { because } = prepared
    // Nothing is wrong with us: what the lead never told leaves this one message out.
    if (prepared.emptyValue) return drop(deps, trx, lead, input, 'empty_value', because, now)
    const fix = 'Mend the template and publish it again.'
    await raiseAlert(trx, { kind: 'parked', leadId: lead.id, because, fix, at: now })
    return drop(deps, trx, lead, input, 'unrenderable', because, now)
  }
  const { because, fix, kind, code } = prepared.ready
  if (kind === 'not_configured') {
    await raiseAlert(trx, { kind: 'channel_not_configured', leadId: null, because, fix, at: now })
    if (await closeChannel(trx, lead, input, channel)) return
    return drop(deps, trx, lead, input, 'channel_not_configured', because, now)
  }
  const { sender } = prepared
  await haltFor(trx, { channel, sender }, settings, `${code}: ${because}`, now)
  await raiseAlert(trx, { kind: 'sender_halted', leadId: null, because, fix, at: now })
}

/** Leaves the step to its fallback, when it has one besides this channel. */
async function closeChannel(
  trx: Executor,
  lead: LeadRow,
  { touch }: TouchInput,
  channel: Channel,
): Promise<boolean> {
  if (isOfMessage(touch)) return false
  const episode = await openEpisode(trx, lead.episode_id)
  if (episode?.id !== touch.episodeId || episode.step_id !== touch.stepId) return false
  const step = stepAt(await cadenceVersion(trx, episode.cadence_version_id), touch)
  if (step.kind !== 'message' || step.channel !== channel || fallbackOf(step) === null) return false
  await trx
    .updateTable('episodes')
    .set({ closed_channel: channel })
    .where('id', '=', episode.id)
    .execute()
  return true
}

async function drop(
  deps: Pick<ActivityDeps, 'ledgerKey'>,
  trx: Executor,
  lead: LeadRow,
  { touch }: TouchInput,
  by: string,
  because: string,
  now: Instant,
): Promise<void> {
  if (isOfMessage(touch)) {
    const message = await findMessage(trx, touch.messageId)
    if (message === null) return
    const close = { messageId: message.id, outcome: 'failed', because, decision: null } as const
    return closeWritten(deps, trx, lead, message, close, now)
  }
  await appendLedger(trx, deps.ledgerKey, lead, [
    {
      kind: 'decision',
      at: now,
      meta: { episode: touch.episodeId, step: touch.stepId, verdict: 'dropped', by },
      payload: { because },
    },
  ])
  const episode = await openEpisode(trx, lead.episode_id)
  if (episode?.id !== touch.episodeId || episode.step_id !== touch.stepId) return
  const cadence = await cadenceVersion(trx, episode.cadence_version_id)
  const next = nextPosition(cadence, touch)
  await moveTo(trx, episode.id, next.kind === 'step' ? next.position : null, now)
}
