import type { Client } from '@temporalio/client'
import type { z } from 'zod'
import { leadWorkflowId, type TouchRef } from '../domain/contract.ts'
import { type EpisodeId, id, type LeadId, type MessageId, type TouchId } from '../domain/ids.ts'
import type { MessageClass } from '../domain/policy/types.ts'
import type { Instant } from '../domain/time.ts'
import { isOfMessage } from '../domain/touch-ref.ts'
import { loadPerson } from '../leads/people.ts'
import type { Executor } from '../store/executor.ts'
import { addHold } from '../store/holds.ts'
import type { LeadRow } from '../store/leads.ts'
import { appendLedger } from '../store/ledger.ts'
import { touchIdOf } from '../store/touches.ts'
import { historyIfThere, timeOf } from './history.ts'
import type { History } from './history-json.ts'
import { read, touchInputSchema } from './payloads.ts'

/** A touch that a worker began, on the workflow's own clock. */
export interface BegunTouch {
  readonly touch: TouchRef
  readonly at: Instant
}

/** Every touch that a worker began in any run of the lead that Temporal still has. */
export async function touchesInHistories(client: Client, leadId: LeadId): Promise<BegunTouch[]> {
  const begun: BegunTouch[] = []
  const query = `WorkflowId = '${leadWorkflowId(leadId)}'`
  for await (const { runId } of client.workflow.list({ query })) {
    const history = await historyIfThere(client, leadId, runId)
    if (history !== null) begun.push(...touchesIn(history))
  }
  return begun
}

/** The touches that a worker began in one run; those that were only scheduled sent nothing. */
export function touchesIn({ events }: History): BegunTouch[] {
  const scheduled = new Map<string, TouchRef>()
  const begun: BegunTouch[] = []
  for (const event of events ?? []) {
    const schedules = event.activityTaskScheduledEventAttributes
    if (schedules?.activityType?.name === 'touch') {
      const touch = read(touchInputSchema, schedules.input)?.touch
      if (touch) scheduled.set(String(event.eventId), asTouchRef(touch))
    }
    const starts = event.activityTaskStartedEventAttributes
    const touch = starts && scheduled.get(String(starts.scheduledEventId))
    if (touch) begun.push({ touch, at: timeOf(event) })
  }
  return begun
}

function asTouchRef(touch: z.output<typeof touchInputSchema>['touch']): TouchRef {
  return 'messageId' in touch
    ? { ...touch, messageId: id<MessageId>(touch.messageId) }
    : { ...touch, episodeId: id<EpisodeId>(touch.episodeId) }
}

/**
 * Writes down the touches that the rows have lost, for a locked lead, as `uncertain`: they may
 * have been sent, so they are not sent again, and evidence may settle them. Those of an episode
 * or message that is lost too cannot be written down: the lead is held until a person has looked.
 * Answers how many were lost.
 */
export async function recoverTouches(
  trx: Executor,
  ledgerKey: Buffer,
  lead: LeadRow,
  begun: readonly BegunTouch[],
  at: Instant,
): Promise<number> {
  const lost = await missingIn(trx, lead, begun)
  const owners: Owners = lost.length === 0 ? new Map() : await ownersOf(trx, lead.id)
  const isKnown = ({ touch }: BegunTouch) => owners.has(ownerOf(touch))
  const known = lost.filter(isKnown)
  const unknown = lost.filter((each) => !isKnown(each))
  await insertUncertain(trx, ledgerKey, lead, known, owners, at)
  if (unknown.length > 0) {
    await addHold(trx, {
      scope: 'lead',
      leadId: lead.id,
      key: null,
      kind: 'reconciling',
      because: `${unknown.length} messages may have been sent that the store has lost: look, then resume`,
      by: 'repair',
      untilAt: null,
      at,
    })
  }
  return lost.length
}

async function missingIn(
  trx: Executor,
  lead: LeadRow,
  begun: readonly BegunTouch[],
): Promise<BegunTouch[]> {
  // A retried activity begins more than once, and is one touch.
  const byId = new Map(begun.map((each) => [touchIdOf(lead.id, each.touch), each]))
  if (byId.size === 0) return []
  const rows = await trx
    .selectFrom('touches')
    .select('id')
    .where('id', 'in', [...byId.keys()])
    .execute()
  for (const { id: touchId } of rows) byId.delete(touchId)
  return [...byId.values()]
}

/** What the lead's touches may belong to, with the class and the cadence of a touch of it. */
type Owners = ReadonlyMap<EpisodeId | MessageId, Owner>

interface Owner {
  readonly messageClass: MessageClass
  readonly cadence: string | null
}

async function ownersOf(trx: Executor, leadId: LeadId): Promise<Owners> {
  const episodes = await trx
    .selectFrom('episodes')
    .select(['id', 'cadence_name'])
    .where('lead_id', '=', leadId)
    .execute()
  const messages = await trx
    .selectFrom('messages')
    .select(['id', 'class'])
    .where('lead_id', '=', leadId)
    .execute()
  return new Map<EpisodeId | MessageId, Owner>([
    ...episodes.map(
      ({ id, cadence_name: cadence }) => [id, { messageClass: 'marketing', cadence }] as const,
    ),
    ...messages.map(
      ({ id, class: messageClass }) => [id, { messageClass, cadence: null }] as const,
    ),
  ])
}

function ownerOf(touch: TouchRef): EpisodeId | MessageId {
  return isOfMessage(touch) ? touch.messageId : touch.episodeId
}

const BECAUSE = 'The store was restored from a time before this touch: it may have been sent.'

async function insertUncertain(
  trx: Executor,
  ledgerKey: Buffer,
  lead: LeadRow,
  begun: readonly BegunTouch[],
  owners: Owners,
  now: Instant,
): Promise<void> {
  if (begun.length === 0) return
  const { emailHash, phoneHash } = await loadPerson(trx, lead, now)
  const rows = begun.map(({ touch, at }) => ({
    id: touchIdOf(lead.id, touch),
    lead_id: lead.id,
    ...(isOfMessage(touch)
      ? { written_id: touch.messageId, episode_id: null, step_id: null, visit: 1 }
      : {
          written_id: null,
          episode_id: touch.episodeId,
          step_id: touch.stepId,
          visit: touch.visit,
        }),
    attempt: touch.attempt,
    channel: touch.channel,
    cadence: owners.get(ownerOf(touch))?.cadence ?? null,
    class: owners.get(ownerOf(touch))?.messageClass ?? ('marketing' as const),
    contact_hash: (touch.channel === 'email' ? emailHash : phoneHash) ?? 'unknown',
    state: 'uncertain' as const,
    failure_code: 'restored',
    because: BECAUSE,
    intent_at: at,
    dispatched_at: at,
    dispatched_wall_at: at,
    settled_at: at,
  }))
  await trx.insertInto('touches').values(rows).execute()
  const entry = (touchId: TouchId) => ({
    kind: 'outcome' as const,
    at: now,
    meta: { touch: touchId, state: 'uncertain', code: 'restored' },
    payload: null,
  })
  await appendLedger(
    trx,
    ledgerKey,
    lead,
    rows.map(({ id: touchId }) => entry(touchId)),
  )
}
