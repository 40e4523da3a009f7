import type { ReplyRulesOfCadence } from '../../domain/cadence/header-types.ts'
import type { SignalId } from '../../domain/ids.ts'
import { bareDetails, type DeadDetails, type DeadReason } from '../../domain/lead.ts'
import { type Phase, phaseOf } from '../../domain/lifecycle.ts'
import type { Channel } from '../../domain/policy/types.ts'
import { effectOfReply, type ReplyEffect } from '../../domain/replies/effect.ts'
import type { ReplyFacts, ReplyReading } from '../../domain/replies/types.ts'
import type { SignalPayloads } from '../../domain/signals.ts'
import { cadenceVersion } from '../../store/company/cadences.ts'
import { openEpisode } from '../../store/episodes.ts'
import type { Executor } from '../../store/executor.ts'
import { addHold, liftReplyHolds } from '../../store/holds.ts'
import { json } from '../../store/json.ts'
import type { LeadRow } from '../../store/leads.ts'
import { newId } from '../../store/new-id.ts'
import { addTaskTelling } from '../../store/work/tasks.ts'
import { openChannels } from '../open-channels.ts'
import { suppressPerson } from '../stops.ts'
import { type Cause, die, engage } from '../transitions.ts'
import { recordingDeeds } from './reply-deeds.ts'

/** An answer with its meaning, whoever found it: the rules, or a person who corrects them. */
export interface Understood {
  readonly signalId: SignalId
  readonly channel: Channel
  readonly reading: ReplyReading | null
  /** "rules", or who corrected them. */
  readonly by: string
  /** What the whole answer was, when nothing was read. */
  readonly text: string
}

/**
 * Does at once, for a locked lead, whatever its answer stops, and puts on record how it was
 * understood and what that changed. What needs a clock (until when) the planner adds.
 */
export async function understand(
  trx: Executor,
  lead: LeadRow,
  said: Understood,
  cause: Cause,
): Promise<ReplyEffect> {
  const phase: Phase = phaseOf(lead.status, lead.dead_reason)
  const effect = effectOfReply(phase, said.reading, await chosenBy(trx, lead))
  const told: Cause = { ...cause, because: effect.because }
  const did = await recordingDeeds(trx, lead, cause.signalId ?? said.signalId, () =>
    carryOut(trx, lead, said, effect, told),
  )
  const { reading } = said
  await trx
    .insertInto('reply_verdicts')
    .values({
      id: newId('verdict'),
      lead_id: lead.id,
      signal_id: said.signalId,
      made_by: said.by,
      intent: reading?.intent ?? 'unknown',
      detail: reading?.detail ?? null,
      words: wordsOf(said),
      confidence: reading?.confidence ?? 0,
      rule: reading?.rule ?? 'not-read',
      rules_version: reading?.rulesVersion ?? 'none',
      facts: json(reading?.facts ?? null),
      effect: json(effect),
      did: json(did),
      created_at: cause.at,
      asked_at: null,
      until_at: null,
      undone_at: null,
      undone_by: null,
      undone_because: null,
    })
    .execute()
  return effect
}

/** A reply as its signal carries it. */
export function understoodBy(
  signalId: SignalId,
  { channel, reading, text }: SignalPayloads['reply'],
): Understood {
  return { signalId, channel, reading: reading ?? null, by: 'rules', text }
}

async function carryOut(
  trx: Executor,
  lead: LeadRow,
  said: Understood,
  effect: ReplyEffect,
  cause: Cause,
): Promise<void> {
  switch (effect.do) {
    case 'record':
      return
    case 'engage':
      await liftReplyHolds(trx, lead.id, cause)
      await tell(trx, lead, said, 'Answer the lead', cause)
      return engage(trx, lead, cause)
    case 'stop': {
      const channels = said.reading?.facts.stops ?? said.channel
      await suppressPerson(trx, lead, channels, 'opt_out', cause.at, 'answered')
      if (effect.mayDie) await dieIfNoChannel(trx, lead, said, cause)
      return
    }
    case 'silence':
      await suppressPerson(trx, lead, 'all', 'opt_out', cause.at, 'hostile answer')
      if (effect.mayDie) {
        await die(trx, lead, { reason: 'hostile', words: wordsOf(said) }, cause)
      }
      return
    case 'close_point':
      return closePoint(trx, lead, said, effect.mayDie, cause)
    case 'die':
      return die(trx, lead, deathOf(said, effect.reason), cause)
    case 'hold':
      if (effect.for === 'rest') await tell(trx, lead, said, 'Answer the lead', cause)
      // Thanks do not end a "later"; a new "later" does.
      if (effect.for === 'postponed') await liftReplyHolds(trx, lead.id, cause)
      await addHold(trx, {
        scope: 'lead',
        leadId: lead.id,
        key: null,
        kind: 'held_until',
        because: effect.because,
        by: said.by,
        // The planner's clock says until when.
        untilAt: null,
        at: cause.at,
      })
      return
    case 'remind':
      await tell(trx, lead, said, 'Get back to the lead', cause)
      return
  }
}

/** What the person wrote, short enough to be kept beside a reason. */
function wordsOf({ reading, text }: Understood): string {
  return (reading?.visibleText || text).slice(0, 2_000)
}

async function dieIfNoChannel(
  trx: Executor,
  lead: LeadRow,
  said: Understood,
  cause: Cause,
): Promise<void> {
  if ((await openChannels(trx, lead, cause.at)).length > 0) return
  const how = `answer by ${said.channel}`
  await die(trx, lead, { reason: 'opted_out', how, words: wordsOf(said) }, cause)
}

async function closePoint(
  trx: Executor,
  lead: LeadRow,
  said: Understood,
  mayDie: boolean,
  cause: Cause,
): Promise<void> {
  const { channel, reading } = said
  const because = 'somebody else answered'
  const kind = channel === 'email' ? 'email' : 'phone'
  await trx
    .updateTable('contact_points')
    .set({ validity: 'invalid', invalid_because: because })
    .where('lead_id', '=', lead.id)
    .where('kind', '=', kind)
    .where('current', '=', true)
    .execute()
  if (reading?.facts.instead != null) {
    await tell(trx, lead, said, 'They named somebody else to talk with', cause)
  }
  if (!mayDie || (await openChannels(trx, lead, cause.at)).length > 0) return
  const failures = [{ contactPoint: kind, how: because } as const]
  await die(trx, lead, { reason: 'bad_contact_info', failures }, cause)
}

/** What the lead's cadence wants answers to do. */
async function chosenBy(trx: Executor, lead: LeadRow): Promise<ReplyRulesOfCadence> {
  const episode = await openEpisode(trx, lead.episode_id)
  if (episode === null) return {}
  return (await cadenceVersion(trx, episode.cadence_version_id)).onReply ?? {}
}

/** What is recorded beside the reason: what the answer said, unless the cadence chose another. */
function deathOf(said: Understood, chosen: DeadReason | undefined): DeadDetails {
  const own = ownDeath(said)
  return chosen === undefined || chosen === own.reason ? own : bareDetails(chosen)
}

function ownDeath(said: Understood): DeadDetails {
  const facts: ReplyFacts | null = said.reading?.facts ?? null
  switch (said.reading?.intent) {
    case 'competitor':
      return {
        reason: 'competitor',
        competitor: facts?.competitor ?? null,
        why: facts?.why ?? null,
        contractEnds: facts?.contractEnds ?? null,
      }
    case 'no_matching_offering':
      return { reason: 'no_matching_offering', wanted: facts?.wanted ?? null, fault: null }
    case 'unqualified_budget':
      return { reason: 'unqualified', criterion: 'budget' }
    case 'postpone':
      // The planner's clock says until when (finish-replies.ts).
      return { reason: 'postponing', postponements: [] }
    default:
      return { reason: 'not_interested', words: wordsOf(said) }
  }
}

async function tell(
  trx: Executor,
  lead: LeadRow,
  said: Understood,
  title: string,
  cause: Cause,
): Promise<void> {
  const read = said.reading === null ? '' : ` (read as ${said.reading.intent.replaceAll('_', ' ')})`
  await addTaskTelling(trx, {
    leadId: lead.id,
    kind: 'reply',
    title,
    because: `${cause.because}${read}: “${wordsOf(said).slice(0, 500)}”`,
    assignee: lead.owner,
    dueAt: null,
    at: cause.at,
  })
}
