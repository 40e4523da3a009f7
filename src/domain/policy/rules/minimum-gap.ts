import { HOUR_MS, type Instant, instant, MINUTE_MS, SECOND_MS } from '../../time.ts'
import { describeLocal } from '../../time-zones.ts'
import { type Rule, type RuleAnswer, type RuleInput, verdictOf } from '../rule.ts'
import type { Channel, PastTouch } from '../types.ts'

/**
 * Two planned touches of one person, over all its leads, cadences and channels, are never closer
 * than the company's minimum gap. A fresh form is answered by email and by text at once: between
 * the first email and the first text of its episode there is none.
 */
export const minimumGap: Rule = (input) => {
  const { messageClass, rules, person } = input
  if (messageClass !== 'marketing') {
    return notApplicable('The gap is kept between planned messages; this one is awaited.')
  }
  if (rules.minimumGapMs === 0) return notApplicable('No gap is asked for.')
  const last = person.recent.find(
    (touch) => touch.messageClass === 'marketing' && !isWaived(touch, input),
  )
  return judge(input, last ?? null)
}

function judge({ now, rules, person, zone }: RuleInput, last: PastTouch | null): RuleAnswer {
  const gapMs = rules.minimumGapMs
  const inputs = { gapMinutes: gapMs / MINUTE_MS, zone: zone.zone }
  const waived = person.recent[0] !== undefined && person.recent[0] !== last
  if (last === null) {
    const because = waived
      ? 'The first email and the first text that answer a form may follow each other at once.'
      : 'Nothing planned has reached this person lately.'
    return { verdict: verdictOf('minimum_gap', 'allow', { because, inputs }), nextOpen: (at) => at }
  }
  const openAt = last.at + gapMs
  const what = last.channel === 'sms' ? 'text' : last.channel
  const when = `The last planned ${what} was ${describeLocal(last.at, zone.zone)}`
  return {
    verdict: verdictOf('minimum_gap', openAt > now ? 'deny' : 'allow', {
      because:
        openAt > now
          ? `${when}, and ${gapWords(gapMs)} are kept until the next: ${describeLocal(instant(openAt), zone.zone)}.`
          : `${when}, longer ago than the ${gapWords(gapMs)} that are kept.`,
      inputs: { ...inputs, last: what },
    }),
    nextOpen: (at: Instant) => instant(Math.max(at, Math.ceil(openAt / SECOND_MS) * SECOND_MS)),
  }
}

/** The first email and the first text of an episode that answers a form. */
function isWaived(touch: PastTouch, { channel, person }: RuleInput): boolean {
  if (!person.freshForm || !touch.inEpisode) return false
  if (touch.channel === channel || touch.channel === 'call') return false
  return countIn(person.recent, touch.channel) === 1 && countIn(person.recent, channel) === 0
}

function countIn(recent: readonly PastTouch[], channel: Channel): number {
  return recent.filter((touch) => touch.inEpisode && touch.channel === channel).length
}

function gapWords(ms: number): string {
  return ms % HOUR_MS === 0 ? `${ms / HOUR_MS} hours` : `${Math.round(ms / MINUTE_MS)} minutes`
}

function notApplicable(because: string): RuleAnswer {
  return { verdict: verdictOf('minimum_gap', 'not_applicable', { because }) }
}
