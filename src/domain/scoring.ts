import {
  type Condition,
  type ConditionFacts,
  type Engagement,
} from './cadence/conditions/conditions.ts'
import { judgeCondition } from './cadence/conditions/judge.ts'
import { DAY_MS, type Instant, plus } from './time.ts'

/**
 * The score of a lead: what it did of late, how well it fits, and what cadences gave it. A plain
 * sum whose every part says where it is from; nothing of it is learnt or guessed.
 */
export interface ScoringRules {
  /** Points for each thing that a person did. */
  readonly points: Readonly<Record<Engagement, number>>
  /** What was done so long ago counts no more. */
  readonly fadesAfterMs: number
  /** No more for one kind of engagement, however often it was done. */
  readonly mostPerKind: number
  readonly fit: readonly FitRule[]
}

export interface FitRule {
  readonly name: string
  /** Asks fields only: a score cannot hang on itself. */
  readonly when: Condition
  readonly points: number
}

export const DEFAULT_SCORING: ScoringRules = {
  points: { visit: 5, click: 5, reply: 20, form: 15, call: 10, booking: 30 },
  fadesAfterMs: 90 * DAY_MS,
  mostPerKind: 40,
  fit: [],
}

/** Something that a person did. */
export interface EngagementFact {
  readonly kind: Engagement
  readonly at: Instant
}

/** Points that a cadence, or a person, gave or took. */
export interface GivenPoints {
  readonly points: number
  readonly because: string
  readonly at: Instant
}

export interface ScorePart {
  readonly points: number
  /** One line, such as "3 visits" or "fit: pro plan". */
  readonly because: string
  /** When the newest of it was; null for fit. */
  readonly at: Instant | null
}

export interface Score {
  readonly points: number
  readonly parts: readonly ScorePart[]
  /** When time alone changes it next; null: it does not. */
  readonly changesAt: Instant | null
}

/** The score now, with its parts. `facts` are for the fit rules, which ask fields. */
export function scoreOf(
  engagement: readonly EngagementFact[],
  given: readonly GivenPoints[],
  facts: Omit<ConditionFacts, 'score'>,
  rules: ScoringRules,
): Score {
  const { now } = facts
  const fresh = engagement.filter(({ at }) => now - at <= rules.fadesAfterMs)
  const parts = [...engagementParts(fresh, rules), ...fitParts(facts, rules), ...given]
  const fades = fresh.map(({ at }) => plus(at, rules.fadesAfterMs + 1))
  return {
    points: parts.reduce((sum, { points }) => sum + points, 0),
    parts,
    changesAt: fades.reduce<Instant | null>((a, b) => (a === null || b < a ? b : a), null),
  }
}

function engagementParts(
  fresh: readonly EngagementFact[],
  { points, mostPerKind }: ScoringRules,
): readonly ScorePart[] {
  const kinds = [...new Set(fresh.map(({ kind }) => kind))]
  return kinds.flatMap((kind) => {
    const times = fresh.filter((each) => each.kind === kind).map(({ at }) => at)
    const sum = Math.min(points[kind] * times.length, mostPerKind)
    if (sum === 0) return []
    const [newest = null] = times.toSorted((a, b) => b - a)
    const plural = kind === 'reply' ? 'replies' : `${kind}s`
    const because = `${times.length} ${times.length === 1 ? kind : plural}`
    return [{ points: sum, because, at: newest }]
  })
}

function fitParts(
  facts: Omit<ConditionFacts, 'score'>,
  { fit }: ScoringRules,
): readonly ScorePart[] {
  const whole = { ...facts, score: { points: 0, changesAt: null } }
  return fit.flatMap(({ name, when, points }) =>
    judgeCondition(when, whole).holds ? [{ points, because: `fit: ${name}`, at: null }] : [],
  )
}
