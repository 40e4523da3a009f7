import type { DeadDetails, DeadReason } from '../domain/lead.ts'
import type { Answer } from '../domain/lifecycle.ts'
import type { Signal, SignalPayloads } from '../domain/signals.ts'
import type { Instant } from '../domain/time.ts'
import type { Executor } from '../store/executor.ts'
import { addHold, liftLeadHolds } from '../store/holds.ts'
import type { LeadRow } from '../store/leads.ts'
import { addTask, CALLS, closeTasks } from '../store/work/tasks.ts'
import type { Arrival } from './accept.ts'
import { eraseLead } from './erase.ts'
import { openChannels } from './open-channels.ts'
import { applyCorrection } from './replies/apply-correction.ts'
import { understand, understoodBy } from './replies/understand.ts'
import { closeContactPoint, suppressPerson } from './stops.ts'
import { closeReminders } from './tasks/reminders.ts'
import { type Cause, convert, die, engage, stopWatching, watchFrom } from './transitions.ts'

/** Applies, at once and without judging the time, whatever stops something. */
export async function stopNow(
  trx: Executor,
  lead: LeadRow,
  { id, signal, via, receivedAt }: Arrival,
  says: Answer,
): Promise<void> {
  const cause: Cause = { kind: signal.kind, signalId: id, because: says.because, at: receivedAt }
  switch (says.do) {
    case 'engage':
      return engage(trx, lead, cause)
    case 'convert':
      return convert(trx, lead, cause)
    case 'die':
      if (signal.kind === 'complaint')
        await suppressPerson(trx, lead, 'all', 'complaint', receivedAt)
      return giveUp(trx, lead, deathDetails(signal, says.reason), cause)
    case 'close_channel':
      return closeChannel(trx, lead, signal, says.reason, cause)
    case 'as_understood':
      if (signal.kind === 'reply') {
        await understand(trx, lead, understoodBy(id, signal.payload), cause)
      }
      return
    case 'correct':
      return signal.kind === 'correct_reply'
        ? applyCorrection(trx, lead, id, signal.payload, via, cause)
        : undefined
    case 'as_disposed':
      return signal.kind === 'disposition' ? dispose(trx, lead, signal.payload, cause) : undefined
    case 'hold':
      return hold(trx, lead, signal, via, cause)
    case 'lift':
      // A lead without a cadence stays held: nothing would ever happen to it.
      await liftLeadHolds(trx, lead.id, {
        at: receivedAt,
        by: id,
        kinds: LIFTED_BY_OPERATOR,
        ...(signal.kind === 'resume' && signal.payload.mode && { mode: signal.payload.mode }),
      })
      return
    case 'erase':
      return eraseLead(trx, lead, cause)
    case 'ignore':
    case 'record':
    case 'replan':
    case 'enroll':
    case 'revive':
    case 'check_in':
    case 'end_cadence':
    case 'steer':
    case 'to_survivor':
    case 'refuse':
      return
  }
}

/** What a resume ends; the other holds end when their cause does. */
const LIFTED_BY_OPERATOR = ['paused', 'held_until', 'parked'] as const

/** True when this answer took effect at acceptance and ends what began before it. */
export function stopsAtOnce(says: Answer): boolean {
  return ['engage', 'convert', 'die', 'as_disposed', 'erase'].includes(says.do)
}

/** Who is given up as opted out has opted out, whoever wrote it down: the person is suppressed. */
async function giveUp(
  trx: Executor,
  lead: LeadRow,
  details: DeadDetails,
  cause: Cause,
): Promise<void> {
  const told = cause.kind === 'mark_dead' || cause.kind === 'disposition'
  if (told && details.reason === 'opted_out') {
    await suppressPerson(trx, lead, 'all', 'operator', cause.at, details.how)
  }
  await die(trx, lead, details, cause)
}

async function closeChannel(
  trx: Executor,
  lead: LeadRow,
  signal: Signal,
  reason: DeadReason | null,
  cause: Cause,
): Promise<void> {
  if (signal.kind === 'opt_out') {
    const { channel, how, listed } = signal.payload
    if (listed !== true) await suppressPerson(trx, lead, channel, 'opt_out', cause.at, how)
    if (channel !== 'email') {
      await closeTasks(trx, lead.id, 'nobody: the person asked to stop', cause.at, CALLS)
    }
  }
  if (signal.kind === 'hard_bounce') {
    await closeContactPoint(trx, lead, signal.payload.channel, signal.payload.because)
  }
  if (reason === null || (await openChannels(trx, lead, cause.at)).length > 0) return
  await die(trx, lead, deathDetails(signal, reason), cause)
}

async function dispose(
  trx: Executor,
  lead: LeadRow,
  { outcome, details, until, note }: SignalPayloads['disposition'],
  cause: Cause,
): Promise<void> {
  // Whoever says what became of the lead has read and answered it.
  await closeTasks(trx, lead.id, `sales: ${outcome}`, cause.at, ['reply', 'hand_off'])
  await closeReminders(trx, lead.id, `sales: ${outcome}`, cause.at)
  switch (outcome) {
    case 'interested':
      if (lead.status !== 'engaged') {
        await engage(trx, lead, { ...cause, because: 'sales: interested' })
      }
      return stopWatching(trx, lead)
    case 'converted':
      return convert(trx, lead, { ...cause, because: 'sales: converted' })
    case 'later':
      if (lead.status !== 'nurturing') {
        await remindOn(trx, lead, until, cause)
        return until === null ? undefined : watchFrom(trx, lead, until)
      }
      await addHold(trx, {
        scope: 'lead',
        leadId: lead.id,
        key: null,
        kind: 'held_until',
        because: 'the lead asked for later',
        by: 'sales',
        untilAt: until,
        at: cause.at,
      })
      return
    case 'dead':
    case 'bad_lead':
      return giveUp(trx, lead, details ?? { reason: 'unqualified', criterion: note }, {
        ...cause,
        because: 'sales: dead',
      })
  }
}

/** Nothing is planned that could wait for the date the lead named: a person does. */
async function remindOn(
  trx: Executor,
  lead: LeadRow,
  dueAt: Instant | null,
  { at }: Cause,
): Promise<void> {
  await addTask(trx, {
    leadId: lead.id,
    kind: 'call',
    title: 'Get back to the lead',
    because: 'the lead asked for later',
    assignee: lead.owner,
    dueAt,
    at,
  })
}

async function hold(
  trx: Executor,
  lead: LeadRow,
  signal: Signal,
  by: string,
  { at, signalId }: Cause,
): Promise<void> {
  const own = { scope: 'lead', leadId: lead.id, key: null, by, at } as const
  if (signal.kind === 'pause') {
    await liftLeadHolds(trx, lead.id, { at, by: signalId, kinds: ['paused'] })
    await addHold(trx, { ...own, kind: 'paused', because: signal.payload.because, untilAt: null })
  }
  if (signal.kind === 'pause_asked') {
    await liftLeadHolds(trx, lead.id, { at, by: signalId, kinds: ['lead_paused'] })
    const because = 'the lead asked for a pause'
    await addHold(trx, { ...own, kind: 'lead_paused', because, untilAt: signal.payload.until })
  }
  if (signal.kind === 'hold') {
    await liftLeadHolds(trx, lead.id, { at, by: signalId, kinds: ['held_until'] })
    const { because, until } = signal.payload
    await addHold(trx, { ...own, kind: 'held_until', because, untilAt: until })
  }
}

/** What is recorded beside the reason, from the signal that told it. */
function deathDetails(signal: Signal, reason: DeadReason | 'as_said'): DeadDetails {
  if (signal.kind === 'mark_dead') return signal.payload.details
  if (signal.kind === 'opt_out') {
    return { reason: 'opted_out', how: signal.payload.how, words: signal.payload.words }
  }
  if (signal.kind === 'complaint') {
    return { reason: 'opted_out', how: `complaint by ${signal.payload.how}`, words: null }
  }
  if (signal.kind === 'hard_bounce') {
    const contactPoint = signal.payload.channel === 'email' ? 'email' : 'phone'
    return {
      reason: 'bad_contact_info',
      failures: [{ contactPoint, how: signal.payload.because }],
    }
  }
  return reason === 'bad_contact_info' || reason === 'as_said'
    ? { reason: 'bad_contact_info', failures: [] }
    : { reason: 'opted_out', how: signal.kind, words: null }
}
