import { suggest } from '../domain/cadence/file/problems.ts'
import type { EngineRules } from '../domain/company/company.ts'
import { PRIORITY } from '../domain/contract.ts'
import type { LeadId, SignalId } from '../domain/ids.ts'
import type { DeadDetails } from '../domain/lead.ts'
import type { ResumeMode } from '../domain/pauses.ts'
import type { Channel } from '../domain/policy/types.ts'
import type { DispositionOutcome, Signal } from '../domain/signals.ts'
import type { Instant } from '../domain/time.ts'
import { audit } from '../store/company/audit.ts'
import { cadenceVersion } from '../store/company/cadences.ts'
import { openEpisode } from '../store/episodes.ts'
import type { Executor } from '../store/executor.ts'
import { type LeadRow, lockLead } from '../store/leads.ts'
import { newId } from '../store/new-id.ts'
import type { Ring } from '../temporal/doorbell.ts'
import { accept } from './accept.ts'
import { type Enrollment, judgeMove, requireCadence, underway } from './enrollment.ts'
import { refusedBy } from './entry.ts'
import { invalidField, noSuchLead, Refusal, ringOf } from './intake.ts'
import { takeOptOutOf } from './person-signals.ts'
import { enqueue } from './queue.ts'
import { hashesOf, lockContactKeys } from './stops.ts'

/** What an operator asks of one lead. */
export type Action =
  | {
      readonly kind: 'enroll'
      readonly cadence: string
      /** Takes the lead out of its cadence whatever the priorities say. */
      readonly replace: boolean
    }
  | { readonly kind: 'pause'; readonly because: string }
  /** Without a mode the clock moves along. */
  | { readonly kind: 'resume'; readonly mode?: ResumeMode }
  | { readonly kind: 'skip' }
  | { readonly kind: 'jump'; readonly step: string }
  | { readonly kind: 'hold'; readonly until: Instant; readonly because: string }
  | { readonly kind: 'send_now' }
  | { readonly kind: 'mark_dead'; readonly details: DeadDetails }
  | { readonly kind: 'revive'; readonly cadence: string | null }
  | { readonly kind: 'convert'; readonly note: string | null }
  | {
      readonly kind: 'disposition'
      readonly outcome: DispositionOutcome
      readonly details: DeadDetails | null
      readonly until: Instant | null
      readonly note: string | null
    }
  | {
      readonly kind: 'opt_out'
      readonly channel: Channel | 'all'
      readonly how: string
      readonly words: string | null
    }
  | { readonly kind: 'erase' }

/** Who acts, when, and by which rules. */
export interface ActionContext {
  /** "api:<key>", "console:<user>" …; it stands in the audit log. */
  readonly who: string
  readonly receivedAt: Instant
  readonly rules: EngineRules
  /** The event's own id, when the caller has one. */
  readonly eventId: SignalId | null
}

export interface Acted {
  readonly lead: LeadRow
  readonly rings: readonly Ring[]
  /** Set for enroll. */
  readonly enrollment?: Enrollment
}

/**
 * Does what an operator asks, inside the caller's transaction, and writes it to the audit log.
 * @throws Refusal 404 (no such lead), 409 (not in this state), 422 (no such cadence or step)
 */
export async function act(
  trx: Executor,
  leadId: LeadId,
  action: Action,
  context: ActionContext,
): Promise<Acted> {
  if (MAY_SUPPRESS.has(action.kind)) {
    await lockContactKeys(trx, await hashesOf(trx, leadId))
  }
  const lead = await lockLead(trx, leadId)
  if (lead === null) throw noSuchLead()
  const { who, receivedAt } = context
  await audit(trx, { who, action: action.kind, leadId, at: receivedAt, details: factsOf(action) })
  switch (action.kind) {
    case 'enroll':
      return enroll(trx, lead, action, context)
    case 'opt_out':
      return optOut(trx, lead, action, context)
    case 'jump':
      await requireStep(trx, lead, action.step)
      break
    case 'skip':
    case 'send_now':
      await requireStep(trx, lead, null)
      break
    case 'revive':
      if (action.cadence !== null) await requireCadence(trx, action.cadence)
      break
    case 'pause':
    case 'resume':
    case 'hold':
    case 'mark_dead':
    case 'convert':
    case 'disposition':
    case 'erase':
      break
  }
  return await take(trx, lead, signalOf(action), context)
}

/** What may suppress the person locks the contact keys before the lead, as every send does. */
const MAY_SUPPRESS: ReadonlySet<Action['kind']> = new Set([
  'opt_out',
  'erase',
  'mark_dead',
  'disposition',
])

async function take(
  trx: Executor,
  lead: LeadRow,
  signal: Signal,
  { who, receivedAt, eventId }: ActionContext,
): Promise<Acted> {
  const accepted = await accept(trx, lead, {
    id: eventId ?? newId<SignalId>('signal'),
    signal,
    via: who,
    receivedAt,
    priority: PRIORITY.normal,
  })
  if (accepted.kind === 'refused') {
    throw new Refusal(409, 'not_in_this_state', capital(accepted.because), accepted.fix)
  }
  const rings =
    accepted.kind === 'accepted' && accepted.rings ? [ringOf(accepted.lead, signal.kind)] : []
  return { lead: accepted.lead, rings }
}

async function enroll(
  trx: Executor,
  lead: LeadRow,
  { cadence, replace }: Extract<Action, { kind: 'enroll' }>,
  context: ActionContext,
): Promise<Acted> {
  const versionId = await requireCadence(trx, cadence)
  const current = await underway(trx, lead, context.rules.defaultCadence)
  const judged = await judgeMove(trx, current, cadence)
  if (judged.status === 'already') return { lead, rings: [], enrollment: judged }
  const published = { cadence, versionId }
  const refusal = await refusedBy(trx, lead, published, context.receivedAt, context.rules)
  if (refusal !== null) throw entryRefused(refusal)
  if (lead.status === 'nurturing' && judged.status === 'queued' && !replace) {
    const { who: by, receivedAt: at } = context
    const enrollment = await enqueue(trx, lead, { cadence, begunBy: 'api', by, at })
    return { lead, rings: [], enrollment }
  }
  const forced: Enrollment = { status: current === null ? 'started' : 'replaced' }
  const enrollment = replace ? forced : judged
  if (lead.status === 'nurturing' && enrollment.status === 'refused') {
    throw new Refusal(
      409,
      'cadence_of_lower_priority',
      enrollment.reason ?? '',
      'Add "replace": true to move the lead all the same.',
    )
  }
  if (lead.status === 'engaged' || lead.status === 'converted') {
    throw new Refusal(
      409,
      'not_in_this_state',
      `The lead is ${lead.status}: a person looks after it.`,
      'Say what became of it with a disposition first.',
    )
  }
  const payload = { cadence, begunBy: 'api' as const }
  return { ...(await take(trx, lead, { kind: 'enroll', payload }, context)), enrollment }
}

function entryRefused(refusal: string): Refusal {
  const fix = 'Enroll it in another cadence, or publish this one with other entry rules.'
  return new Refusal(409, 'entry_refused', `${refusal}.`, fix)
}

/** A stop holds for the person: other leads with the same email or phone stop too. */
async function optOut(
  trx: Executor,
  lead: LeadRow,
  { channel, how, words }: Extract<Action, { kind: 'opt_out' }>,
  context: ActionContext,
): Promise<Acted> {
  const signal = { kind: 'opt_out', payload: { channel, how, words } } as const
  const hashes = await hashesOf(trx, lead.id, channel)
  if (hashes.length === 0) return await take(trx, lead, signal, context)
  const { who: via, receivedAt } = context
  const id: string = context.eventId ?? newId('signal')
  const { rings } = await takeOptOutOf(trx, hashes, { id, signal, via, receivedAt })
  return { lead: (await lockLead(trx, lead.id)) ?? lead, rings }
}

/** Skipping, jumping and sending need a step that is planned; a jump, one that exists. */
async function requireStep(trx: Executor, lead: LeadRow, step: string | null): Promise<void> {
  if (lead.status !== 'nurturing') return
  const episode = await openEpisode(trx, lead.episode_id)
  if (episode === null || episode.step_id === null) {
    throw new Refusal(
      409,
      'nothing_planned',
      'No step is planned for this lead.',
      'Enroll it in a cadence first; one that has just been enrolled needs a moment.',
    )
  }
  if (step === null) return
  const { steps } = await cadenceVersion(trx, episode.cadence_version_id)
  const ids = steps.map(({ id }) => id)
  if (!ids.includes(step)) {
    throw invalidField(
      'step',
      'The lead’s version of its cadence has no such step.',
      suggest(step, ids),
    )
  }
}

function signalOf(action: Exclude<Action, { kind: 'enroll' | 'opt_out' }>): Signal {
  switch (action.kind) {
    case 'pause':
      return { kind: 'pause', payload: { because: action.because } }
    case 'resume':
      return { kind: 'resume', payload: action.mode === undefined ? {} : { mode: action.mode } }
    case 'skip':
    case 'send_now':
    case 'erase':
      return { kind: action.kind, payload: {} }
    case 'jump':
      return { kind: 'jump', payload: { step: action.step } }
    case 'hold':
      return { kind: 'hold', payload: { until: action.until, because: action.because } }
    case 'mark_dead':
      return { kind: 'mark_dead', payload: { details: action.details } }
    case 'revive':
      return { kind: 'revive', payload: { cadence: action.cadence } }
    case 'convert':
      return { kind: 'convert', payload: { note: action.note } }
    case 'disposition': {
      const { outcome, details, until, note } = action
      return { kind: 'disposition', payload: { outcome, details, until, note } }
    }
  }
}

/** What the audit log may know: enums and names, never words about a person. */
function factsOf(action: Action): Record<string, unknown> {
  switch (action.kind) {
    case 'enroll':
      return { cadence: action.cadence, replace: action.replace }
    case 'resume':
      return { mode: action.mode ?? 'shift' }
    case 'jump':
      return { step: action.step }
    case 'hold':
      return { until: action.until }
    case 'mark_dead':
      return { reason: action.details.reason }
    case 'revive':
      return { cadence: action.cadence }
    case 'disposition':
      return { outcome: action.outcome, reason: action.details?.reason ?? null }
    case 'opt_out':
      return { channel: action.channel }
    default:
      return {}
  }
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}
