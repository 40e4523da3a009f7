import type { ContactPointVerdict, SendOutcome } from '../../channels/types.ts'
import type { EngineRules } from '../../domain/company/company.ts'
import type { SignalId, TouchId } from '../../domain/ids.ts'
import type { Channel } from '../../domain/policy/types.ts'
import type { Instant } from '../../domain/time.ts'
import { accept } from '../../leads/accept.ts'
import { haltFor } from '../../leads/messages/email-senders.ts'
import { afterRetries, parkLead } from '../../leads/messages/failed-touch.ts'
import { closeContactPoint, suppressHash } from '../../leads/stops.ts'
import type { Executor } from '../../store/executor.ts'
import type { LeadRow } from '../../store/leads.ts'
import { appendLedger } from '../../store/ledger.ts'
import type { TouchesTable } from '../../store/schema.ts'
import { raiseAlert, resolveAlerts, resolveUncertain } from '../../store/watch/alerts.ts'
import type { ActivityDeps } from '../deps.ts'
import type { Dispatch } from './dispatch.ts'

/**
 * Step ④ of a touch, in the caller's transaction with the lead row held: writes down what the
 * provider said, and what follows from it. An attempt that was given up as uncertain meanwhile
 * may still settle itself: its own answer is the best evidence.
 */
export async function settle(
  deps: Pick<ActivityDeps, 'ledgerKey'>,
  trx: Executor,
  lead: LeadRow,
  { touchId, token }: Dispatch,
  answered: SendOutcome,
  { now, settings }: { now: Instant; settings: EngineRules },
): Promise<void> {
  const { outcome, park } = await counted(trx, touchId, answered)
  const touch = await trx
    .updateTable('touches')
    .set({ ...columnsOf(outcome), settled_at: now })
    .where('id', '=', touchId)
    .where('dispatch_token', '=', token)
    .where('state', 'in', ['dispatching', 'uncertain'])
    .returning(['channel', 'contact_hash', 'state', 'sender'])
    .executeTakeFirst()
  if (!touch) return
  await appendLedger(trx, deps.ledgerKey, lead, [
    {
      kind: 'outcome',
      at: now,
      meta: { touch: touchId, state: touch.state, code: codeOf(outcome) },
      payload: { because: becauseOf(outcome), providerId: providerIdOf(outcome) },
    },
  ])
  await learn(trx, lead, touchId, touch, outcome, { now, settings })
  if (park !== null) await parkLead(trx, lead, { ...park, at: now })
}

interface Counted {
  readonly outcome: SendOutcome
  readonly park: { readonly code: string; readonly because: string } | null
}

/** A transient failure that makes no sense to try again is a permanent one, or parks the lead. */
async function counted(trx: Executor, touchId: TouchId, outcome: SendOutcome): Promise<Counted> {
  if (outcome.kind !== 'transient') return { outcome, park: null }
  const { code, because, retries } = outcome
  const after = await afterRetries(trx, touchId, code, retries)
  switch (after.kind) {
    case 'again':
      return { outcome, park: null }
    case 'park':
      return { outcome, park: { code, because } }
    case 'final': {
      const { contactPoint } = after
      return { outcome: { kind: 'permanent', code, because, contactPoint }, park: null }
    }
  }
}

type Columns = Pick<TouchesTable, 'state' | 'failure_kind' | 'failure_code' | 'because'> &
  Partial<Pick<TouchesTable, 'provider_id' | 'retry_after_ms'>>

function columnsOf(outcome: SendOutcome): Columns {
  switch (outcome.kind) {
    case 'accepted':
      return {
        state: 'sent',
        failure_kind: null,
        failure_code: null,
        because: null,
        provider_id: outcome.providerId,
      }
    case 'ambiguous':
      return {
        state: 'uncertain',
        failure_kind: null,
        failure_code: outcome.code,
        because: outcome.because,
      }
    case 'permanent':
    case 'transient':
    case 'sender_fault':
      return {
        state: 'failed',
        failure_kind: outcome.kind,
        failure_code: outcome.code,
        because: outcome.because,
        retry_after_ms: outcome.kind === 'transient' ? (outcome.retryAfterMs ?? null) : null,
      }
  }
}

/** What the answer teaches about the recipient, or about us. */
async function learn(
  trx: Executor,
  lead: LeadRow,
  touchId: TouchId,
  touch: { channel: Channel; contact_hash: string; sender: string | null },
  outcome: SendOutcome,
  { now, settings }: { now: Instant; settings: EngineRules },
): Promise<void> {
  if (outcome.kind !== 'ambiguous') await resolveUncertain(trx, lead.id, now)
  switch (outcome.kind) {
    case 'accepted':
      return resolveAlerts(trx, ['unknown_answer', 'parked'], lead.id, now)
    case 'transient':
      return
    case 'permanent':
      return learnOfContactPoint(trx, lead, touchId, touch, outcome.contactPoint, outcome, now)
    case 'sender_fault':
      await haltFor(trx, touch, settings, outcome.because, now)
      return raiseAlert(trx, {
        kind: 'sender_halted',
        leadId: null,
        because: outcome.because,
        fix: `Mend the ${touch.channel} sender, then lift its halt; no lead is to blame.`,
        at: now,
      })
    case 'ambiguous':
      return raiseAlert(trx, {
        kind: 'uncertain',
        leadId: lead.id,
        because: outcome.because,
        fix: 'Nothing is sent again; evidence settles it when it comes.',
        at: now,
      })
  }
}

async function learnOfContactPoint(
  trx: Executor,
  lead: LeadRow,
  touchId: TouchId,
  { channel, contact_hash }: { channel: Channel; contact_hash: string },
  verdict: ContactPointVerdict,
  { code, because }: { code: string; because: string },
  now: Instant,
): Promise<void> {
  if (verdict === 'unchanged') return
  if (verdict === 'opted_out') {
    await suppressHash(trx, contact_hash, channel, 'provider', now, `provider ${code}`)
  }
  const id = `bounce:${touchId}` as SignalId
  const via = 'channel'
  const signal =
    verdict === 'opted_out'
      ? ({ kind: 'opt_out', payload: { channel, how: `provider ${code}`, words: null } } as const)
      : ({ kind: 'hard_bounce', payload: { channel, code, because } } as const)
  await accept(trx, lead, { id, signal, via, receivedAt: now })
  // After the bounce, which calls it invalid: a landline still takes calls.
  if (verdict === 'not_capable') await closeContactPoint(trx, lead, channel, because, verdict)
}

function codeOf(outcome: SendOutcome): string | null {
  return outcome.kind === 'accepted' ? null : outcome.code
}

function becauseOf(outcome: SendOutcome): string | null {
  return outcome.kind === 'accepted' ? null : outcome.because
}

function providerIdOf(outcome: SendOutcome): string | null {
  return outcome.kind === 'accepted' ? outcome.providerId : null
}
