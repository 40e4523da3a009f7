import type { EngineRules } from '../../domain/company/company.ts'
import { PRIORITY, type Priority } from '../../domain/contract.ts'
import type { SignalId, VisitorId } from '../../domain/ids.ts'
import type { Channel } from '../../domain/policy/types.ts'
import type { Instant } from '../../domain/time.ts'
import type { HashKeys } from '../../store/hash-key.ts'
import type { LeadRow } from '../../store/leads.ts'
import type { Ring } from '../../temporal/doorbell.ts'
import type { Enrollment } from '../enrollment.ts'
import type { FieldProblem } from '../intake.ts'
import type { DeadBefore } from '../new-lead.ts'
import type { ChannelState } from './channels.ts'
import type { ConsentInput } from './consents.ts'
import type { LeadInput } from './lead-fields.ts'

/** One post: who it is about, what was consented to, and what it asks for. */
export interface Post {
  readonly lead: LeadInput
  readonly consents: readonly ConsentInput[]
  /** undefined: the default cadence for a new lead; null: none. */
  readonly cadence: string | null | undefined
  /** The lead itself has just sent a form. Without it the post only updates. */
  readonly form: boolean
  /** A visitor that the tracker knows, from a hidden field of the form. */
  readonly visitorId: VisitorId | null
  /** Loads a lead that was given up before. */
  readonly dead: DeadBefore | null
}

/** Who posts, when, and by which rules. */
export interface PostContext {
  readonly hashKeys: HashKeys
  readonly rules: EngineRules
  readonly via: string
  readonly receivedAt: Instant
  readonly begunBy: 'api' | 'import'
  /** The event's own id, so that a form that is posted twice is one form. */
  readonly eventId: SignalId | null
}

export interface Upserted {
  readonly lead: LeadRow
  readonly created: boolean
  readonly enrollment: Enrollment
  readonly channels: Readonly<Record<Channel, ChannelState>>
  readonly warnings: readonly FieldProblem[]
  /** To be rung after the commit; null when no plan became stale. */
  readonly ring: Ring | null
}

/** What adding and updating have in common; the channels are judged when all is stored. */
export type Taken = Omit<Upserted, 'channels'>

/** A lead's own form is served first, an import last. */
export function priorityOfPost(post: Post, context: PostContext): Priority {
  if (context.begunBy === 'import') return PRIORITY.import
  return post.form || post.dead === null ? PRIORITY.form : PRIORITY.normal
}
