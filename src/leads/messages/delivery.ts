import type { ContactPointVerdict, Retries } from '../../channels/types.ts'
import { engineRules } from '../../domain/company/company.ts'
import { id, type LeadId, type SignalId, type TouchId } from '../../domain/ids.ts'
import type { Instant } from '../../domain/time.ts'
import { readSettings } from '../../store/company/settings.ts'
import type { Executor } from '../../store/executor.ts'
import { type LeadRow, lockLead } from '../../store/leads.ts'
import { appendLedger } from '../../store/ledger.ts'
import type { FailureKind, TouchState } from '../../store/schema.ts'
import { findTouch, type TouchRow } from '../../store/touches.ts'
import { raiseAlert, resolveUncertain } from '../../store/watch/alerts.ts'
import type { Ring } from '../../temporal/doorbell.ts'
import { accept } from '../accept.ts'
import { ringOf } from '../intake.ts'
import { takeOptOutOf } from '../person-signals.ts'
import { closeContactPoint, lockContactKeys } from '../stops.ts'
import { haltFor } from './email-senders.ts'
import { afterRetries, parkLead, retryStep, tellUndelivered } from './failed-touch.ts'
import { judgeFiltering } from './text-filtering.ts'

/** What a provider reports of a message that it was handed. */
export type DeliveryReport =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'delivered' }
  | {
      readonly kind: 'failed'
      readonly failure: FailureKind
      readonly code: string
      /** A sentence without contact data. */
      readonly because: string
      readonly contactPoint: ContactPointVerdict
      /** How often a failure that may pass is worth another attempt. */
      readonly retries?: Retries
      readonly retryAfterMs?: number
    }

export interface Evidence {
  /** null: the evidence names the touch itself. */
  readonly providerId: string | null
  readonly report: DeliveryReport
  /** "status callback": stands on a touch that was uncertain. */
  readonly evidence: string
  readonly at: Instant
}

export interface Settled {
  /** False: the touch is unknown, or knows better already. */
  readonly changed: boolean
  readonly rings: readonly Ring[]
}

const UNCHANGED: Settled = { changed: false, rings: [] }

/** States that a report may still change; a final one is never replaced. */
const OPEN: Readonly<Record<DeliveryReport['kind'], readonly TouchState[]>> = {
  accepted: ['dispatching', 'uncertain'],
  delivered: ['dispatching', 'uncertain', 'sent'],
  failed: ['dispatching', 'uncertain', 'sent'],
}

/**
 * Settles a touch by what its provider reports: forwards only, whatever the order and number of
 * the reports. A failure teaches about the contact point, as it would have at once.
 */
export async function settleByProvider(
  trx: Executor,
  ledgerKey: Buffer,
  touchId: TouchId,
  evidence: Evidence,
): Promise<Settled> {
  const settled = await settleTouch(trx, ledgerKey, touchId, evidence, counted)
  if (settled === null) return UNCHANGED
  const { lead, touch, report, park } = settled
  const { at } = evidence
  const rings = await learn(trx, lead, touch, report, at)
  if (park && report.kind === 'failed') await parkLead(trx, lead, { ...report, at })
  return { changed: true, rings }
}

interface Judged {
  readonly report: DeliveryReport
  /** Another attempt makes no sense until somebody has looked. */
  readonly park: boolean
}

interface SettledTouch extends Judged {
  readonly lead: LeadRow
  /** As it was before. */
  readonly touch: TouchRow
}

/**
 * Writes down what became of a touch, and teaches nothing: null when it is unknown, or knows
 * better already. Locks its contact key and its lead; `judge` may see more in a report by then.
 */
export async function settleTouch(
  trx: Executor,
  ledgerKey: Buffer,
  touchId: TouchId,
  { providerId, report: reported, evidence, at }: Evidence,
  judge: typeof counted = async (_trx, _touchId, report) => ({ report, park: false }),
): Promise<SettledTouch | null> {
  const known = await findTouch(trx, touchId)
  if (known === null || !mayChange(known, providerId, reported)) return null
  await lockContactKeys(trx, [known.contact_hash])
  const lead = await lockLead(trx, known.lead_id)
  const touch = await findTouch(trx, touchId)
  if (lead === null || touch === null || !mayChange(touch, providerId, reported)) return null
  const { report, park } = await judge(trx, touchId, reported)
  const state = stateAfter(report)
  await trx
    .updateTable('touches')
    .set({
      state,
      provider_id: providerId ?? touch.provider_id,
      ...(touch.state === 'sent' ? {} : { evidence, settled_at: at }),
      ...(report.kind === 'delivered' ? { delivered_at: at } : {}),
      ...(report.kind === 'failed'
        ? {
            failure_kind: report.failure,
            failure_code: report.code,
            because: report.because,
            settled_at: at,
            retry_after_ms: report.retryAfterMs ?? null,
          }
        : // What was in doubt is not any more; the ledger keeps that it was.
          { failure_kind: null, failure_code: null, because: null }),
    })
    .where('id', '=', touchId)
    .execute()
  const code = report.kind === 'failed' ? report.code : null
  await appendLedger(trx, ledgerKey, lead, [
    {
      kind: 'outcome',
      at,
      meta: { touch: touchId, state, code, evidence },
      payload: { providerId },
    },
  ])
  if (touch.state === 'uncertain') await resolveUncertain(trx, lead.id, at)
  return { lead, touch, report, park }
}

/** A failure after which another attempt makes no sense is final, or parks the lead. */
async function counted(trx: Executor, touchId: TouchId, report: DeliveryReport): Promise<Judged> {
  if (report.kind !== 'failed' || report.failure !== 'transient') return { report, park: false }
  const after = await afterRetries(trx, touchId, report.code, report.retries)
  if (after.kind !== 'final') return { report, park: after.kind === 'park' }
  const { contactPoint } = after
  return { report: { ...report, failure: 'permanent', contactPoint }, park: false }
}

/** The touch that a provider knows by this id; null when it is none of ours. */
export async function touchOfProvider(
  executor: Executor,
  providerId: string,
): Promise<TouchId | null> {
  const row = await executor
    .selectFrom('touches')
    .select('id')
    .where('provider_id', '=', providerId)
    .executeTakeFirst()
  return row?.id ?? null
}

/** The lead's last touch on this contact point: what a reply most likely answers. */
export async function lastTouchTo(
  executor: Executor,
  contactHash: string,
): Promise<{ id: TouchId; leadId: LeadId } | null> {
  const row = await executor
    .selectFrom('touches')
    .select(['id', 'lead_id'])
    .where('contact_hash', '=', contactHash)
    .where('state', 'in', ['sent', 'delivered', 'uncertain', 'dispatching'])
    .orderBy('intent_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row ? { id: row.id, leadId: row.lead_id } : null
}

function mayChange(touch: TouchRow, providerId: string | null, report: DeliveryReport): boolean {
  const mine = providerId === null || touch.provider_id === null || touch.provider_id === providerId
  return mine && OPEN[report.kind].includes(touch.state)
}

function stateAfter(report: DeliveryReport): TouchState {
  switch (report.kind) {
    case 'accepted':
      return 'sent'
    case 'delivered':
      return 'delivered'
    case 'failed':
      return 'failed'
  }
}

async function learn(
  trx: Executor,
  lead: LeadRow,
  touch: TouchRow,
  report: DeliveryReport,
  at: Instant,
): Promise<readonly Ring[]> {
  if (report.kind === 'accepted') return []
  if (report.kind === 'delivered') {
    await markWorking(trx, touch)
    return []
  }
  const { channel, id: touchId, contact_hash } = touch
  const { code, because } = report
  await tellUndelivered(trx, lead, touch, because, at)
  const contactPoint = await judgeFiltering(trx, touch, report, at)
  if (report.failure === 'sender_fault') return haltOurs(trx, lead, touch, because, at)
  if (contactPoint === 'opted_out') {
    const payload = { channel, how: `provider ${code}`, words: null }
    const signal = { kind: 'opt_out', payload } as const
    const event = { id: `bounce:${touchId}`, signal, via: 'provider', receivedAt: at }
    return (await takeOptOutOf(trx, [contact_hash], event)).rings
  }
  const hard = contactPoint !== 'unchanged'
  const accepted = await accept(trx, lead, {
    id: id<SignalId>(`bounce:${touchId}`),
    signal: { kind: hard ? 'hard_bounce' : 'soft_bounce', payload: { channel, code, because } },
    via: 'provider',
    receivedAt: at,
  })
  // After the bounce, which calls it invalid: a landline still takes calls.
  if (contactPoint === 'not_capable') {
    await closeContactPoint(trx, lead, channel, because, contactPoint)
  }
  if (accepted.kind === 'accepted' && accepted.rings) {
    return [ringOf(accepted.lead, hard ? 'hard_bounce' : 'soft_bounce')]
  }
  if (report.failure !== 'transient') return []
  const again = await retryStep(trx, lead, touch, 'a message failed after it had left')
  return again ? [ringOf(lead, 'soft_bounce')] : []
}

/** Our own fault: the sender rests for everybody, and the message waits until it is mended. */
export async function haltOurs(
  trx: Executor,
  lead: LeadRow,
  touch: TouchRow,
  because: string,
  at: Instant,
): Promise<readonly Ring[]> {
  await haltFor(trx, touch, engineRules(await readSettings(trx)), because, at)
  await raiseAlert(trx, {
    kind: 'sender_halted',
    leadId: null,
    because,
    fix: `Mend the ${touch.channel} sender, then lift its halt; no lead is to blame.`,
    at,
  })
  const again = await retryStep(trx, lead, touch, 'its sender was at fault')
  return again ? [ringOf(lead, 'soft_bounce')] : []
}

/** What was delivered to works. */
async function markWorking(trx: Executor, touch: TouchRow): Promise<void> {
  await trx
    .updateTable('contact_points')
    .set({ validity: 'valid' })
    .where('hash', '=', touch.contact_hash)
    .where('validity', '=', 'unknown')
    .execute()
}
