import { PRIORITY } from '../../domain/contract.ts'
import type { SignalId } from '../../domain/ids.ts'
import { currentVersion } from '../../store/company/cadences.ts'
import type { Executor } from '../../store/executor.ts'
import { type LeadRow, lockLead, survivorOf } from '../../store/leads.ts'
import { newId } from '../../store/new-id.ts'
import {
  holdContactKeys,
  holdExternalId,
  type KeyedPoint,
} from '../../store/people/contact-points.ts'
import { linkVisitor } from '../../store/people/visitors.ts'
import { staleNow } from '../../store/stale.ts'
import { accept } from '../accept.ts'
import { requireCadence } from '../enrollment.ts'
import { type PublishedCadence, refusedBy } from '../entry.ts'
import { Refusal, ringOf } from '../intake.ts'
import { type DeadBefore, holdWithoutCadence, insertDeadLead, insertLead } from '../new-lead.ts'
import { loadPerson } from '../people.ts'
import { suppressHash } from '../stops.ts'
import { channelStates, dataWarnings } from './channels.ts'
import { takeConsents } from './consents.ts'
import { pointsOf, type ReadLead, readLead } from './lead-fields.ts'
import { findMatch } from './match.ts'
import { wantLineType } from './phone-types.ts'
import { type Post, type PostContext, priorityOfPost, type Taken, type Upserted } from './post.ts'
import { updateLead } from './update-lead.ts'

/**
 * Takes one posted lead, inside the caller's transaction: finds who it is, adds or updates, and
 * accepts the form or the enrolment that comes with it.
 * @throws Refusal 422 (a field, an unknown cadence), 409 (the post speaks of two leads)
 */
export async function upsertLead(
  trx: Executor,
  post: Post,
  context: PostContext,
): Promise<Upserted> {
  const input = readLead(post.lead)
  const named = await namedCadence(trx, post)
  if (input.externalId != null) await holdExternalId(trx, input.externalId)
  const points = await holdContactKeys(trx, context.hashKeys, pointsOf(input), context.receivedAt)
  const known = await knownLead(trx, input)
  const done =
    known === null
      ? await addLead(trx, post, named, input, points, context)
      : await updateLead(trx, known, post, input, points, context)
  if (post.visitorId !== null) {
    await linkVisitor(trx, post.visitorId, done.lead.id, 'form', context.receivedAt)
  }
  const { policy: person, phoneHash } = await loadPerson(trx, done.lead, context.receivedAt)
  await wantLineType(trx, done.lead, phoneHash, context)
  return {
    ...done,
    channels: channelStates(person, context.receivedAt, context.rules.policy),
    warnings: [...done.warnings, ...dataWarnings(person, context.rules.policy)],
  }
}

/** What the post names, published. @throws Refusal 422 */
async function namedCadence(trx: Executor, { cadence }: Post): Promise<PublishedCadence | null> {
  if (typeof cadence !== 'string') return null
  return { cadence, versionId: await requireCadence(trx, cadence) }
}

async function knownLead(trx: Executor, input: ReadLead): Promise<LeadRow | null> {
  const match = await findMatch(trx, {
    externalId: input.externalId ?? null,
    email: input.email ?? null,
    phone: input.phone ?? null,
  })
  switch (match.kind) {
    case 'none':
      return null
    case 'conflict':
      throw new Refusal(
        409,
        'two_leads',
        match.because,
        'Correct the post, name the lead by its externalId, or mark one of the two as a duplicate.',
        { about: { leadIds: match.leadIds } },
      )
    case 'one': {
      const lead = await lockLead(trx, match.leadId)
      return lead === null ? null : await survivorOf(trx, lead)
    }
  }
}

async function addLead(
  trx: Executor,
  post: Post,
  named: PublishedCadence | null,
  input: ReadLead,
  points: readonly KeyedPoint[],
  context: PostContext,
): Promise<Taken> {
  if (points.length === 0) throw nobodyToReach()
  const { receivedAt, rules } = context
  const priority = priorityOfPost(post, context)
  const newLead = { input, points, priority, receivedAt }
  const lead =
    post.dead === null
      ? await insertLead(trx, newLead)
      : await insertDeadLead(trx, newLead, post.dead, rules.revival)
  const consents = await takeConsents(trx, lead.id, points, post.consents, {
    byLead: post.form,
    receivedAt,
  })
  const taken = { lead, created: true, warnings: consents.warnings }
  if (post.dead !== null) return { ...taken, ...(await leaveDead(trx, lead, points, post.dead)) }
  const enrolled = await enrollNew(trx, lead, post, named, consents.fresh, context)
  return { ...taken, ...enrolled }
}

/** The first post of a lead enrols it: by its form, or by the api's or import's wish. */
async function enrollNew(
  trx: Executor,
  lead: LeadRow,
  post: Post,
  named: PublishedCadence | null,
  freshConsent: boolean,
  context: PostContext,
): Promise<Pick<Taken, 'enrollment' | 'ring'>> {
  const { receivedAt, via, begunBy } = context
  const begin = await beginningOf(trx, lead, post, named, context)
  if (begin.kind === 'refused') {
    await holdWithoutCadence(trx, lead.id, begin.because, receivedAt)
    await staleNow(trx, lead, begin.because)
    return {
      enrollment: { status: 'refused', reason: `${capital(begin.because)}.` },
      ring: ringOf(lead, 'created'),
    }
  }
  const priority = priorityOfPost(post, context)
  const accepted = await accept(trx, lead, {
    id: context.eventId ?? newId<SignalId>('signal'),
    signal: post.form
      ? { kind: 'form', payload: { cadence: post.cadence ?? null, freshConsent } }
      : { kind: 'enroll', payload: { cadence: begin.cadence, begunBy } },
    via,
    receivedAt,
    priority,
  })
  if (accepted.kind !== 'accepted') throw eventKnown()
  return {
    enrollment: { status: 'started' },
    ring: ringOf(accepted.lead, post.form ? 'form' : 'enroll', priority),
  }
}

type Beginning =
  | { readonly kind: 'begins'; readonly cadence: string }
  | { readonly kind: 'refused'; readonly because: string }

/** The cadence that a new lead begins: what its post names, else the default, if it takes it. */
async function beginningOf(
  trx: Executor,
  lead: LeadRow,
  post: Post,
  named: PublishedCadence | null,
  { rules, receivedAt }: PostContext,
): Promise<Beginning> {
  if (post.cadence === null) return { kind: 'refused', because: 'posted without a cadence' }
  const published = named ?? (await publishedAs(trx, rules.defaultCadence))
  if (published === null) {
    return { kind: 'refused', because: 'the default cadence is not published' }
  }
  const because = await refusedBy(trx, lead, published, receivedAt, rules)
  if (because !== null) return { kind: 'refused', because }
  return { kind: 'begins', cadence: published.cadence }
}

async function publishedAs(trx: Executor, cadence: string): Promise<PublishedCadence | null> {
  const versionId = await currentVersion(trx, cadence)
  return versionId && { cadence, versionId }
}

/** Who was known to have opted out stays so, here as there. */
async function leaveDead(
  trx: Executor,
  lead: LeadRow,
  points: readonly KeyedPoint[],
  { details }: DeadBefore,
): Promise<Pick<Taken, 'enrollment' | 'ring'>> {
  if (details.reason === 'opted_out') {
    for (const { hash } of points) {
      const at = lead.dead_at ?? lead.created_at
      await suppressHash(trx, hash, 'all', 'import', at, 'known as opted out')
    }
  }
  const reason = `Loaded as dead (${details.reason}); nobody contacts it until a signal or a check-in.`
  return {
    enrollment: { status: 'refused', reason },
    ring: lead.revision > 0 ? ringOf(lead, 'loaded_dead', PRIORITY.import) : null,
  }
}

function nobodyToReach(): Refusal {
  const message = 'A new lead needs an email address or a phone number.'
  const fix = 'Add lead.email or lead.phone.'
  const problems = [{ field: 'lead.email', message, fix }]
  return new Refusal(422, 'invalid_field', message, fix, { problems })
}

function eventKnown(): Refusal {
  return new Refusal(
    409,
    'event_known',
    'This event is known already, about another lead.',
    'Use a new Idempotency-Key for each form.',
  )
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
