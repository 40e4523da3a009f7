import type { SignalId } from '../../domain/ids.ts'
import type { Instant } from '../../domain/time.ts'
import { currentVersion } from '../../store/company/cadences.ts'
import type { Executor } from '../../store/executor.ts'
import { type LeadRow, patchLead } from '../../store/leads.ts'
import { newId } from '../../store/new-id.ts'
import {
  currentPointsOf,
  type KeyedPoint,
  retirePoint,
  setCurrentPoint,
} from '../../store/people/contact-points.ts'
import { staleNow } from '../../store/stale.ts'
import { addTaskOnce } from '../../store/work/tasks.ts'
import { accept } from '../accept.ts'
import { type Enrollment, judgeMove, underway } from '../enrollment.ts'
import { refusedBy } from '../entry.ts'
import { type FieldProblem, ringOf } from '../intake.ts'
import { loadPerson } from '../people.ts'
import { enqueue } from '../queue.ts'
import { takeConsents } from './consents.ts'
import { changesOf, type ReadLead } from './lead-fields.ts'
import { type Post, type PostContext, priorityOfPost, type Taken } from './post.ts'

/** What changed on a lead that was known. */
interface Changes {
  /** "email", "phone": the points by which it is reached now. */
  readonly contact: readonly ('email' | 'phone')[]
  /** A zone, state or ZIP: other hours may hold. */
  readonly moved: boolean
  /** What cadences hang dates and conditions on. */
  readonly told: boolean
}

/** Writes what a post says of a known lead, and does what it asks for. */
export async function updateLead(
  trx: Executor,
  lead: LeadRow,
  post: Post,
  input: ReadLead,
  points: readonly KeyedPoint[],
  context: PostContext,
): Promise<Taken> {
  const { receivedAt } = context
  const before = lead.revision
  const warnings = [...otherExternalId(lead, input), ...notDead(lead, post)]
  const changes = await writeChanges(trx, lead, input, points, context)
  const reached = await reachedBy(trx, lead, points)
  const consents = await takeConsents(trx, lead.id, reached, post.consents, {
    byLead: post.form,
    receivedAt,
  })
  const enrollment = post.form
    ? await acceptForm(trx, lead, post, consents.fresh, context)
    : await acceptUpdate(trx, lead, post, changes, context)
  if (lead.revision === before) {
    const because = consents.changed ? 'a consent came' : whyReplan(changes)
    if (because !== null) await replanNow(trx, lead, because)
  }
  const rings = lead.revision > before
  return {
    lead,
    created: false,
    enrollment,
    warnings: [...warnings, ...consents.warnings],
    ring: rings ? ringOf(lead, post.form ? 'form' : 'update', priorityOfPost(post, context)) : null,
  }
}

/** Stores the changed columns and contact points; none of it is judged yet. */
export async function writeChanges(
  trx: Executor,
  lead: LeadRow,
  input: ReadLead,
  points: readonly KeyedPoint[],
  { receivedAt }: Pick<PostContext, 'receivedAt'>,
): Promise<Changes> {
  const current = await currentPointsOf(trx, lead.id)
  const contact: ('email' | 'phone')[] = []
  for (const kind of ['email', 'phone'] as const) {
    const wanted = input[kind]
    if (wanted === undefined || wanted === current[kind]) continue
    const point = points.find((each) => each.kind === kind)
    if (point === undefined) await retirePoint(trx, lead.id, kind)
    else await setCurrentPoint(trx, lead.id, point, receivedAt)
    contact.push(kind)
  }
  const { patch, moved, told } = changesOf(lead, input)
  if (Object.keys(patch).length > 0 || contact.length > 0) {
    await patchLead(trx, lead, { ...patch, updated_at: receivedAt })
  }
  return { contact, moved, told }
}

/** The points that a consent may be about: those of the post, and those on file. */
async function reachedBy(
  trx: Executor,
  lead: LeadRow,
  points: readonly KeyedPoint[],
): Promise<KeyedPoint[]> {
  const rows = await trx
    .selectFrom('contact_points')
    .select(['kind', 'value', 'hash'])
    .where('lead_id', '=', lead.id)
    .where('current', '=', true)
    .execute()
  return [...points, ...rows]
}

/** The lead's own act: it revives a dead one, whatever the quiet time says. */
async function acceptForm(
  trx: Executor,
  lead: LeadRow,
  post: Post,
  fresh: boolean,
  context: PostContext,
): Promise<Enrollment> {
  const { rules, via, receivedAt } = context
  const wish = await judgeForm(trx, lead, post, context)
  const judged = await admit(trx, lead, post.cadence ?? rules.defaultCadence, wish, context)
  // A cadence that does not take over goes unnamed: the running one goes on.
  const takesOver = judged.status !== 'refused' && judged.status !== 'queued'
  const cadence = takesOver ? (post.cadence ?? null) : null
  const accepted = await accept(trx, lead, {
    id: context.eventId ?? newId<SignalId>('signal'),
    signal: { kind: 'form', payload: { cadence, freshConsent: fresh } },
    via,
    receivedAt,
    priority: priorityOfPost(post, context),
  })
  if (judged.status === 'queued' && accepted.kind === 'accepted') {
    const wanted = post.cadence ?? rules.defaultCadence
    return await enqueue(trx, lead, { cadence: wanted, begunBy: 'form', by: via, at: receivedAt })
  }
  if (accepted.kind === 'repeated') {
    const current = await underway(trx, lead, rules.defaultCadence)
    return current === null ? judged : { status: 'already' }
  }
  return judged
}

async function judgeForm(
  trx: Executor,
  lead: LeadRow,
  post: Post,
  { rules, receivedAt }: PostContext,
): Promise<Enrollment> {
  const current = await underway(trx, lead, rules.defaultCadence)
  switch (lead.status) {
    case 'nurturing':
      return current !== null && post.cadence == null
        ? { status: 'already' }
        : judgeMove(trx, current, post.cadence ?? rules.defaultCadence)
    case 'dead':
      return current === null ? judgeReturn(trx, lead, receivedAt) : { status: 'already' }
    case 'engaged':
    case 'converted':
    case 'erased':
      return { status: 'refused', reason: OUT_OF_CADENCES[lead.status] }
  }
}

/** Whether a dead lead's own form begins a cadence again. */
async function judgeReturn(trx: Executor, lead: LeadRow, now: Instant): Promise<Enrollment> {
  switch (lead.dead_reason) {
    case 'spam':
      return { status: 'refused', reason: 'It was marked as spam; a person must revive it.' }
    case 'duplicate':
      return { status: 'refused', reason: 'It is a duplicate of a lead that is not known here.' }
    case 'opted_out': {
      const { policy } = await loadPerson(trx, lead, now)
      const stoppedAt = Math.max(0, ...policy.suppressions.map(({ at }) => at))
      const fresh = policy.consents.some(({ byLead, at }) => byLead && at > stoppedAt)
      if (fresh) return { status: 'started' }
      return {
        status: 'refused',
        reason: 'The lead opted out; only a form that carries its fresh consent lifts that.',
      }
    }
    default:
      return { status: 'started' }
  }
}

const OUT_OF_CADENCES = {
  engaged: 'A person is talking with the lead, and is told.',
  converted: 'The lead is a customer; a person is told.',
  erased: 'The person was erased.',
  dead: 'The lead is dead; a post without event "form" revives nobody.',
} as const

/** Without a form the post only updates, and may name a cadence for a lead that is nurtured. */
async function acceptUpdate(
  trx: Executor,
  lead: LeadRow,
  post: Post,
  changes: Changes,
  context: PostContext,
): Promise<Enrollment> {
  await acceptContactChange(trx, lead, changes, context)
  if (lead.status !== 'nurturing') {
    return { status: 'refused', reason: OUT_OF_CADENCES[lead.status] }
  }
  const { rules, via, receivedAt, begunBy } = context
  const current = await underway(trx, lead, rules.defaultCadence)
  if (typeof post.cadence !== 'string') {
    return current === null
      ? { status: 'refused', reason: 'It is in no cadence, and the post names none.' }
      : { status: 'already' }
  }
  const wish = await judgeUpdateMove(trx, current, post.cadence)
  const enrollment = await admit(trx, lead, post.cadence, wish, context)
  if (enrollment.status === 'queued') {
    return await enqueue(trx, lead, { cadence: post.cadence, begunBy, by: via, at: receivedAt })
  }
  if (enrollment.status !== 'started' && enrollment.status !== 'replaced') return enrollment
  await accept(trx, lead, {
    id: newId<SignalId>('signal'),
    signal: { kind: 'enroll', payload: { cadence: post.cadence, begunBy } },
    via,
    receivedAt,
    priority: priorityOfPost(post, context),
  })
  return enrollment
}

/** The same wish, unless the cadence itself refuses the lead. */
async function admit(
  trx: Executor,
  lead: LeadRow,
  cadence: string,
  wish: Enrollment,
  { rules, receivedAt }: PostContext,
): Promise<Enrollment> {
  if (wish.status === 'refused' || wish.status === 'already') return wish
  const versionId = await currentVersion(trx, cadence)
  if (versionId === null) return wish
  const refusal = await refusedBy(trx, lead, { cadence, versionId }, receivedAt, rules)
  return refusal === null ? wish : { status: 'refused', reason: `${refusal}.` }
}

async function judgeUpdateMove(
  trx: Executor,
  current: Awaited<ReturnType<typeof underway>>,
  wanted: string,
): Promise<Enrollment> {
  // A nightly sync must not put a lead that came back into the old sales cadence again.
  if (current !== null && current.kind !== 'nurture' && current.cadence !== wanted) {
    return { status: 'refused', reason: `It has come back and is in ${current.cadence}.` }
  }
  return judgeMove(trx, current, wanted)
}

async function acceptContactChange(
  trx: Executor,
  lead: LeadRow,
  { contact }: Changes,
  { via, receivedAt }: PostContext,
): Promise<void> {
  if (contact.length === 0) return
  if (lead.status === 'dead') {
    // A sync revives nobody; whoever reads the task may.
    await addTaskOnce(trx, {
      leadId: lead.id,
      kind: 'other',
      title: 'There is a new way to reach this dead lead',
      because: `an update brought a new ${contact.join(' and ')}`,
      assignee: lead.owner,
      dueAt: null,
      at: receivedAt,
    })
    return
  }
  await accept(trx, lead, {
    id: newId<SignalId>('signal'),
    signal: { kind: 'contact_changed', payload: { what: contact } },
    via,
    receivedAt,
  })
}

/** Why what was written makes the lead's plan stale; null when it does not. */
export function whyReplan({ moved, told }: Changes): string | null {
  if (moved) return 'the address changed'
  return told ? 'what is known of the lead changed' : null
}

/** Other hours or permissions may hold: only for a lead that something is planned for. */
export async function replanNow(trx: Executor, lead: LeadRow, because: string): Promise<void> {
  if (lead.status === 'nurturing') await staleNow(trx, lead, because)
}

function otherExternalId(lead: LeadRow, { externalId }: ReadLead): FieldProblem[] {
  if (externalId == null || lead.external_id === null || lead.external_id === externalId) return []
  return [
    {
      field: 'lead.externalId',
      message: 'The lead is known under another external id, which it keeps.',
      fix: 'If these are two people, give them different emails.',
    },
  ]
}

function notDead(lead: LeadRow, { dead }: Post): FieldProblem[] {
  if (dead === null || lead.status === 'dead') return []
  return [
    {
      field: 'dead',
      message: `The lead is known and ${lead.status}; it was updated and not given up.`,
      fix: 'Post to /v1/leads/:id/mark-dead to give it up.',
    },
  ]
}
