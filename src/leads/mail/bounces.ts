import type { Failure } from '../../channels/email/classify.ts'
import type { BounceKind } from '../../channels/email/judge-bounce.ts'
import { normalizeEmail } from '../../domain/contact.ts'
import { DAY_MS, plus } from '../../domain/time.ts'
import { amendInboundMail, softBouncesSince } from '../../store/channels/inbound-mail.ts'
import { lockLead } from '../../store/leads.ts'
import { knownPoints } from '../../store/people/contact-points.ts'
import type { FailureKind } from '../../store/schema.ts'
import { ringOf } from '../intake.ts'
import { type DeliveryReport, haltOurs, settleTouch } from '../messages/delivery.ts'
import { retryStep } from '../messages/failed-touch.ts'
import { acted, concern, keep, type MailEffect, record, type Taking } from './mail-effects.ts'
import { type Match, matchByAddress, wroteTo } from './mail-match.ts'

type Named = Exclude<Match, { by: 'address' }>

/**
 * A mail came back. What it teaches follows the table in docs/concepts/channels.md: an address
 * that does not work is closed, one that did not work today is counted, and a refusal of our mail
 * stops its sender and blames no lead.
 */
export async function applyBounce(
  taking: Taking,
  failures: readonly Failure[],
): Promise<MailEffect> {
  const { named } = taking
  if (named !== null && named.touch !== null) {
    return bounced(taking, named, await failureOf(taking, named, failures))
  }
  const effects: MailEffect[] = []
  for (const failure of failures) {
    const match = await matchByAddress(taking.trx, taking.intake.hashKeys, failure.recipient)
    if (match === null || !(await wroteTo(taking.trx, match.contactHash))) continue
    // Anybody can write such a report: what would stop a sender must name a message of ours.
    if (failure.kind === 'policy') effects.push(keep(match, 'a refusal of our mail'))
    else effects.push(await byKind(taking, match, failure))
  }
  const [first] = effects
  if (first === undefined) return keep(null, 'a bounce of no message of ours')
  const rings = effects.flatMap((effect) => effect.rings)
  return { ...(effects.find(({ state }) => state === 'acted') ?? first), rings }
}

/** The gravest of several failures. */
export function gravest(failures: readonly Failure[]): BounceKind {
  const kinds: readonly BounceKind[] = ['hard', 'policy', 'soft']
  return kinds.find((kind) => failures.some((failure) => failure.kind === kind)) ?? 'soft'
}

/** A message goes to one address, but it may be forwarded to several. */
async function failureOf(
  { trx, intake }: Taking,
  { contactHash }: Named,
  failures: readonly Failure[],
): Promise<Failure> {
  for (const failure of failures) {
    const read = normalizeEmail(failure.recipient ?? '')
    if (!read.ok) continue
    const point = { kind: 'email', value: read.value } as const
    const [known] = await knownPoints(trx, intake.hashKeys, [point])
    if (known?.hash === contactHash) return failure
  }
  const first = failures.find(({ kind }) => kind === gravest(failures))
  return first ?? { kind: 'soft', recipient: null, status: null, replyCode: null }
}

const SETTLES_AS: Readonly<Record<BounceKind, FailureKind>> = {
  hard: 'permanent',
  soft: 'transient',
  policy: 'sender_fault',
}

async function bounced(taking: Taking, match: Match, failure: Failure): Promise<MailEffect> {
  const { trx, intake, at } = taking
  if (match.touch !== null) {
    const report: DeliveryReport = {
      kind: 'failed',
      failure: SETTLES_AS[failure.kind],
      code: codeOf(failure),
      because: becauseOf(failure),
      contactPoint: 'unchanged',
      // The other server has tried for hours or days: not so soon again.
      ...(failure.kind === 'soft' ? { retryAfterMs: DAY_MS } : {}),
    }
    const evidence = { providerId: null, report, evidence: 'bounce', at }
    await settleTouch(trx, intake.ledgerKey, match.touch.id, evidence)
  }
  return byKind(taking, match, failure)
}

async function byKind(taking: Taking, match: Match, failure: Failure): Promise<MailEffect> {
  switch (failure.kind) {
    case 'hard':
      return closeAddress(taking, match, codeOf(failure), becauseOf(failure))
    case 'soft':
      return countSoft(taking, match, failure)
    case 'policy':
      return haltSenderOf(taking, match, failure)
  }
}

async function closeAddress(
  taking: Taking,
  match: Match,
  code: string,
  because: string,
): Promise<MailEffect> {
  const { trx, note, at } = taking
  const taken = await concernHolders(taking, match, {
    id: bounceId(match, note.eventId, 'hard'),
    signal: { kind: 'hard_bounce', payload: { channel: 'email', code, because } },
    via: 'email',
    receivedAt: at,
  })
  // Also where it is an earlier address: nobody should go back to it.
  await trx
    .updateTable('contact_points')
    .set({ validity: 'invalid', invalid_because: because })
    .where('hash', '=', match.contactHash)
    .where('kind', '=', 'email')
    .execute()
  return acted(match, because, taken)
}

/** A bounce of an address that a lead has left says nothing of the one it has now. */
async function concernHolders(
  taking: Taking,
  match: Match,
  event: Parameters<typeof concern>[2],
): ReturnType<typeof concern> {
  return concern(taking, { by: 'address', touch: null, contactHash: match.contactHash }, event)
}

async function countSoft(taking: Taking, match: Match, failure: Failure): Promise<MailEffect> {
  const { trx, rules, note, at } = taking
  const { softLimit, withinMs } = rules.bounces
  await amendInboundMail(trx, note.eventId, { contact_hash: match.contactHash })
  const code = codeOf(failure)
  const because = becauseOf(failure)
  await concernHolders(taking, match, {
    id: bounceId(match, note.eventId, 'soft'),
    signal: { kind: 'soft_bounce', payload: { channel: 'email', code, because } },
    via: 'email',
    receivedAt: at,
  })
  const count = await softBouncesSince(trx, match.contactHash, plus(at, -withinMs))
  if (count < softLimit) return tryAgain(taking, match, because)
  const words = `${count} mails came back for a while: the address does not work any more.`
  return closeAddress(taking, match, 'email_soft_bounces', words)
}

/** Once more tomorrow, unless the cadence has gone on since. */
async function tryAgain({ trx }: Taking, match: Match, because: string): Promise<MailEffect> {
  const { touch } = match
  const lead = touch === null ? null : await lockLead(trx, touch.lead_id)
  if (touch === null || lead === null) return record(match, because)
  const again = await retryStep(trx, lead, touch, 'a mail came back after it had left')
  const rings = again ? [ringOf(lead, 'soft_bounce')] : []
  return { ...record(match, because), rings }
}

/** Our mail, our set-up or our standing is refused: the sender stops, and no lead is to blame. */
async function haltSenderOf(taking: Taking, match: Match, failure: Failure): Promise<MailEffect> {
  const { trx, at } = taking
  const { touch } = match
  const lead = touch === null ? null : await lockLead(trx, touch.lead_id)
  if (touch === null || lead === null) return keep(match, 'a refusal of our mail')
  const because = becauseOf(failure)
  const rings = await haltOurs(trx, lead, touch, because, at)
  return acted(match, because, { rings, leadIds: [lead.id] })
}

/** One message bounces once in each way, however many reports say so. */
function bounceId({ touch }: Match, eventId: string, kind: BounceKind): string {
  return touch === null ? `${eventId}:${kind}` : `bounce:${touch.id}:${kind}`
}

function codeOf({ kind, status, replyCode }: Failure): string {
  const said = status ?? replyCode
  return said === null ? `email_${kind}_bounce` : `email_${kind}_bounce_${said}`
}

function becauseOf({ kind, status, replyCode }: Failure): string {
  const said = status ?? replyCode
  const code = said === null ? '' : ` (${said})`
  switch (kind) {
    case 'hard':
      return `The mail came back: the address does not work${code}.`
    case 'soft':
      return `The mail came back: the mailbox could not take it for now${code}.`
    case 'policy':
      return `The mail came back: the other side refuses our mail${code}.`
  }
}
