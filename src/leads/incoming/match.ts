import type { LeadId } from '../../domain/ids.ts'
import type { Executor } from '../../store/executor.ts'
import {
  currentPointsOf,
  type PointOwner,
  type PointValue,
  whoIs,
} from '../../store/people/contact-points.ts'

/** What a post says of who it is about, in the one spelling. */
export interface Identity {
  readonly externalId: string | null
  readonly email: string | null
  readonly phone: string | null
}

export type Match =
  | { readonly kind: 'none' }
  | { readonly kind: 'one'; readonly leadId: LeadId; readonly by: 'externalId' | 'email' | 'phone' }
  /** The post speaks of two leads at once. */
  | { readonly kind: 'conflict'; readonly leadIds: readonly LeadId[]; readonly because: string }

/**
 * Which known lead this is: by external id, then email, then phone. A phone alone never merges
 * people who have different emails or external ids; an email of one lead with the phone of
 * another is a conflict for a person to solve. The caller holds the contact keys.
 */
export async function findMatch(executor: Executor, identity: Identity): Promise<Match> {
  const { named, owners } = await whoIs(executor, identity.externalId, pointsOf(identity))
  const byEmail = owners.filter(({ kind }) => kind === 'email')
  const byPhone = owners.filter(({ kind, current }) => kind === 'phone' && current)
  if (named !== null) {
    const stranger = byEmail.find(({ leadId, current }) => current && leadId !== named)
    return stranger && !byEmail.some(({ leadId }) => leadId === named)
      ? conflict(
          [named, stranger.leadId],
          'The external id belongs to one lead, the email to another.',
        )
      : { kind: 'one', leadId: named, by: 'externalId' }
  }
  const emailOwner = byEmail[0]
  if (emailOwner !== undefined) return matchByEmail(emailOwner, byPhone)
  return matchByPhone(executor, identity, byPhone)
}

function matchByEmail(owner: PointOwner, byPhone: readonly PointOwner[]): Match {
  const stranger = byPhone[0]
  const shared = byPhone.some(({ leadId }) => leadId === owner.leadId)
  if (stranger === undefined || shared) return { kind: 'one', leadId: owner.leadId, by: 'email' }
  return conflict(
    [owner.leadId, stranger.leadId],
    'The email belongs to one lead, the phone to another.',
  )
}

async function matchByPhone(
  executor: Executor,
  identity: Identity,
  byPhone: readonly PointOwner[],
): Promise<Match> {
  const candidates: LeadId[] = []
  for (const { leadId, externalId } of byPhone) {
    const { email } = await currentPointsOf(executor, leadId)
    const otherEmail = identity.email !== null && email !== null
    const otherId = identity.externalId !== null && externalId !== null
    if (!otherEmail && !otherId) candidates.push(leadId)
  }
  const [first, second] = candidates
  if (first === undefined) return { kind: 'none' }
  if (second === undefined) return { kind: 'one', leadId: first, by: 'phone' }
  // With an email of its own it is one more person behind that phone.
  if (identity.email !== null) return { kind: 'none' }
  return conflict(
    candidates,
    'The phone belongs to several leads, and nothing else tells them apart.',
  )
}

function conflict(leadIds: readonly LeadId[], because: string): Match {
  return { kind: 'conflict', leadIds, because }
}

function pointsOf({ email, phone }: Identity): PointValue[] {
  return [
    ...(email === null ? [] : [{ kind: 'email', value: email } as const]),
    ...(phone === null ? [] : [{ kind: 'phone', value: phone } as const]),
  ]
}
