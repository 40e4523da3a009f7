import { PRIORITY } from '../../domain/contract.ts'
import type { LeadId, SignalId } from '../../domain/ids.ts'
import { MOST_DAYS_AHEAD } from '../../domain/replies/dates.ts'
import type { Intent } from '../../domain/replies/types.ts'
import { DAY_MS, type Instant, parseInstant } from '../../domain/time.ts'
import { audit } from '../../store/company/audit.ts'
import type { Executor } from '../../store/executor.ts'
import { type LeadRow, lockLead } from '../../store/leads.ts'
import { newId } from '../../store/new-id.ts'
import { type ReplyVerdict, sameAnswer, standingVerdict } from '../../store/work/reply-verdicts.ts'
import { accept } from '../accept.ts'
import type { Acted, ActionContext } from '../actions.ts'
import { invalidField, noSuchLead, Refusal, ringOf } from '../intake.ts'
import { hashesOf, lockContactKeys } from '../stops.ts'
import { isStops } from './undo-verdict.ts'

/** What a person says of an answer that we understood. */
export interface Correction {
  readonly signalId: SignalId
  /** What it meant; null takes the verdict back and puts nothing in its place. */
  readonly intent: Intent | null
  readonly detail: string | null
  /** Needed where somebody would be written to again. */
  readonly because: string | null
}

/**
 * Corrects, or takes back, how an answer was understood, in the caller's transaction: what the
 * verdict did is undone, and what the answer meant instead is done. An answer by a contact point that
 * several leads share has one meaning: it is corrected for each of them.
 * @throws Refusal 404 (no such lead or answer), 409 (a literal stop), 422 (no reason, bad detail)
 */
export async function correctReply(
  trx: Executor,
  leadId: LeadId,
  correction: Correction,
  context: Corrector,
): Promise<Acted> {
  const shared = await sameAnswer(trx, leadId, correction.signalId)
  const leadIds = [...new Set([leadId, ...shared.map((each) => each.leadId)])].sort()
  const hashes = await Promise.all(leadIds.map((each) => hashesOf(trx, each)))
  await lockContactKeys(trx, hashes.flat())
  const locked = new Map<LeadId, LeadRow>()
  for (const each of leadIds) {
    const lead = await lockLead(trx, each)
    if (lead !== null) locked.set(each, lead)
  }
  const lead = locked.get(leadId)
  if (lead === undefined) throw noSuchLead()
  await requireCorrectable(trx, lead, correction)
  requireDetail(correction, context.receivedAt)
  const acted = await correctOne(trx, lead, correction, context)
  const rings = [...acted.rings]
  for (const { leadId: otherId, signalId } of shared) {
    const other = otherId === leadId ? undefined : locked.get(otherId)
    if (other === undefined || other.status === 'erased') continue
    const theirs = { ...correction, signalId }
    rings.push(...(await correctOne(trx, other, theirs, { ...context, eventId: null })).rings)
  }
  return { lead: acted.lead, rings }
}

type Corrector = Pick<ActionContext, 'who' | 'receivedAt' | 'eventId'>

async function correctOne(
  trx: Executor,
  lead: LeadRow,
  correction: Correction,
  { who, receivedAt, eventId }: Corrector,
): Promise<Acted> {
  const { signalId, intent, because } = correction
  await audit(trx, {
    who,
    action: intent === null ? 'undo_reply' : 'correct_reply',
    leadId: lead.id,
    at: receivedAt,
    details: { signalId, intent },
  })
  const accepted = await accept(trx, lead, {
    id: eventId ?? newId<SignalId>('signal'),
    signal: { kind: 'correct_reply', payload: { ...correction, because } },
    via: who,
    receivedAt,
    priority: PRIORITY.normal,
  })
  if (accepted.kind === 'refused') {
    throw new Refusal(409, 'not_in_this_state', accepted.because, accepted.fix)
  }
  const rings =
    accepted.kind === 'accepted' && accepted.rings ? [ringOf(accepted.lead, 'correct_reply')] : []
  return { lead: accepted.lead, rings }
}

async function requireCorrectable(
  trx: Executor,
  lead: LeadRow,
  { signalId, because }: Correction,
): Promise<void> {
  const verdict = await standingVerdict(trx, lead.id, signalId)
  if (verdict === null) {
    const signal = await trx
      .selectFrom('signals')
      .select('kind')
      .where('lead_id', '=', lead.id)
      .where('id', '=', signalId)
      .executeTakeFirst()
    if (signal?.kind === 'opt_out') throw literalStop()
    throw new Refusal(
      404,
      'no_such_reply',
      'No answer of this lead has this id, or its meaning was taken back already.',
      'Take the id of a reply from GET /v1/leads/:id/timeline.',
    )
  }
  if (verdict.facts?.literal === true && verdict.intent === 'opt_out') throw literalStop()
  if (silences(verdict) && (because ?? '').trim() === '') {
    throw invalidField(
      'because',
      'Whoever was read as asking us to stop is written to again only for a reason.',
      'Say in a sentence why the answer was no stop.',
    )
  }
}

function silences({ effect }: ReplyVerdict): boolean {
  return effect.do === 'stop' || effect.do === 'silence'
}

function literalStop(): Refusal {
  return new Refusal(
    409,
    'literal_stop',
    'The person wrote one of the words that are a stop by law; nobody takes that back for them.',
    'Only a consent that the person gives afterwards lets us write again.',
  )
}

function requireDetail({ intent, detail }: Correction, at: Instant): void {
  if (detail === null) return
  if (intent === 'postpone') requireDay(detail, at)
  if (intent === 'opt_out' && !isStops(detail)) {
    throw invalidField('detail', 'An opt-out covers channels.', 'Write email, sms or all.')
  }
}

/** A day that is over, or years away, would be passed over later without a word. */
function requireDay(detail: string, at: Instant): void {
  const day = parseInstant(`${detail}T00:00:00Z`)
  const fix = 'Write the day as 2027-03-31, or leave it out.'
  if (day === null) throw invalidField('detail', 'This is no day.', fix)
  // Where the lead lives, the day may have begun while it has not here.
  if (day < at - DAY_MS || day > at + MOST_DAYS_AHEAD * DAY_MS) {
    throw invalidField('detail', 'The day does not lie within the next three years.', fix)
  }
}
