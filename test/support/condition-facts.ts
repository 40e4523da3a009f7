// What conditions are judged by, for tests.
import type { ConditionFacts } from '../../src/domain/cadence/conditions/conditions.ts'
import { DAY_MS, instant, plus } from '../../src/domain/time.ts'

export const NOW = instant(Date.parse('2026-06-10T16:00:00Z'))

/** Facts of a lead in New York that got one email and followed its link. */
export function conditionFacts(
  given: Partial<Omit<ConditionFacts, 'lead'>> & { lead?: Partial<ConditionFacts['lead']> } = {},
): ConditionFacts {
  return {
    now: NOW,
    zone: 'America/New_York',
    score: { points: 0, changesAt: null },
    engaged: {},
    consent: { email: true, sms: true },
    episode: {
      kind: 'nurture',
      startedAt: plus(NOW, -5 * DAY_MS),
      steps: [
        { stepId: 'hello', fate: 'sent', arm: null, at: plus(NOW, -5 * DAY_MS) },
        { stepId: 'hello', fate: 'clicked', arm: null, at: plus(NOW, -2 * DAY_MS) },
        { stepId: 'ab', fate: 'done', arm: 'short', at: plus(NOW, -2 * DAY_MS) },
      ],
      signals: [{ kind: 'custom', name: 'demo', at: plus(NOW, -1 * DAY_MS) }],
    },
    ...given,
    lead: {
      firstName: 'Ada',
      lastName: null,
      company: null,
      email: true,
      phone: false,
      state: null,
      zip: null,
      timezone: null,
      language: null,
      source: 'webform',
      cost: null,
      owner: null,
      tags: [],
      attributes: {},
      status: 'nurturing',
      dead: null,
      createdAt: plus(NOW, -10 * DAY_MS),
      ...given.lead,
    },
  }
}
