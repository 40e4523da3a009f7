import type { FlowStep } from '../cadence/flow-types.ts'
import type { Cadence } from '../cadence/types.ts'
import type { EngineRules } from '../company/company.ts'
import type { DeadDetails, DeadReason, LeadStatus } from '../lead.ts'
import type { FlowOutcome } from '../plan/plan-flow.ts'
import type { Channel, PolicyPerson, RuleVerdict } from '../policy/types.ts'
import type { ContextLead } from '../templates/context.ts'
import type { Template } from '../templates/types.ts'
import type { Instant } from '../time.ts'

/** Something that is supposed to happen to the lead during the preview: the "what if". */
export type Happening = { readonly at: Instant } & (
  | { readonly kind: 'reply' }
  /** A person on the website. */
  | { readonly kind: 'visit' }
  /** A person follows a link of the last email. */
  | { readonly kind: 'click' }
  | { readonly kind: 'custom'; readonly name: string }
  | { readonly kind: 'stop'; readonly channel: Channel | 'all' }
)

/** How the lead enters the cadence. */
export type Entry =
  /** Its own form, answered at once. */
  | { readonly kind: 'form' }
  /** An import of many, which starts spread out. */
  | { readonly kind: 'import' }
  /** It was dead for a year, with these details, and comes back. */
  | { readonly kind: 'revival'; readonly details: DeadDetails }

/** What conditions may ask of a lead that templates do not speak of. */
export interface PreviewFields {
  readonly source: string
  readonly cost: { readonly amount: number; readonly currency: string } | null
  readonly tags: readonly string[]
  readonly language: string | null
}

export interface PreviewInput {
  readonly cadence: Cadence
  /** All that a revival or check-in on the way may need, by name. */
  readonly cadences: readonly Cadence[]
  readonly templates: readonly Template[]
  readonly person: PolicyPerson
  readonly lead: ContextLead
  /** What conditions may ask beside it; absent: a lead of the web form, without tags. */
  readonly fields?: PreviewFields
  readonly entry: Entry
  readonly from: Instant
  /** Exclusive. */
  readonly until: Instant
  readonly happenings: readonly Happening[]
  readonly rules: EngineRules
  /** Dates and decisions alone: each message counts as rendered, and is empty. */
  readonly withoutMessages?: boolean
  /** What spreads this lead from others: the lead's id, and the id of its n-th episode (from 1). */
  readonly seeds: { readonly lead: string; readonly episode: (n: number) => string }
}

/** One thing in the previewed life, in order. Instants are UTC. */
export type PreviewEvent = { readonly at: Instant } & (
  | { readonly kind: 'happened'; readonly what: Happening['kind']; readonly effect: string }
  | { readonly kind: 'episode'; readonly cadence: string; readonly because: string }
  | {
      readonly kind: 'touch'
      readonly cadence: string
      readonly step: string
      readonly channel: Channel
      /** Why it is due then, in a sentence without contact data. */
      readonly because: string
      readonly rules: readonly RuleVerdict[]
      readonly message: PreviewMessage
    }
  | {
      readonly kind: 'dropped'
      readonly step: string
      /** null for a task. */
      readonly channel: Channel | null
      readonly because: string
    }
  | { readonly kind: 'task'; readonly step: string | null; readonly title: string }
  /** The cadence does not take the lead. */
  | { readonly kind: 'refused'; readonly cadence: string; readonly because: string }
  /** A step that writes to nobody is done. */
  | {
      readonly kind: 'step'
      readonly step: string
      readonly does: FlowStep['kind']
      readonly outcome: FlowOutcome
      /** null: to the next step. */
      readonly to: string | null
      readonly because: string
    }
  | {
      readonly kind: 'became'
      readonly status: LeadStatus
      readonly reason: DeadReason | null
      readonly because: string
    }
)

export type PreviewMessage =
  | {
      readonly ok: true
      readonly subject: string | null
      readonly text: string
      readonly html: string | null
    }
  | { readonly ok: false; readonly because: string }

export interface Preview {
  readonly events: readonly PreviewEvent[]
  readonly status: LeadStatus
  readonly reason: DeadReason | null
  /** When something comes next after the preview's end; null when nothing does by itself. */
  readonly nextAt: Instant | null
}
