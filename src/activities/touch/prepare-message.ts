import { messageIdOf } from '../../channels/email/message-id.ts'
import type { EngineRules } from '../../domain/company/company.ts'
import type { MessageTouchRef } from '../../domain/contract.ts'
import { id, type LeadId, type SignalId, type TouchId } from '../../domain/ids.ts'
import { answerText } from '../../domain/replies/answers.ts'
import type { Instant } from '../../domain/time.ts'
import { chooseSender } from '../../leads/messages/email-senders.ts'
import { contactKeysOf, loadPerson } from '../../leads/people.ts'
import { findMessage, type MessageRow } from '../../store/channels/messages.ts'
import type { Executor } from '../../store/executor.ts'
import { findLead } from '../../store/leads.ts'
import { findTouch, touchIdOf } from '../../store/touches.ts'
import type { ActivityDeps } from '../deps.ts'
import { Draft } from './draft.ts'
import { envelopeFor } from './envelope.ts'
import type { Prepared } from './prepare.ts'
import { readyOf } from './ready.ts'

/** Step ⓪ for a message outside a cadence: its words are a person's, or the built-in answer. */
export async function prepareMessage(
  deps: ActivityDeps,
  leadId: LeadId,
  touch: MessageTouchRef,
  settings: EngineRules,
  now: Instant,
): Promise<Prepared> {
  const { db } = deps.store
  const lead = await findLead(db, leadId)
  const message = await findMessage(db, touch.messageId)
  if (lead === null || message?.lead_id !== leadId || message.closed_at !== null) {
    return { kind: 'moved' }
  }
  const { channel, contact_hash: contactHash } = message
  const person = await loadPerson(db, lead, now)
  const { policy, emailHash, phoneHash } = person
  const point = channel === 'email' ? policy.email : policy.phone
  const current = channel === 'email' ? emailHash : phoneHash
  if (point === null || current !== contactHash) return { kind: 'moved' }

  const choice =
    channel === 'email' ? await chooseSender(db, ofLead(leadId), bare(settings), now) : null
  if (choice?.kind === 'spent') return { kind: 'spent', until: choice.until }
  const ready = await readyOf(deps, choice)
  if (!ready.ready) {
    return { kind: 'not_ready', channel, ready, sender: choice?.sender.email ?? null }
  }
  const text = textOf(message, settings)
  if (text === null) return { kind: 'moved' }
  const touchId = touchIdOf(leadId, touch)
  const draft = new Draft(deps.publicUrl)
  const { company } = settings
  const { inboundDomain } = deps
  const envelope =
    choice &&
    (await envelopeFor(db, draft, {
      ...choice,
      company,
      episodeId: null,
      thread: await threadOf(db, message.in_reply_to),
      contactHash,
      inboundDomain,
    }))
  return {
    kind: 'ready',
    message: {
      touchId,
      channel,
      templateVersionId: null,
      to: point.value,
      contactHash,
      contactKeys: contactKeysOf(person),
      subject: message.subject,
      text,
      html: null,
      messageId: envelope && messageIdOf(touchId, envelope.from),
      unsubscribeUrl: null,
      envelope,
      notAfter: message.not_after,
      tokens: draft.tokens,
    },
  }
}

/** The Message-IDs of what an email answers, oldest first: our touch, and the lead's own mail. */
async function threadOf(executor: Executor, inReplyTo: SignalId | null): Promise<string[]> {
  if (inReplyTo === null) return []
  const signal = await executor
    .selectFrom('signals')
    .select('payload')
    .where('id', '=', inReplyTo)
    .executeTakeFirst()
  const touchId = signal?.payload.touchId
  const touch = typeof touchId === 'string' ? await findTouch(executor, id<TouchId>(touchId)) : null
  // A mail's event is named by its Message-ID, which stands in angle brackets.
  const [theirs] = /<[^<>\s]+>/.exec(inReplyTo) ?? []
  return [touch?.message_id, theirs].filter((each) => typeof each === 'string')
}

const ofLead = (id: LeadId) => ({ id, episodeId: null })

/** Budgets are for what we send by ourselves: who writes to one person need not wait for tomorrow. */
function bare({ company, senders }: EngineRules): Pick<EngineRules, 'company' | 'senders'> {
  return { company, senders: senders.map((each) => ({ ...each, perDay: null, warmUp: null })) }
}

/** Null when the words were erased meanwhile. */
function textOf({ answer, text }: MessageRow, { company }: EngineRules): string | null {
  return answer === null ? text : answerText(answer, company)
}
