import type { MailNote } from '../../channels/email/note.ts'
import { engineRules } from '../../domain/company/company.ts'
import type { Instant } from '../../domain/time.ts'
import {
  addInboundMail,
  amendInboundMail,
  cameAt,
  type NewInboundMail,
} from '../../store/channels/inbound-mail.ts'
import { wasSent } from '../../store/channels/sent-mail.ts'
import { readSettings } from '../../store/company/settings.ts'
import type { Executor } from '../../store/executor.ts'
import type { InboundMailKind } from '../../store/schema.ts'
import { applyBounce, gravest } from './bounces.ts'
import {
  applyAnswer,
  applyAutoReply,
  applyComplaint,
  keep,
  type MailEffect,
  type MailIntake,
  record,
  UNKNOWN,
} from './mail-effects.ts'
import { matchByName } from './mail-match.ts'
import { applyOwnerAnswer } from './owner-answers.ts'

/** What became of a mail. */
export type MailTaken = {
  readonly kind: 'acted' | 'recorded' | 'kept' | 'repeated'
  readonly because: string
  /** Of a repeated one: when it first came. */
  readonly firstAt?: Instant
}

/**
 * Takes a mail that came in, whichever way: one transaction writes that it came and does what it
 * means, so that it acts once however often it is brought. What is about nobody we know, cannot be
 * read, or makes us fail is kept for a person, never dropped.
 * @throws only when not even that can be written: bring it again later
 */
export async function takeMail(intake: MailIntake, note: MailNote): Promise<MailTaken> {
  const at = intake.now()
  try {
    return await once(intake, note, at, (trx) => effectOf(trx, intake, note, at))
  } catch (error) {
    const what = error instanceof Error ? error.name : 'unknown'
    const because = `it could not be taken (${what})`
    return once(intake, note, at, async () => ({ state: 'kept', because, rings: [] }))
  }
}

async function once(
  { store, doorbell }: MailIntake,
  note: MailNote,
  at: Instant,
  effect: (trx: Executor) => Promise<MailEffect>,
): Promise<MailTaken> {
  const done = await store.transaction(async (trx) => {
    const fresh = await addInboundMail(trx, arrivalOf(note, at))
    if (!fresh) return { firstAt: await cameAt(trx, note.eventId) }
    const found = await effect(trx)
    await finish(trx, note, found)
    return found
  })
  if ('firstAt' in done) return { kind: 'repeated', because: 'this mail was taken before', ...done }
  if (done.rings.length > 0) doorbell.ring(done.rings)
  return { kind: done.state, because: done.because }
}

/** What the mail said is kept only while a person is to look at it. */
function arrivalOf(note: MailNote, at: Instant): NewInboundMail {
  return {
    event_id: note.eventId,
    via: note.via,
    kind: kindOf(note),
    state: 'recorded',
    because: '',
    lead_id: null,
    touch_id: null,
    contact_hash: null,
    from_address: null,
    subject: null,
    text: null,
    received_at: at,
  }
}

async function finish(trx: Executor, note: MailNote, found: MailEffect): Promise<void> {
  const { state, because, leadId, touchId, contactHash } = found
  const kept = { from_address: note.from, subject: note.subject, text: note.text }
  await amendInboundMail(trx, note.eventId, {
    state,
    because,
    lead_id: leadId ?? null,
    touch_id: touchId ?? null,
    contact_hash: contactHash ?? null,
    ...(state === 'kept' ? kept : {}),
  })
}

function kindOf({ verdict, broken }: MailNote): InboundMailKind {
  if (broken) return 'unreadable'
  return verdict.kind === 'bounce' ? `${gravest(verdict.failures)}_bounce` : verdict.kind
}

/** Told people of itself, it would come back as one more mail to be told of. */
const OWN_MAIL: MailEffect = {
  state: 'recorded',
  because: 'a mail of ours, to a mailbox that is read here',
  rings: [],
}

/** Reports quote our headers in what they return; whatever has them itself is our own mail. */
async function isOurs(trx: Executor, { ours, verdict }: MailNote): Promise<boolean> {
  if (ours === null || !['answer', 'auto_reply', 'notice'].includes(verdict.kind)) return false
  return wasSent(trx, ours)
}

async function effectOf(
  trx: Executor,
  intake: MailIntake,
  note: MailNote,
  at: Instant,
): Promise<MailEffect> {
  const rules = engineRules(await readSettings(trx))
  const taking = { trx, intake, rules, note, at, named: await matchByName(trx, note, at) }
  if (note.broken) return keep(taking.named, 'its parts could not be read')
  if (await isOurs(trx, note)) return OWN_MAIL
  const { verdict } = note
  switch (verdict.kind) {
    case 'bounce':
      return applyBounce(taking, verdict.failures)
    case 'complaint':
      return applyComplaint(taking, verdict.recipients)
    case 'auto_reply':
      return applyAutoReply(taking, verdict.returnsOn)
    case 'answer':
      return (await applyOwnerAnswer(taking)) ?? (await applyAnswer(taking))
    case 'delayed':
    case 'notice': {
      const match = taking.named
      return match === null ? keep(null, UNKNOWN) : record(match, verdict.kind)
    }
  }
}
