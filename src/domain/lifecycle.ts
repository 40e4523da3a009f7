import { DEAD_REASONS, type DeadReason, type LeadStatus } from './lead.ts'
import type { SignalKind } from './signals.ts'

/**
 * The life of a lead as one table: every phase answers every signal. A dead lead's phase carries
 * its reason, because the reason says what may bring it back.
 */
export type Phase = Exclude<LeadStatus, 'dead'> | `dead:${DeadReason}`

export const PHASES: readonly Phase[] = [
  'nurturing',
  'engaged',
  'converted',
  'erased',
  ...DEAD_REASONS.map((reason) => `dead:${reason}` as const),
]

/** Whose wish a revival is decides which limits it meets (revival.ts). */
export type RevivedBy =
  /** The lead's own form: always, whatever the quiet time and the budget say. */
  | 'lead'
  /** A visit, new contact data, a matching offering: within the rules of its dead reason. */
  | 'rule'
  /** Only together with a consent that the lead gave after the opt-out. */
  | 'fresh_consent'
  | 'operator'

/** What a lead in one phase does with one signal. */
export type Answer =
  /** Nothing is stored: the person is erased. */
  | { readonly do: 'ignore'; readonly because: string }
  /** Stored and shown; the plan stays, nobody is rung. */
  | { readonly do: 'record'; readonly because: string }
  /** Stored; the plan is made anew. */
  | { readonly do: 'replan'; readonly because: string }
  /** A person takes over: the episode ends, every channel is quiet, a task is open. */
  | { readonly do: 'engage'; readonly because: string }
  | { readonly do: 'convert'; readonly because: string }
  | { readonly do: 'die'; readonly reason: DeadReason | 'as_said'; readonly because: string }
  /** The signal closes a channel; the lead dies for `reason` when none is left. */
  | { readonly do: 'close_channel'; readonly reason: DeadReason | null; readonly because: string }
  /** What the answer means decides (replies/effect.ts). */
  | { readonly do: 'as_understood'; readonly because: string }
  /** A person says what an answer meant instead. */
  | { readonly do: 'correct'; readonly because: string }
  /** What sales said decides. */
  | { readonly do: 'as_disposed'; readonly because: string }
  | { readonly do: 'enroll'; readonly because: string }
  | { readonly do: 'revive'; readonly by: RevivedBy; readonly because: string }
  | { readonly do: 'check_in'; readonly because: string }
  | { readonly do: 'end_cadence'; readonly because: string }
  | { readonly do: 'hold'; readonly because: string }
  | { readonly do: 'lift'; readonly because: string }
  /** Skip, jump or send now: moves the lead inside its episode. */
  | { readonly do: 'steer'; readonly because: string }
  | { readonly do: 'erase'; readonly because: string }
  | { readonly do: 'to_survivor'; readonly because: string }
  /** Only actions are refused: someone is there to read why. */
  | { readonly do: 'refuse'; readonly because: string; readonly fix: string }

type Row = Readonly<Record<SignalKind, Answer>>

const record = (because: string): Answer => ({ do: 'record', because })
const replan = (because: string): Answer => ({ do: 'replan', because })
const engage = (because: string): Answer => ({ do: 'engage', because })
const refuse = (because: string, fix: string): Answer => ({ do: 'refuse', because, fix })
const revive = (by: RevivedBy, because: string): Answer => ({ do: 'revive', by, because })

const CONVERT: Answer = { do: 'convert', because: 'the lead bought' }
const ERASE: Answer = { do: 'erase', because: 'the person asked to be erased' }
const HOLD: Answer = { do: 'hold', because: 'an operator holds the lead' }
const REST: Answer = { do: 'hold', because: 'the lead asked for a pause' }
const LIFT: Answer = { do: 'lift', because: 'an operator lets the lead go on' }
const STEER: Answer = { do: 'steer', because: 'an operator moves the lead' }
const MARK_DEAD: Answer = { do: 'die', reason: 'as_said', because: 'marked dead' }
const DISPOSED: Answer = { do: 'as_disposed', because: 'sales said what became of the lead' }
const COMPLAINED: Answer = { do: 'die', reason: 'opted_out', because: 'a complaint ends all' }
const OPTED_OUT: Answer = { do: 'close_channel', reason: 'opted_out', because: 'asked to stop' }
const BOUNCED: Answer = {
  do: 'close_channel',
  reason: 'bad_contact_info',
  because: 'the contact point does not work',
}
const CORRECT: Answer = { do: 'correct', because: 'a person says what an answer meant' }
const ENROLL: Answer = { do: 'enroll', because: 'a cadence starts' }

const NURTURING: Row = {
  form: { do: 'enroll', because: 'the lead sent a form; a running cadence goes on' },
  visit: replan('on the website while being nurtured'),
  click: record('a click alone never changes a state'),
  reply: { do: 'as_understood', because: 'the lead answered' },
  call: replan('a call was made'),
  booking: engage('the lead booked a meeting'),
  purchase: CONVERT,
  offering_added: record('the lead is being nurtured already'),
  custom: record('noted'),
  opt_out: OPTED_OUT,
  opt_in: replan('the lead gave consent'),
  hard_bounce: BOUNCED,
  soft_bounce: record('a soft bounce is retried'),
  complaint: COMPLAINED,
  pause_asked: REST,
  contact_changed: replan('the contact data changed'),
  disposition: DISPOSED,
  enroll: ENROLL,
  pause: HOLD,
  resume: LIFT,
  skip: STEER,
  jump: STEER,
  hold: HOLD,
  send_now: STEER,
  mark_dead: MARK_DEAD,
  revive: refuse('the lead is alive', 'Enroll it in another cadence instead.'),
  convert: CONVERT,
  erase: ERASE,
  correct_reply: CORRECT,
  went_silent: record('the lead is being nurtured already'),
  cadence_ended: { do: 'end_cadence', because: 'the cadence ended without an answer' },
  check_in_due: record('the lead is being nurtured already'),
  no_channel_left: { do: 'die', reason: 'bad_contact_info', because: 'no channel is left' },
}

const NOTHING_PLANNED = refuse(
  'nothing is planned for this lead',
  'Enroll it in a cadence first, or revive it.',
)

const TALKING = 'a person is talking with the lead'

const ENGAGED: Row = {
  ...NURTURING,
  form: engage('the lead sent a form to whoever talks with it'),
  visit: record(TALKING),
  call: record('a call was made'),
  booking: engage('the lead booked a meeting'),
  opt_in: record('the lead gave consent'),
  // They may be talking by phone, or answer each other's texts: whoever talks decides.
  hard_bounce: { do: 'close_channel', reason: null, because: 'the contact point does not work' },
  contact_changed: record('the contact data changed'),
  enroll: refuse(TALKING, 'Say what became of it with a disposition first.'),
  skip: NOTHING_PLANNED,
  jump: NOTHING_PLANNED,
  send_now: NOTHING_PLANNED,
  went_silent: { do: 'enroll', because: 'nobody said what became of it, and it went silent' },
  cadence_ended: record(TALKING),
  check_in_due: record(TALKING),
  no_channel_left: record(TALKING),
}

const CONVERTED: Row = {
  ...ENGAGED,
  form: engage('a customer asks again'),
  purchase: record('the customer bought again'),
  opt_out: { do: 'close_channel', reason: null, because: 'asked to stop' },
  complaint: COMPLAINED,
  pause_asked: record('nothing is planned for a customer'),
  enroll: refuse('the lead is a customer', 'Say what became of it with a disposition first.'),
  pause: NOTHING_PLANNED,
  resume: NOTHING_PLANNED,
  hold: NOTHING_PLANNED,
  convert: refuse('the lead has converted already', 'Nothing is left to do.'),
  went_silent: record('the lead is a customer'),
  no_channel_left: record('a customer is not lost for a dead address'),
}

const NEVER_BY_US = 'we never contact this person again by ourselves'

/** What most dead leads do; each reason says below where it differs. */
const DEAD: Row = {
  form: revive('lead', 'a form by the lead always revives'),
  visit: revive('rule', 'the lead came back'),
  click: record('a click counts by the visit that follows'),
  reply: { do: 'as_understood', because: 'the lead wrote' },
  call: record('a call was made'),
  booking: engage('the lead booked a meeting'),
  purchase: CONVERT,
  offering_added: record('not what this lead was lost for'),
  custom: record('noted'),
  opt_out: { do: 'close_channel', reason: 'opted_out', because: 'asked to stop' },
  opt_in: record('the lead gave consent'),
  hard_bounce: { do: 'close_channel', reason: 'bad_contact_info', because: 'it does not work' },
  soft_bounce: record('a soft bounce says nothing'),
  complaint: COMPLAINED,
  // Nothing of ours may bring it back before: a revival waits as well.
  pause_asked: REST,
  contact_changed: record('the contact data changed'),
  disposition: DISPOSED,
  enroll: revive('operator', 'an operator enrolled the lead'),
  pause: NOTHING_PLANNED,
  resume: NOTHING_PLANNED,
  skip: NOTHING_PLANNED,
  jump: NOTHING_PLANNED,
  hold: NOTHING_PLANNED,
  send_now: NOTHING_PLANNED,
  mark_dead: MARK_DEAD,
  revive: revive('operator', 'an operator revived the lead'),
  convert: CONVERT,
  erase: ERASE,
  correct_reply: CORRECT,
  went_silent: record('the lead is dead'),
  cadence_ended: record('the lead is dead'),
  check_in_due: { do: 'check_in', because: 'the planned check-in is due' },
  no_channel_left: record('the lead is dead'),
}

/** Reasons after which only the lead itself may begin again. */
const LEFT_ALONE: Partial<Row> = {
  visit: record(NEVER_BY_US),
  // What stops working later must not turn the reason into one that we may revive for.
  hard_bounce: { do: 'close_channel', reason: null, because: 'the contact point does not work' },
  contact_changed: record(NEVER_BY_US),
  check_in_due: record(NEVER_BY_US),
  enroll: refuse(NEVER_BY_US, 'Wait for a new form or message by the lead.'),
  revive: refuse(NEVER_BY_US, 'Wait for a new form or message by the lead.'),
}

/** The stop is obeyed for ever; what the lead is dead for stays. */
const STAYS_AS_IT_IS: Answer = { do: 'close_channel', reason: null, because: 'asked to stop' }
const TO_SURVIVOR: Answer = { do: 'to_survivor', because: 'the surviving lead takes it' }

const BY_REASON: Readonly<Record<DeadReason, Partial<Row>>> = {
  unresponsive: { contact_changed: revive('rule', 'there is a new way to reach the lead') },
  bad_contact_info: {
    visit: record('there is no way to reach the lead yet'),
    contact_changed: revive('rule', 'there is a new way to reach the lead'),
    check_in_due: record('there is no way to reach the lead'),
  },
  competitor: {},
  no_matching_offering: {
    offering_added: revive('rule', 'an offering was added that may match'),
  },
  not_interested: {},
  postponing: {},
  unqualified: { check_in_due: record('there is no check-in for this reason') },
  hostile: LEFT_ALONE,
  spam: {
    ...LEFT_ALONE,
    form: record('a spammer’s form revives nobody'),
    reply: record('a spammer’s message revives nobody'),
    booking: record('a spammer’s booking revives nobody'),
    opt_out: STAYS_AS_IT_IS,
    revive: revive('operator', 'an operator says it was no spam'),
    enroll: revive('operator', 'an operator says it was no spam'),
  },
  opted_out: {
    ...LEFT_ALONE,
    form: revive('fresh_consent', 'a form revives when it carries fresh consent'),
    opt_in: revive('fresh_consent', 'the lead opted in again'),
    enroll: refuse(
      'the lead opted out of every channel',
      'Only a consent that the lead gives after the opt-out lets it be contacted again.',
    ),
    revive: refuse(
      'the lead opted out of every channel',
      'Only a consent that the lead gives after the opt-out lets it be contacted again.',
    ),
  },
  duplicate: {
    ...LEFT_ALONE,
    opt_out: STAYS_AS_IT_IS,
    pause_asked: TO_SURVIVOR,
    form: TO_SURVIVOR,
    visit: TO_SURVIVOR,
    reply: TO_SURVIVOR,
    booking: TO_SURVIVOR,
    purchase: TO_SURVIVOR,
    call: TO_SURVIVOR,
  },
}

const GONE: Answer = { do: 'ignore', because: 'the person was erased' }
const REFUSED_GONE = refuse(
  'the person was erased',
  'Post the person as a new lead if they return.',
)

const ERASED: Row = {
  form: GONE,
  visit: GONE,
  click: GONE,
  reply: GONE,
  call: GONE,
  booking: GONE,
  purchase: GONE,
  offering_added: GONE,
  custom: GONE,
  opt_out: GONE,
  opt_in: GONE,
  hard_bounce: GONE,
  soft_bounce: GONE,
  complaint: GONE,
  pause_asked: GONE,
  contact_changed: GONE,
  disposition: REFUSED_GONE,
  enroll: REFUSED_GONE,
  pause: REFUSED_GONE,
  resume: REFUSED_GONE,
  skip: REFUSED_GONE,
  jump: REFUSED_GONE,
  hold: REFUSED_GONE,
  send_now: REFUSED_GONE,
  mark_dead: REFUSED_GONE,
  revive: REFUSED_GONE,
  convert: REFUSED_GONE,
  erase: GONE,
  correct_reply: REFUSED_GONE,
  went_silent: GONE,
  cadence_ended: GONE,
  check_in_due: GONE,
  no_channel_left: GONE,
}

/** What a lead in `phase` does with a signal of `kind`. Total: there is always an answer. */
export function answer(phase: Phase, kind: SignalKind): Answer {
  switch (phase) {
    case 'nurturing':
      return NURTURING[kind]
    case 'engaged':
      return ENGAGED[kind]
    case 'converted':
      return CONVERTED[kind]
    case 'erased':
      return ERASED[kind]
    default:
      return BY_REASON[deadReasonOf(phase)][kind] ?? DEAD[kind]
  }
}

/** The phase of a lead with this status; a dead one has a reason. */
export function phaseOf(status: LeadStatus, reason: DeadReason | null): Phase {
  if (status !== 'dead') return status
  if (reason === null) throw new Error('a dead lead without a reason')
  return `dead:${reason}`
}

function deadReasonOf(phase: `dead:${DeadReason}`): DeadReason {
  const reason = DEAD_REASONS.find((each) => phase === `dead:${each}`)
  if (reason === undefined) throw new Error(`no such phase: ${phase}`)
  return reason
}
