import { setTimeout as pause } from 'node:timers/promises'
import type { EngineRules } from '../../domain/company/company.ts'
import { type Plan, PRIORITY, type TouchInput } from '../../domain/contract.ts'
import type { PolicyPerson } from '../../domain/policy/index.ts'
import { HOUR_MS, type Instant, MINUTE_MS, plus } from '../../domain/time.ts'
import { lockContactKeys } from '../../leads/stops.ts'
import { joinSends } from '../../store/company/emergency-stops.ts'
import type { Executor } from '../../store/executor.ts'
import { type LeadRow, lockLead, patchLead } from '../../store/leads.ts'
import { clockTrouble } from '../clock.ts'
import type { ActivityDeps, Timing } from '../deps.ts'
import { absorbAndPlan } from '../look.ts'
import { stopwatch } from '../stopwatch.ts'
import { type Dispatch, dispatch } from './dispatch.ts'
import { intend } from './gate.ts'
import { type Message, prepare } from './prepare.ts'
import { send, validForMs } from './send.ts'
import { settle } from './settle.ts'
import { noteUnsendable } from './unsendable.ts'

const REFUSED_CLOCK_MS = 30_000
const LOOKED_UP_IN_MS = 5_000
/** With the provider's deadline, and the store's own for each try, within start-to-close. */
const SETTLE_AGAIN_MS = [250, 2_000]

/**
 * One attempt at one touch, by the protocol that never sends twice and never after a stop:
 * ⓪ prepare, ① judge again and ② write the intent in one transaction, ③ win the right to send,
 * call the provider, ④ settle. Answers with the plan that follows. Running it again after a crash
 * at any point goes on from what the rows prove.
 */
export async function makeTouch(
  deps: ActivityDeps,
  input: TouchInput,
  runId: string,
  timing: Timing,
): Promise<Plan> {
  const settings = await deps.settings()
  const trouble = await clockTrouble(deps.store, timing)
  if (trouble !== null) return waitFor(input, REFUSED_CLOCK_MS, trouble)
  const prepared = await prepare(deps, input, settings, {
    now: timing.now(),
    wall: timing.wall(),
  })
  const replan = (trx: Executor, lead: LeadRow) =>
    absorbAndPlan(deps, trx, lead, { runId, now: timing.now(), wall: timing.wall(), settings })

  if (prepared.kind === 'spent') {
    return inLead(deps, input, [], async (trx, lead) =>
      lead.revision === input.revision
        ? restUntil(trx, lead, prepared.until, timing.now())
        : replan(trx, lead),
    )
  }
  if (prepared.kind === 'looked_up') {
    return waitFor(input, LOOKED_UP_IN_MS, 'Twilio is being asked what kind of line the number is.')
  }
  if (prepared.kind !== 'ready') {
    if (prepared.kind === 'not_ready' && prepared.ready.kind === 'transient') {
      return waitFor(input, MINUTE_MS, prepared.ready.because)
    }
    return inLead(deps, input, [], async (trx, lead) => {
      await noteUnsendable(deps, trx, lead, input, prepared, { now: timing.now(), settings })
      return replan(trx, lead)
    })
  }

  const { message } = prepared
  const sinceDecision = stopwatch(timing.wall)
  const gate = await deps.store.transaction(async (trx) => {
    await joinSends(trx)
    const lead = await lockFor(trx, input, message.contactKeys)
    const verdict = await intend(deps, trx, lead, input, message, { now: timing.now(), settings })
    if (verdict.kind === 'replan') return replan(trx, lead)
    return { person: verdict.person }
  })
  if (!('person' in gate)) return gate

  const sent = await dispatchAndSend(deps, input, message, gate.person, settings, {
    timing,
    sinceDecision,
  })
  return insisting(() =>
    inLead(deps, input, [message.contactHash], async (trx, lead) => {
      if (sent !== null) {
        const moment = { now: timing.now(), settings }
        await settle(deps, trx, lead, sent.right, sent.outcome, moment)
      }
      return replan(trx, lead)
    }),
  )
}

/**
 * Tries again after a broken connection: the provider's answer is in no other hands, and a later
 * attempt could only call the touch uncertain. Settling twice changes nothing the second time.
 */
async function insisting<T>(work: () => Promise<T>): Promise<T> {
  for (const pauseMs of SETTLE_AGAIN_MS) {
    try {
      return await work()
    } catch {
      await pause(pauseMs)
    }
  }
  return work()
}

async function dispatchAndSend(
  deps: ActivityDeps,
  input: TouchInput,
  message: Message,
  person: PolicyPerson,
  settings: EngineRules,
  { timing, sinceDecision }: { timing: Timing; sinceDecision: () => number },
) {
  const now = timing.now()
  const validMs = validForMs(message, person, now, settings)
  const right = await deps.store.transaction(async (trx): Promise<Dispatch | null> => {
    const lead = await lockLead(trx, input.leadId)
    if (lead === null || lead.revision !== input.revision) return null
    return dispatch(deps, trx, lead, message.touchId, validMs, { now, wall: timing.wall() })
  })
  if (right === null) return null
  return { right, outcome: await send(deps, message, now, validMs, sinceDecision) }
}

/** Runs `act` with the contact keys and then the lead row held. */
async function inLead<T>(
  deps: ActivityDeps,
  input: TouchInput,
  hashes: readonly string[],
  act: (trx: Executor, lead: LeadRow) => Promise<T>,
): Promise<T> {
  return deps.store.transaction(async (trx) => act(trx, await lockFor(trx, input, hashes)))
}

async function lockFor(
  trx: Executor,
  { leadId }: TouchInput,
  hashes: readonly string[],
): Promise<LeadRow> {
  await lockContactKeys(trx, hashes)
  const lead = await lockLead(trx, leadId)
  if (lead === null) throw new Error('the lead is gone')
  return lead
}

/** A budget may be raised, and a halt lifted, without a bell: nobody rests longer than this. */
const LONGEST_REST_MS = 4 * HOUR_MS

/** The senders have sent their share of today: the lead waits for tomorrow's, and says so. */
async function restUntil(
  trx: Executor,
  lead: LeadRow,
  until: Instant,
  now: Instant,
): Promise<Plan> {
  const ms = Math.min(until - now, LONGEST_REST_MS)
  const details = 'waits: the daily budget of its sender is used up'
  await patchLead(trx, lead, { next_kind: 'look', next_at: plus(now, ms), next_words: details })
  return {
    v: 1,
    revision: lead.revision,
    next: { do: 'wait', ms },
    summary: details,
    details,
    priority: PRIORITY.normal,
    transitioned: null,
  }
}

/** Nothing was judged or tried: look again later. */
function waitFor({ revision }: TouchInput, ms: number, because: string): Plan {
  return {
    v: 1,
    revision,
    next: { do: 'wait', ms },
    summary: because.slice(0, 120),
    details: because,
    priority: PRIORITY.normal,
    transitioned: null,
  }
}
