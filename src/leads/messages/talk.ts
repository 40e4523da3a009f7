import type { LeadId, SignalId } from '../../domain/ids.ts'
import type { Channel } from '../../domain/policy/types.ts'
import { plainTypography } from '../../domain/texts.ts'
import type { Instant } from '../../domain/time.ts'
import { audit } from '../../store/company/audit.ts'
import type { Executor } from '../../store/executor.ts'
import { type LeadRow, lockLead } from '../../store/leads.ts'
import { invalidField, noSuchLead } from '../intake.ts'
import { hashesOf, lockContactKeys } from '../stops.ts'
import { type WrittenMessage, writeMessage } from './messages.ts'

/** What a person writes to one lead. */
export interface Words {
  readonly channel: Channel
  readonly text: string
  /** Of an email; null takes that of the mail it answers. */
  readonly subject: string | null
}

/** What Twilio takes in one text (error 21617 beyond it). */
const LONGEST_TEXT = 1_600
/** A person's answer is worth sending for this long; later they would want to write it anew. */
const WORTH_MS = 7 * 24 * 3_600_000

/**
 * Writes to a lead in the name of a person: it leaves through the gates, as part of the
 * conversation, and answers what the lead last said on that channel.
 * @throws Refusal 404, 409 (not reached by this channel), 422
 */
export async function writeToLead(
  trx: Executor,
  leadId: LeadId,
  { channel, text, subject }: Words,
  { who, at }: { readonly who: string; readonly at: Instant },
): Promise<WrittenMessage & { readonly lead: LeadRow }> {
  await lockContactKeys(trx, await hashesOf(trx, leadId, channel))
  const lead = await lockLead(trx, leadId)
  if (lead === null) throw noSuchLead()
  const answered = await lastAnswer(trx, leadId, channel)
  const words = channel === 'sms' ? plainTypography(text.trim()) : text.trim()
  if (channel === 'sms' && [...words].length > LONGEST_TEXT) {
    const fix = `Keep it within ${LONGEST_TEXT} characters, or write an email.`
    throw invalidField('text', 'The text is longer than a text may be.', fix)
  }
  const written = await writeMessage(trx, lead, {
    class: 'conversation',
    channel,
    subject: channel === 'email' ? (subject ?? (await subjectFor(trx, leadId, answered))) : subject,
    text: words,
    by: who,
    inReplyTo: answered?.id ?? null,
    requestedAt: at,
    validMs: WORTH_MS,
  })
  await audit(trx, { who, action: 'message', leadId, at, details: { channel } })
  return { ...written, lead }
}

interface Answered {
  readonly id: SignalId
  readonly subject: string | null
}

/** What the lead last wrote on the channel. */
async function lastAnswer(
  executor: Executor,
  leadId: LeadId,
  channel: Channel,
): Promise<Answered | null> {
  const rows = await executor
    .selectFrom('signals')
    .select(['id', 'payload'])
    .where('lead_id', '=', leadId)
    .where('kind', '=', 'reply')
    .orderBy('seq', 'desc')
    .limit(20)
    .execute()
  const row = rows.find(({ payload }) => payload.channel === channel)
  if (row === undefined) return null
  const { subject } = row.payload
  return { id: row.id, subject: typeof subject === 'string' && subject !== '' ? subject : null }
}

/** "Re: …" of what it answers, else of the last email that the lead got. */
async function subjectFor(
  executor: Executor,
  leadId: LeadId,
  answered: Answered | null,
): Promise<string | null> {
  const last =
    answered?.subject ??
    (
      await executor
        .selectFrom('touches')
        .select('subject')
        .where('lead_id', '=', leadId)
        .where('channel', '=', 'email')
        .where('subject', 'is not', null)
        .where('state', 'in', ['sent', 'delivered', 'uncertain'])
        .orderBy('intent_at', 'desc')
        .limit(1)
        .executeTakeFirst()
    )?.subject
  if (!last) return null
  return /^re:/i.test(last) ? last : `Re: ${last}`
}
