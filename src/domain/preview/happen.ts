import type { Cadence } from '../cadence/types.ts'
import { firstPosition } from '../cadence/walk.ts'
import type { DeadDetails, EpisodeKind } from '../lead.ts'
import { type Answer, answer, phaseOf } from '../lifecycle.ts'
import { CHANNELS, decide } from '../policy/index.ts'
import { checkInAfterDeath, judgeRevival, withCadenceRevival } from '../revival.ts'
import type { SignalKind } from '../signals.ts'
import type { Instant } from '../time.ts'
import { isAwaited } from './flow.ts'
import { type PreviewEpisode, type PreviewLife, reasonOf } from './life.ts'
import type { Happening } from './types.ts'

const KINDS: Readonly<Record<Happening['kind'], SignalKind>> = {
  reply: 'reply',
  visit: 'visit',
  click: 'click',
  custom: 'custom',
  stop: 'opt_out',
}

/** Lets something happen to the lead, by the same lifecycle table that the engine absorbs by. */
export function happen(life: PreviewLife, happening: Happening): void {
  const { at, kind } = happening
  const says = answer(phaseOf(life.status, reasonOf(life)), KINDS[kind])
  remember(life, happening)
  const told = life.events.length
  const effect = apply(life, happening, says)
  life.events.splice(told, 0, { at, kind: 'happened', what: kind, effect })
}

/** What conditions and waits may ask for. */
function remember(life: PreviewLife, happening: Happening): void {
  const { at, kind } = happening
  if (kind === 'stop') return
  const name = kind === 'custom' ? happening.name : null
  const lastEmail = life.sent.findLast(({ channel }) => channel === 'email')
  life.signals.push({ kind, name, step: kind === 'click' ? (lastEmail?.step ?? null) : null, at })
}

function apply(life: PreviewLife, happening: Happening, says: Answer): string {
  const { at } = happening
  switch (says.do) {
    // A preview knows no words: an answer is one that a person takes up.
    case 'engage':
    case 'as_understood':
      leaveEpisode(life)
      become(life, 'engaged', says.because, at)
      return 'a person answers; every channel is quiet'
    case 'revive':
      return reviveByVisit(life, happening)
    case 'close_channel':
      return closeChannel(life, happening, says)
    case 'record':
      return isAwaited(life) ? 'its cadence waits for something' : says.because
    default:
      return says.because
  }
}

function closeChannel(
  life: PreviewLife,
  happening: Happening,
  says: Extract<Answer, { do: 'close_channel' }>,
): string {
  if (happening.kind !== 'stop') return says.because
  const { at, channel } = happening
  life.person = {
    ...life.person,
    suppressions: [...life.person.suppressions, { channel, cause: 'opt_out', at }],
  }
  const open = CHANNELS.filter((each) => {
    const decision = decide(life.person, each, 'marketing', at, life.input.rules.policy)
    return decision.allowed || decision.nextAllowedAt !== null
  })
  if (open.length > 0 || says.reason === null) return `${says.because}: ${channel} ends for ever`
  die(life, { reason: 'opted_out', how: 'preview', words: null }, 'no channel is left', at)
  return `${says.because}, and no channel is left`
}

function reviveByVisit(life: PreviewLife, { at, kind }: Happening): string {
  const { dead, input } = life
  if (dead === null) return 'recorded: the lead is alive'
  const verdict = judgeRevival(
    {
      reason: dead.details.reason,
      deadSince: dead.at,
      revivals: life.revivals,
      by: 'rule',
      signal: KINDS[kind],
      lastSendAt: life.sent.at(-1)?.at ?? null,
      interacted: true,
      byLink: false,
      freshConsent: false,
    },
    at,
    life.revival,
  )
  if (!verdict.revive) return `recorded: ${verdict.because}`
  const cadence = input.cadences.find(({ name }) => name === verdict.cadence)
  if (cadence === undefined) return `recorded: no cadence named ${verdict.cadence} is there`
  life.revivals = [...life.revivals, at]
  startEpisode(life, cadence, 'revival', 'calm', at)
  return `revived into ${cadence.name}`
}

/** Starts a pass through a cadence; what a dead lead was dead for goes with it. */
export function startEpisode(
  life: PreviewLife,
  cadence: Cadence,
  kind: EpisodeKind,
  begun: PreviewEpisode['begun'],
  at: Instant,
): void {
  const first = firstPosition(cadence)
  life.episodes += 1
  if (cadence.revival !== undefined) {
    life.revival = withCadenceRevival(life.input.rules.revival, cadence.revival)
  }
  life.episode = {
    id: life.input.seeds.episode(life.episodes),
    kind,
    cadence,
    begun,
    from: life.dead?.details ?? null,
    position: first.kind === 'step' ? first.position : null,
    anchorAt: at,
    startedAt: at,
    fromSeq: life.signals.length,
    anchorSeq: life.signals.length,
    attempts: [],
  }
  life.status = 'nurturing'
  life.dead = null
  life.checkInAt = null
  life.checkIns = kind === 'check-in' ? life.checkIns + 1 : 0
  life.events.push({ at, kind: 'episode', cadence: cadence.name, because: kind })
}

/** The lead dies; the next check-in is set unless one is spent. */
export function die(life: PreviewLife, details: DeadDetails, because: string, at: Instant): void {
  leaveEpisode(life)
  life.dead = { details, at }
  life.checkInAt = life.checkIns > 0 ? null : checkInAfterDeath(details, at, life.revival)
  become(life, 'dead', because, at)
}

/** A person takes the lead over, with a task. */
export function handOver(life: PreviewLife, title: string, because: string, at: Instant): void {
  leaveEpisode(life)
  become(life, 'engaged', because, at)
  life.events.push({ at, kind: 'task', step: null, title })
}

function leaveEpisode(life: PreviewLife): void {
  life.episode = null
}

function become(
  life: PreviewLife,
  status: PreviewLife['status'],
  because: string,
  at: Instant,
): void {
  life.status = status
  if (status !== 'dead') life.dead = null
  life.events.push({ at, kind: 'became', status, reason: reasonOf(life), because })
}
