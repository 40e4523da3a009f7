import type {
  ConditionFacts,
  Engagement,
  EpisodeHistory,
  StepHappening,
} from '../domain/cadence/conditions/conditions.ts'
import { ASKED_SIGNALS, ENGAGEMENTS } from '../domain/cadence/conditions/conditions.ts'
import type { EngineRules } from '../domain/company/company.ts'
import { bestZone } from '../domain/policy/index.ts'
import { mayMarket } from '../domain/policy/may-market.ts'
import type { PolicyPerson } from '../domain/policy/types.ts'
import { type GivenPoints, type Score, scoreOf } from '../domain/scoring.ts'
import type { Instant } from '../domain/time.ts'
import type { EpisodeRow } from '../store/episodes.ts'
import type { Executor } from '../store/executor.ts'
import type { LeadRow } from '../store/leads.ts'
import { resultsOfEpisode, type StepResult } from '../store/step-results.ts'
import { engagementOf, type PersonSignal, personSignals } from './engagement.ts'

type Rules = Pick<EngineRules, 'policy' | 'revival' | 'scoring'>

/** Everything that conditions may ask of a lead, and its score with its parts. */
export interface Situation {
  readonly facts: ConditionFacts
  readonly score: Score
  /** A click counts from then on, unless it is a scanner's after all; null: there is none. */
  readonly undecidedUntil: Instant | null
}

/** Reads what conditions ask, as of `now`. `episode` is the open one; null: it is in none. */
export async function loadSituation(
  executor: Executor,
  lead: LeadRow,
  person: PolicyPerson,
  episode: EpisodeRow | null,
  now: Instant,
  rules: Rules,
): Promise<Situation> {
  const scannerMs = rules.revival.scannerMs
  const { signals, undecidedUntil } = await personSignals(executor, lead.id, now, scannerMs)
  const history = episode && (await historyOf(executor, episode, signals))
  const base = baseFacts(lead, person, episode, signals, history, now, rules)
  const score = scoreOf(
    engagementOf(signals),
    await givenPoints(executor, lead),
    base,
    rules.scoring,
  )
  return { facts: { ...base, score }, score, undecidedUntil }
}

function baseFacts(
  lead: LeadRow,
  person: PolicyPerson,
  episode: EpisodeRow | null,
  signals: readonly PersonSignal[],
  history: EpisodeHistory | null,
  now: Instant,
  rules: Rules,
): Omit<ConditionFacts, 'score'> {
  return {
    now,
    zone: bestZone(person, rules.policy).zone,
    lead: {
      firstName: lead.first_name,
      lastName: lead.last_name,
      company: lead.company,
      email: person.email !== null,
      phone: person.phone !== null,
      state: lead.state,
      zip: lead.zip,
      timezone: lead.timezone,
      language: lead.language,
      source: lead.source,
      cost:
        lead.cost_amount === null
          ? null
          : { amount: Number(lead.cost_amount), currency: lead.cost_currency ?? 'USD' },
      owner: lead.owner,
      tags: lead.tags,
      attributes: lead.attributes,
      status: lead.status,
      dead: lead.dead_details ?? episode?.from_details ?? null,
      createdAt: lead.created_at,
    },
    engaged: lastOfEach(signals),
    consent: {
      email: mayMarket(person, 'email', now, rules.policy),
      sms: mayMarket(person, 'sms', now, rules.policy),
    },
    episode: history,
  }
}

function lastOfEach(signals: readonly PersonSignal[]): Partial<Record<Engagement, Instant>> {
  return Object.fromEntries(
    ENGAGEMENTS.flatMap((kind) => {
      const last = signals.findLast((signal) => signal.kind === kind)
      return last === undefined ? [] : [[kind, last.at] as const]
    }),
  )
}

async function historyOf(
  executor: Executor,
  episode: EpisodeRow,
  signals: readonly PersonSignal[],
): Promise<EpisodeHistory> {
  const ours = signals.filter(({ seq }) => seq > episode.from_seq)
  return {
    kind: episode.kind,
    startedAt: episode.started_at,
    steps: [
      ...(await resultsOf(executor, episode)),
      ...(await touchesOf(executor, episode, ours)),
      ...(await dropsOf(executor, episode)),
    ],
    signals: ours.flatMap(({ kind, name, at }) => {
      const asked = ASKED_SIGNALS.find((each) => each === kind)
      return asked === undefined ? [] : [{ kind: asked, name, at }]
    }),
  }
}

async function resultsOf(executor: Executor, episode: EpisodeRow): Promise<StepHappening[]> {
  const results = await resultsOfEpisode(executor, episode.id)
  return results.map(({ step_id: stepId, outcome, arm, at }) => {
    return { stepId, fate: FATES[outcome] ?? 'done', arm, at }
  })
}

const FATES: Readonly<Partial<Record<StepResult['outcome'], StepHappening['fate']>>> = {
  came: 'came',
  timed_out: 'timed-out',
  given: 'given',
}

async function touchesOf(
  executor: Executor,
  episode: EpisodeRow,
  signals: readonly PersonSignal[],
): Promise<StepHappening[]> {
  const touches = await executor
    .selectFrom('touches')
    .select(['id', 'step_id', 'state', 'dispatched_at', 'intent_at', 'settled_at'])
    .select(['delivered_at', 'opened_at'])
    .where('episode_id', '=', episode.id)
    .execute()
  return touches.flatMap((touch): StepHappening[] => {
    const { id, step_id: stepId, state } = touch
    if (stepId === null) return []
    const fact = (fate: StepHappening['fate'], at: Instant) => ({ stepId, fate, arm: null, at })
    const leftAt = touch.dispatched_at ?? touch.intent_at
    const clicks = signals.filter(({ kind, touchId }) => kind === 'click' && touchId === id)
    return [
      ...(['sent', 'delivered', 'uncertain'].includes(state) ? [fact('sent', leftAt)] : []),
      ...(touch.delivered_at === null ? [] : [fact('delivered', touch.delivered_at)]),
      ...(touch.opened_at === null ? [] : [fact('opened', touch.opened_at)]),
      ...clicks.map(({ at }) => fact('clicked', at)),
      ...(state === 'failed' ? [fact('failed', touch.settled_at ?? leftAt)] : []),
    ]
  })
}

/** Dropped steps stand in the ledger, as decisions. */
async function dropsOf(executor: Executor, episode: EpisodeRow): Promise<StepHappening[]> {
  const rows = await executor
    .selectFrom('ledger_entries')
    .select(['meta', 'at'])
    .where('lead_id', '=', episode.lead_id)
    .where('kind', '=', 'decision')
    .where('at', '>=', episode.started_at)
    .execute()
  return rows.flatMap(({ meta, at }) =>
    meta.verdict === 'dropped' && meta.episode === episode.id && typeof meta.step === 'string'
      ? [{ stepId: meta.step, fate: 'dropped' as const, arm: null, at }]
      : [],
  )
}

async function givenPoints(executor: Executor, lead: LeadRow): Promise<GivenPoints[]> {
  return executor
    .selectFrom('score_changes')
    .select(['points', 'because', 'at'])
    .where('lead_id', '=', lead.id)
    .orderBy('at')
    .execute()
}
