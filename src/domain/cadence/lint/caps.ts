import { DAY_MS } from '../../time.ts'
import { writeDuration } from '../duration.ts'
import type { Step } from '../types.ts'
import { messagesOf, type PlacedMessage } from './messages.ts'
import { isStraight } from './reach.ts'
import type { Finding, LintInput, LintRule } from './types.ts'

/** How much later than its delay a varied time may be: two days, and one of rest. */
const SLACK_MS = 3 * DAY_MS

/**
 * Steps that a cap drops for every lead that gets all the messages before: beyond the cap of an
 * episode, or too soon after the others to wait for room without growing stale.
 */
export const capDrops: LintRule = (input) => {
  if (!isStraight(input.cadence)) return []
  const messages = messagesOf(input.cadence)
  return messages.flatMap((message, nth) => {
    const found = beyondEpisode(input, message, nth) ?? tooSoon(input, messages, nth)
    return found === null ? [] : [found]
  })
}

function beyondEpisode({ rules }: LintInput, { step, index }: PlacedMessage, nth: number) {
  const { touchesPerEpisode } = rules.caps
  if (nth < touchesPerEpisode) return null
  return {
    path: ['steps', index],
    step: step.id,
    code: 'cap_drops_step' as const,
    message: `This is message ${nth + 1}, and the cap is ${touchesPerEpisode} in an episode: it is always dropped.`,
    fix: 'Shorten the cadence, or raise caps.touchesPerEpisode in the settings.',
  }
}

function tooSoon(
  { rules, cadence }: LintInput,
  messages: readonly PlacedMessage[],
  nth: number,
): Finding | null {
  const message = messages[nth]
  if (message === undefined) return null
  const { step, index } = message
  if (step.staleAfterMs === null || step.whenStale?.kind === 'send') return null
  for (const { max, windowMs, name, counts } of capsOf(rules, step.channel)) {
    const earlier = messages.slice(0, nth).filter(counts)
    const oldest = earlier[earlier.length - max]
    if (oldest === undefined) continue
    const apartMs = mostBetween(cadence.steps, oldest.index, index)
    if (windowMs - apartMs <= step.staleAfterMs) continue
    return {
      path: ['steps', index, 'stale-after'],
      step: step.id,
      code: 'cap_drops_step',
      message: `At most ${max} ${name}: the step waits for room longer than its stale-after ${writeDuration(step.staleAfterMs)}, and is dropped.`,
      fix: 'Let more time pass before it, or let it be later.',
    }
  }
  return null
}

function capsOf(rules: LintInput['rules'], channel: 'email' | 'sms') {
  const { textsAndCallsPerDay, touchesPerDay, touchesPerWeek } = rules.caps
  const any = () => true
  const law = {
    max: textsAndCallsPerDay,
    windowMs: DAY_MS,
    name: 'texts in 24 hours',
    counts: ({ step }: PlacedMessage) => step.channel === 'sms',
  }
  return [
    ...(channel === 'sms' ? [law] : []),
    { max: touchesPerDay, windowMs: DAY_MS, name: 'messages in 24 hours', counts: any },
    { max: touchesPerWeek, windowMs: 7 * DAY_MS, name: 'messages in 7 days', counts: any },
  ]
}

/** The most time that can lie between two steps, while all goes as planned. */
function mostBetween(steps: readonly Step[], from: number, to: number): number {
  return steps.slice(from + 1, to + 1).reduce((sum, step) => sum + mostMs(step), 0)
}

function mostMs(step: Step): number {
  const delayMs = step.after.kind === 'exactly' ? step.after.ms : step.after.maxMs
  if (step.kind === 'wait-for') return delayMs + step.timeoutMs
  if (step.kind === 'wait' && step.until !== null) return Number.POSITIVE_INFINITY
  if (step.onDate !== undefined) return Number.POSITIVE_INFINITY
  const varies = step.kind === 'message' && step.timing.kind !== 'asap'
  return delayMs + (varies ? SLACK_MS : 0)
}
