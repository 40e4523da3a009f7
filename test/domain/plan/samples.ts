import type { Cadence, MessageStep, Step, TaskStep } from '../../../src/domain/cadence/types.ts'
import { id } from '../../../src/domain/ids.ts'
import type { EpisodeFacts, PlanFacts } from '../../../src/domain/plan/plan.ts'
import { defaultRules } from '../../../src/domain/policy/index.ts'
import { DAY_MS, HOUR_MS } from '../../../src/domain/time.ts'
import { at, person } from '../policy/people.ts'

/** What the planner is asked about in these tests: one step of each kind, and a lead in it. */

export const RULES = defaultRules('America/New_York')
/** A Monday noon in New York. */
export const NOON = at('2026-11-23T17:00:00Z')

/** An email that is due as soon as the lead comes to it. */
export const emailStep = (more: Partial<MessageStep> = {}): MessageStep => ({
  kind: 'message',
  id: 'hello',
  channel: 'email',
  template: 'hello',
  after: { kind: 'exactly', ms: 0 },
  timing: { kind: 'asap' },
  hours: 'preferred',
  staleAfterMs: null,
  ...more,
})

/** A call that a person makes, an hour after the step before it. */
export const CALL: TaskStep = {
  kind: 'task',
  id: 'call',
  task: 'call',
  title: 'Call',
  after: { kind: 'exactly', ms: HOUR_MS },
  dueInMs: DAY_MS,
}

export const sampleCadence = (steps: readonly Step[], more: Partial<Cadence> = {}): Cadence => ({
  name: 'sample',
  title: 'Sample',
  description: null,
  purpose: 'nurture',
  priority: 50,
  preferredHours: null,
  spreadImportsMs: 0,
  steps,
  end: { outcome: 'dead', reason: 'unresponsive' },
  ...more,
})

/** An episode that came to the first of the steps at noon. */
export const sampleEpisode = (
  steps: readonly Step[],
  more: Partial<EpisodeFacts> = {},
): EpisodeFacts => ({
  id: id('episode_1'),
  kind: 'nurture',
  cadence: sampleCadence(steps),
  begun: 'calm',
  position: { stepId: steps[0]?.id ?? '', visit: 1 },
  anchorAt: NOON,
  pausedMs: 0,
  sendNow: false,
  attempts: [],
  previous: [],
  reachedOut: false,
  ...more,
})

/** A lead that is under way, without an episode until one is given. */
export const planFacts = (more: Partial<PlanFacts> = {}): PlanFacts => ({
  leadId: id('lead_1'),
  status: 'nurturing',
  person: person(),
  holds: [],
  messages: [],
  episode: null,
  checkInAt: null,
  watch: null,
  archiveAt: null,
  rules: RULES,
  ...more,
})
