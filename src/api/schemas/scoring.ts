import { z } from 'zod'
import { conditionSchema } from '../../domain/cadence/conditions/condition-schema.ts'
import { writeCondition } from '../../domain/cadence/conditions/condition-write.ts'
import { ENGAGEMENTS, questionsOf } from '../../domain/cadence/conditions/conditions.ts'
import { writeDuration } from '../../domain/cadence/duration.ts'
import type { ScoringRules } from '../../domain/scoring.ts'
import { text } from './common.ts'
import { duration } from './duration.ts'

const MOST_POINTS = 1_000
const points = z.int().min(-MOST_POINTS).max(MOST_POINTS)

const fitRule = z.strictObject({
  name: text(100),
  when: conditionSchema.refine(
    (when) => questionsOf(when).every(({ kind }) => kind === 'field'),
    'Ask fields only: fit is what the lead is, not what it did.',
  ),
  points,
})

/** How leads are scored; whatever is absent stays as it is, and `fit` is replaced as a whole. */
export const scoringSchema = z.strictObject({
  points: z.partialRecord(z.enum(ENGAGEMENTS), points).optional(),
  fadesAfter: duration.refine((ms) => ms > 0, 'Write more than 0.').optional(),
  mostPerKind: z.int().min(0).max(MOST_POINTS).optional(),
  fit: z.array(fitRule).max(50).optional(),
})

/** The scoring with what was given laid over it. */
export function scoringWith(
  current: ScoringRules,
  given: z.output<typeof scoringSchema> | undefined,
): ScoringRules {
  if (given === undefined) return current
  return {
    points: { ...current.points, ...given.points },
    fadesAfterMs: given.fadesAfter ?? current.fadesAfterMs,
    mostPerKind: given.mostPerKind ?? current.mostPerKind,
    fit: given.fit ?? current.fit,
  }
}

/** As it is shown, and can be sent back. */
export function scoringView({ points: each, fadesAfterMs, mostPerKind, fit }: ScoringRules) {
  return {
    points: each,
    fadesAfter: writeDuration(fadesAfterMs),
    mostPerKind,
    fit: fit.map(({ name, when, points: given }) => ({
      name,
      when: writeCondition(when),
      points: given,
    })),
  }
}
