import type { EngineRules } from '../../domain/company/company.ts'
import type { Postponement } from '../../domain/lead.ts'
import { bestZone } from '../../domain/policy/index.ts'
import { dayNamed } from '../../domain/replies/dates.ts'
import { type Instant, instant, plus } from '../../domain/time.ts'
import { describeLocal } from '../../domain/time-zones.ts'
import type { Executor } from '../../store/executor.ts'
import { json } from '../../store/json.ts'
import { type LeadRow, patchLead } from '../../store/leads.ts'
import {
  newVerdicts,
  postponementsSince,
  type ReplyVerdict,
} from '../../store/work/reply-verdicts.ts'
import { loadPerson } from '../people.ts'
import { die, watchFrom } from '../transitions.ts'
import { joinDeeds, recordingDeeds } from './reply-deeds.ts'

export type ReplyRulesInForce = Pick<EngineRules, 'policy' | 'replies'>

/**
 * Adds to new verdicts what needs the planner's clock: until when the lead rests, and whether
 * "later" was said too often. Answers what they did, in words; null when there are none.
 */
export async function finishReplies(
  trx: Executor,
  lead: LeadRow,
  now: Instant,
  rules: ReplyRulesInForce,
): Promise<string | null> {
  const verdicts = await newVerdicts(trx, lead.id)
  if (verdicts.length === 0) return null
  const { policy } = await loadPerson(trx, lead, now)
  const { zone } = bestZone(policy, rules.policy)
  const told: string[] = []
  for (const verdict of verdicts) told.push(await finish(trx, lead, verdict, now, zone, rules))
  return told.join('; ')
}

async function finish(
  trx: Executor,
  lead: LeadRow,
  verdict: ReplyVerdict,
  now: Instant,
  zone: string,
  rules: ReplyRulesInForce,
): Promise<string> {
  const until = untilOf(verdict, now, zone, rules)
  await trx
    .updateTable('reply_verdicts')
    .set({
      asked_at: now,
      until_at: until?.at ?? null,
      ...(until !== null && until.day !== null && { detail: until.day }),
    })
    .where('id', '=', verdict.id)
    .execute()
  const { effect } = verdict
  const words = `${effect.because} (${verdict.intent}, by ${verdict.rule})`
  if (until === null) return words
  if (effect.do === 'die') {
    const postponements = [{ askedAt: now, until: until.at }]
    await patchLead(trx, lead, { dead_details: json({ reason: 'postponing', postponements }) })
  }
  if (effect.do === 'remind') {
    await trx
      .updateTable('tasks')
      .set({ due_at: until.at })
      .where('lead_id', '=', lead.id)
      .where('kind', '=', 'reply')
      .where('done_at', 'is', null)
      .execute()
    await watchFrom(trx, lead, until.at)
  }
  if (effect.do === 'hold') {
    if (verdict.did.holds.length > 0) {
      await trx
        .updateTable('holds')
        .set({ until_at: until.at })
        .where('id', 'in', [...verdict.did.holds])
        .execute()
    }
    if (effect.for === 'postponed' && (await giveUpIfEndless(trx, lead, verdict, now, rules))) {
      return `${words}: once too often`
    }
  }
  return `${words}, until ${describeLocal(until.at, zone)}`
}

interface Until {
  readonly at: Instant
  readonly day: string | null
}

/** Until when the answer lets the lead rest; null when it does not. */
function untilOf(
  { effect, intent, words, facts, rule }: ReplyVerdict,
  now: Instant,
  zone: string,
  { replies }: ReplyRulesInForce,
): Until | null {
  const dies = effect.do === 'die' && intent === 'postpone'
  if (effect.do !== 'hold' && effect.do !== 'remind' && !dies) return null
  if (effect.do === 'hold' && effect.for === 'thanks') {
    return { at: plus(now, effect.forMs ?? replies.thanksForMs), day: null }
  }
  const forMs = effect.do === 'hold' ? effect.forMs : undefined
  if (effect.do === 'hold' && effect.for === 'rest') {
    return { at: plus(now, forMs ?? replies.postponeForMs), day: null }
  }
  // A person who corrects a verdict writes the day; else the answer names it.
  const corrected = rule === 'corrected' ? (facts?.day ?? null) : null
  const said = dayNamed(corrected ?? words ?? '', { at: now, zone })
  if (said !== null && said.at > now) return { at: said.at, day: said.iso }
  if (effect.do === 'hold' && effect.for === 'away') {
    return { at: plus(now, forMs ?? 0), day: null }
  }
  return { at: plus(now, forMs ?? replies.postponeForMs), day: null }
}

/** The so many-th "later", with nothing else in between, is endless postponing. */
async function giveUpIfEndless(
  trx: Executor,
  lead: LeadRow,
  verdict: ReplyVerdict,
  now: Instant,
  { replies }: ReplyRulesInForce,
): Promise<boolean> {
  if (lead.status !== 'nurturing') return false
  const postponements = await postponementsOf(trx, lead)
  if (postponements.length < replies.mostPostponements) return false
  const because = `asked for later ${postponements.length} times`
  const cause = { kind: 'reply', signalId: verdict.signal_id, because, at: now } as const
  const did = await recordingDeeds(trx, lead, verdict.signal_id, () =>
    die(trx, lead, { reason: 'postponing', postponements }, cause),
  )
  await trx
    .updateTable('reply_verdicts')
    .set({ did: json(joinDeeds(verdict.did, did)) })
    .where('id', '=', verdict.id)
    .execute()
  return true
}

/** What counts as movement: a lead that does one of these is not postponing endlessly. */
const MOVEMENTS = ['form', 'booking', 'purchase', 'revive', 'convert', 'enroll'] as const

/** Every "later" since the lead last moved: by its answers, and as sales told it. */
async function postponementsOf(trx: Executor, lead: LeadRow): Promise<Postponement[]> {
  const since = await lastMovement(trx, lead)
  const said = await postponementsSince(trx, lead.id, since)
  const told = await trx
    .selectFrom('signals')
    .select(['payload', 'processed_at'])
    .where('lead_id', '=', lead.id)
    .where('kind', '=', 'disposition')
    .where('processed_at', '>', since)
    .execute()
  const bySales = told.flatMap(({ payload, processed_at }) =>
    payload.outcome === 'later' && typeof payload.until === 'number' && processed_at !== null
      ? [{ askedAt: processed_at, until: instant(payload.until) }]
      : [],
  )
  const byLead = said.flatMap(({ asked_at, until_at }) =>
    asked_at === null ? [] : [{ askedAt: asked_at, until: until_at ?? asked_at }],
  )
  return [...byLead, ...bySales].toSorted((a, b) => a.askedAt - b.askedAt)
}

async function lastMovement(trx: Executor, lead: LeadRow): Promise<Instant> {
  const signal = await trx
    .selectFrom('signals')
    .select(({ fn }) => fn.max('processed_at').as('at'))
    .where('lead_id', '=', lead.id)
    .where('kind', 'in', [...MOVEMENTS])
    .executeTakeFirst()
  const answer = await trx
    .selectFrom('reply_verdicts')
    .select(({ fn }) => fn.max('asked_at').as('at'))
    .where('lead_id', '=', lead.id)
    .where('intent', 'in', ['interested', 'question'])
    .where('undone_at', 'is', null)
    .executeTakeFirst()
  return instant(Math.max(Number(signal?.at ?? 0), Number(answer?.at ?? 0)))
}
