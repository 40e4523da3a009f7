import type { AttemptFact } from '../attempts.ts'
import type { StepHappening } from '../cadence/conditions/conditions.ts'
import type { Attempt } from '../cadence/timing/timing.ts'
import type { Cadence, Position } from '../cadence/types.ts'
import type { DeadDetails, DeadReason, EpisodeKind, LeadStatus } from '../lead.ts'
import type { EpisodeFacts } from '../plan/plan.ts'
import type { PolicyPerson } from '../policy/types.ts'
import type { RevivalRules } from '../revival.ts'
import type { GivenPoints } from '../scoring.ts'
import type { ContextLead } from '../templates/context.ts'
import type { Instant } from '../time.ts'
import type { PreviewEvent, PreviewFields, PreviewInput } from './types.ts'

/** A pass through a cadence, as far as the preview has come. */
export interface PreviewEpisode {
  readonly id: string
  readonly kind: EpisodeKind
  readonly cadence: Cadence
  readonly begun: EpisodeFacts['begun']
  /** What the lead was dead for before; variants of messages hang on it. */
  readonly from: DeadDetails | null
  position: Position | null
  anchorAt: Instant
  releaseAt?: Instant | null
  /** How many signals came before the episode, and before its current step. */
  readonly fromSeq: number
  anchorSeq: number
  readonly startedAt: Instant
  /** At the current step. */
  attempts: readonly AttemptFact[]
}

/** The previewed lead. It is what rows are to a real one, and the simulation changes it. */
export interface PreviewLife {
  readonly input: PreviewInput
  readonly events: PreviewEvent[]
  /** The company's, with what the last cadence says that says anything of it. */
  revival: RevivalRules
  status: LeadStatus
  dead: { readonly details: DeadDetails; readonly at: Instant } | null
  checkInAt: Instant | null
  checkIns: number
  person: PolicyPerson
  episode: PreviewEpisode | null
  episodes: number
  /** Everything that left, oldest first. */
  sent: readonly (Attempt & { readonly episode: string; readonly step: string })[]
  revivals: readonly Instant[]
  /** What templates and conditions know of it; updates change it. */
  lead: ContextLead
  fields: PreviewFields
  /** Points that its cadence gave or took. */
  readonly given: GivenPoints[]
  /** What it did, oldest first. */
  readonly signals: PreviewSignal[]
  /** What steps came to, oldest first. */
  readonly done: PreviewDone[]
}

export interface PreviewSignal {
  readonly kind: 'form' | 'visit' | 'click' | 'reply' | 'custom'
  /** Of a custom signal. */
  readonly name: string | null
  /** The message that was clicked in. */
  readonly step: string | null
  readonly at: Instant
}

interface PreviewDone extends StepHappening {
  readonly episode: string
  readonly outcome: string | null
}

/** The lead's person as the policy sees one now: with what the preview has sent so far. */
export function personNow({ person, episode, sent }: PreviewLife): PolicyPerson {
  return {
    ...person,
    recent: sent.toReversed().map(({ channel, at, episode: id }) => ({
      channel,
      messageClass: 'marketing',
      at,
      inEpisode: id === episode?.id,
    })),
    freshForm: episode?.begun === 'fresh',
    cadence: episode?.cadence.name ?? null,
  }
}

/** Why the lead is dead; null while it is not. */
export function reasonOf(life: PreviewLife): DeadReason | null {
  return life.dead?.details.reason ?? null
}
