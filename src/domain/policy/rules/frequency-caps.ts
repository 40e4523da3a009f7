import { DAY_MS, type Instant, instant, SECOND_MS } from '../../time.ts'
import { describeLocal } from '../../time-zones.ts'
import { limitsFile } from '../data.ts'
import { type Rule, type RuleAnswer, type RuleInput, verdictOf } from '../rule.ts'
import type { PastTouch } from '../types.ts'

const WEEK_MS = 7 * DAY_MS

/** The law of no known state asks for it, and a lead may always be where one does. */
const EVERYWHERE = 'the strictest state laws, applied everywhere'

/** One cap on one count of touches. */
interface Cap {
  readonly name: 'textsAndCallsPerDay' | 'touchesPerDay' | 'touchesPerWeek' | 'touchesPerEpisode'
  readonly max: number
  /** null: the open episode, which time does not empty. */
  readonly windowMs: number | null
  readonly source: string | null
  counts(touch: PastTouch): boolean
}

/** How a cap stands at the instant of a decision. */
interface Standing {
  readonly cap: Cap
  readonly count: number
  /** From when on this cap allows, in epoch ms; null: not by time alone. */
  readonly openAt: number | null
}

/**
 * How often a person is reached. By law, texts and calls in any 24 hours; by the company's own
 * measure, marketing touches of all channels in a day, a week and an episode. A window is rolling:
 * a touch leaves it exactly when its span has passed. What was intended counts until it is
 * abandoned, what is uncertain counts for good.
 */
export const frequencyCaps: Rule = (input) => {
  if (input.messageClass === 'required') {
    return notApplicable(
      'The one answer to STOP, START or HELP solicits nothing; no cap counts it.',
    )
  }
  const caps = capsOn(input)
  return caps.length === 0
    ? notApplicable('Caps bind texts, calls and planned messages; this is neither.')
    : judge(input, caps)
}

/**
 * Whether the law leaves room for one more call. The company's own caps do not bind calls, though
 * a call that a cadence asked for counts in them.
 */
export const capOnCalls: Rule = (input) => judge(input, [legalCap(input)])

function judge({ person, now, zone }: RuleInput, caps: readonly Cap[]): RuleAnswer {
  const standings = caps.map((cap) => standingOf(cap, person.recent, now))
  const full = standings.filter(({ openAt }) => openAt === null || openAt > now)
  const inputs = Object.fromEntries(
    standings.map(({ cap, count }) => [cap.name, `${count} of ${cap.max}`]),
  )
  const law = caps.find(({ source }) => source !== null)?.source ?? null
  const timed = standings.every(({ openAt }) => openAt !== null)
  const opensAt = Math.max(...standings.map(({ openAt }) => openAt ?? 0))
  return {
    verdict: verdictOf('frequency_caps', full.length === 0 ? 'allow' : 'deny', {
      because:
        full.length === 0
          ? `${standings.map(countWords).join(', ')} so far.`
          : full.map((one) => fullWords(one, zone.zone)).join(' '),
      inputs: { ...inputs, zone: zone.zone },
      ...(law !== null && { source: law }),
      ...(timed ? {} : { fix: 'Shorten the cadence, or raise the cap per episode.' }),
    }),
    ...(timed && {
      nextOpen: (at: Instant) => instant(Math.max(at, Math.ceil(opensAt / SECOND_MS) * SECOND_MS)),
    }),
  }
}

/** The caps that bind this message. */
function capsOn(input: RuleInput): Cap[] {
  const { channel, messageClass, rules } = input
  const { caps } = rules
  const bound = channel === 'sms' ? [legalCap(input)] : []
  if (messageClass === 'marketing') {
    bound.push(
      companyCap('touchesPerDay', caps.touchesPerDay, DAY_MS, isMarketing),
      companyCap('touchesPerWeek', caps.touchesPerWeek, WEEK_MS, isMarketing),
      companyCap('touchesPerEpisode', caps.touchesPerEpisode, null, isOfEpisode),
    )
  }
  return bound
}

function legalCap({ rules, location }: RuleInput): Cap {
  return {
    name: 'textsAndCallsPerDay',
    // The settings never exceed what the strictest state allows.
    max: rules.caps.textsAndCallsPerDay,
    windowMs: DAY_MS,
    source: sourceOf(location.states),
    counts: isTextOrCall,
  }
}

function companyCap(
  name: Cap['name'],
  max: number,
  windowMs: number | null,
  counts: Cap['counts'],
): Cap {
  return { name, max, windowMs, source: null, counts }
}

function sourceOf(candidates: readonly string[]): string {
  const own = candidates.flatMap((state) => limitsFile.caps[state]?.statute ?? [])
  return own.length === 0 ? EVERYWHERE : own.join('; ')
}

/** Whatever their class: the law knows telephone solicitations, and a person's answer may be one. */
function isTextOrCall({ channel, messageClass }: PastTouch): boolean {
  return channel !== 'email' && messageClass !== 'required'
}

function isMarketing({ messageClass }: PastTouch): boolean {
  return messageClass === 'marketing'
}

function isOfEpisode({ messageClass, inEpisode }: PastTouch): boolean {
  return messageClass === 'marketing' && inEpisode
}

/**
 * How many touches count, and when there is room again: once the `max`-th newest has left the
 * window, fewer than `max` are in it. A touch by another clock that runs ahead counts as well.
 */
function standingOf(cap: Cap, recent: readonly PastTouch[], now: Instant): Standing {
  const { max, windowMs } = cap
  const counted = recent.filter(
    (touch) => cap.counts(touch) && (windowMs === null || touch.at + windowMs > now),
  )
  const pivot = counted[max - 1]
  if (pivot === undefined) return { cap, count: counted.length, openAt: 0 }
  const openAt = windowMs === null ? null : pivot.at + windowMs
  return { cap, count: counted.length, openAt }
}

const THINGS: Readonly<Record<Cap['name'], string>> = {
  textsAndCallsPerDay: 'texts and calls in 24 hours',
  touchesPerDay: 'planned touches in 24 hours',
  touchesPerWeek: 'planned touches in 7 days',
  touchesPerEpisode: 'planned touches in this episode',
}

function countWords({ cap, count }: Standing): string {
  return `${count} of ${cap.max} ${THINGS[cap.name]}`
}

function fullWords({ cap, count, openAt }: Standing, zone: string): string {
  const whose = cap.name === 'textsAndCallsPerDay' ? 'the law allows' : 'the company allows itself'
  const until =
    openAt === null ? '' : `; there is room again ${describeLocal(instant(openAt), zone)}`
  return `This person has had ${count} ${THINGS[cap.name]}, and ${whose} ${cap.max}${until}.`
}

function notApplicable(because: string): RuleAnswer {
  return { verdict: verdictOf('frequency_caps', 'not_applicable', { because }) }
}
