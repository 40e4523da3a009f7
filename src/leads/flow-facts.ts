import { ASKED_SIGNALS } from '../domain/cadence/conditions/conditions.ts'
import type { Cadence, Step } from '../domain/cadence/types.ts'
import type { EngineRules } from '../domain/company/company.ts'
import { asksConditions, type CameSignal, type FlowFacts } from '../domain/plan/plan-flow.ts'
import type { PolicyPerson } from '../domain/policy/types.ts'
import type { Instant } from '../domain/time.ts'
import type { EpisodeRow } from '../store/episodes.ts'
import type { Executor } from '../store/executor.ts'
import type { LeadRow } from '../store/leads.ts'
import { resultsOfEpisode } from '../store/step-results.ts'
import { type PersonSignal, personSignals } from './engagement.ts'
import { loadSituation } from './situation.ts'

/**
 * Reads what a step looks at that writes to nobody, and what the cadence's exits and goal ask
 * before any step; null where nothing is looked at.
 */
export async function flowFacts(
  executor: Executor,
  lead: LeadRow,
  person: PolicyPerson,
  episode: EpisodeRow,
  { cadence, step }: { readonly cadence: Cadence; readonly step: Step | undefined },
  now: Instant,
  rules: Pick<EngineRules, 'policy' | 'revival' | 'scoring'>,
): Promise<FlowFacts | null> {
  const asks = asksConditions(cadence, step)
  const writes = step === undefined || step.kind === 'message' || step.kind === 'task'
  if (!asks && writes) return null
  const situation = asks ? await loadSituation(executor, lead, person, episode, now, rules) : null
  const { scannerMs } = rules.revival
  const since =
    step?.kind === 'wait-for' && step.awaited.kind === 'signal'
      ? await personSignals(executor, lead.id, now, scannerMs)
      : null
  return {
    situation: situation?.facts ?? null,
    came: cameSince(since?.signals ?? [], episode),
    undecidedUntil: (since ?? situation)?.undecidedUntil ?? null,
    ...(await doneBefore(executor, episode, step)),
  }
}

function cameSince(signals: readonly PersonSignal[], episode: EpisodeRow): CameSignal[] {
  return signals.flatMap(({ seq, kind, name }) => {
    const asked = ASKED_SIGNALS.find((each) => each === kind)
    return asked === undefined || seq <= episode.anchor_seq ? [] : [{ kind: asked, name }]
  })
}

/** How often the step was left by a jump, and the arm that it gave. */
async function doneBefore(
  executor: Executor,
  episode: EpisodeRow,
  step: Step | undefined,
): Promise<Pick<FlowFacts, 'rounds' | 'arm'>> {
  if (step?.kind !== 'goto' && step?.kind !== 'split') return { rounds: 0, arm: null }
  const results = await resultsOfEpisode(executor, episode.id)
  const own = results.filter(({ step_id }) => step_id === step.id)
  return {
    rounds: own.filter(({ outcome }) => outcome === 'jumped').length,
    arm: own.at(-1)?.arm ?? null,
  }
}
