import type { Priority } from '../domain/contract.ts'
import type { SignalId } from '../domain/ids.ts'
import { type Answer, answer, phaseOf } from '../domain/lifecycle.ts'
import type { Signal } from '../domain/signals.ts'
import type { Instant } from '../domain/time.ts'
import type { Executor } from '../store/executor.ts'
import { liftLeadHolds } from '../store/holds.ts'
import { type LeadRow, survivorOf } from '../store/leads.ts'
import { addCall } from '../store/people/calls.ts'
import { isKnownSignal, recordSignal, recordStaleSignal } from '../store/signals.ts'
import { stopNow } from './stop-now.ts'

export interface Arrival {
  /** The event's own id: the same id changes nothing the second time. */
  readonly id: SignalId
  readonly signal: Signal
  /** Who or what reported it: "tracker", "twilio", "api:<key>", "console:<user>" … */
  readonly via: string
  /** The wall clock of whoever received it; recorded, not judged by. */
  readonly receivedAt: Instant
  /** Raises how soon the lead is served; 1 is first. */
  readonly priority?: Priority
}

export type Accepted =
  /** Stored. `rings`: the lead's plan is stale and its workflow must be rung with its revision. */
  | {
      readonly kind: 'accepted'
      readonly lead: LeadRow
      readonly rings: boolean
      readonly answer: Answer
    }
  /** This event was stored before. */
  | { readonly kind: 'repeated'; readonly lead: LeadRow }
  | { readonly kind: 'ignored'; readonly lead: LeadRow; readonly because: string }
  | {
      readonly kind: 'refused'
      readonly lead: LeadRow
      readonly because: string
      readonly fix: string
    }

/**
 * Accepts a signal for a locked lead: one row in the lead's sequence, and at once everything
 * that stops something (a reply, a stop, a death, a hold), because the send gate must know
 * before the 2xx does. What starts something (a revival, a cadence) waits for the planner, who
 * has the clock. The caller commits, and rings after that.
 */
export async function accept(trx: Executor, lead: LeadRow, arrival: Arrival): Promise<Accepted> {
  const says = answerFor(lead, arrival.signal.kind)
  switch (says.do) {
    case 'ignore':
      if (await isKnownSignal(trx, arrival.id)) return { kind: 'repeated', lead }
      return { kind: 'ignored', lead, because: says.because }
    case 'refuse':
      if (await isKnownSignal(trx, arrival.id)) return { kind: 'repeated', lead }
      return { kind: 'refused', lead, because: says.because, fix: says.fix }
    case 'to_survivor': {
      const survivor = await survivorOf(trx, lead)
      if (survivor.id !== lead.id) return accept(trx, survivor, arrival)
      return take(trx, lead, arrival, { do: 'record', because: 'the surviving lead is not known' })
    }
    default:
      return take(trx, lead, arrival, says)
  }
}

/** What the lifecycle says; a lead whose step waits for the signal is planned anew by it. */
function answerFor(lead: LeadRow, kind: Signal['kind']): Answer {
  const says = answer(phaseOf(lead.status, lead.dead_reason), kind)
  if (says.do !== 'record' || !awaits(lead, kind)) return says
  return { do: 'replan', because: 'its cadence waits for it' }
}

/** Whether the step at which the lead stands waits for this kind of signal. */
export function awaits({ status, awaits: kinds }: LeadRow, kind: Signal['kind']): boolean {
  return status === 'nurturing' && kinds !== null && kinds.some((each) => each === kind)
}

async function take(
  trx: Executor,
  lead: LeadRow,
  arrival: Arrival,
  says: Answer,
): Promise<Accepted> {
  const rings = says.do !== 'record'
  const signal = { ...arrival, answer: says }
  const isNew = rings
    ? await recordStaleSignal(trx, lead, signal, arrival.priority)
    : await recordSignal(trx, lead, signal, `recorded: ${says.because}`)
  if (!isNew) return { kind: 'repeated', lead }
  await noteCall(trx, lead, arrival)
  if (!rings) return { kind: 'accepted', lead, rings, answer: says }
  await stopNow(trx, lead, arrival, says)
  if (arrival.signal.kind === 'form' && lead.last_seq > 1) {
    // Whoever writes to us by themselves has ended the pause that they asked for.
    const lift = { at: arrival.receivedAt, by: arrival.id, kinds: ['lead_paused'] } as const
    await liftLeadHolds(trx, lead.id, lift)
  }
  return { kind: 'accepted', lead, rings, answer: says }
}

/** A call that we made counts in the caps, whoever reports it; one that the lead made does not. */
async function noteCall(
  trx: Executor,
  lead: LeadRow,
  { signal, receivedAt: at, via: by }: Arrival,
): Promise<void> {
  if (signal.kind !== 'call' || signal.payload.from === 'lead') return
  await addCall(trx, { leadId: lead.id, taskId: null, episodeId: null, at, by })
}
