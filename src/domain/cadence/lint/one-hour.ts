import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../time.ts'
import { minuteOfDay } from '../duration.ts'
import type { CadenceHours, MessageStep, Step } from '../types.ts'
import { messagesOf } from './messages.ts'
import type { LintRule } from './types.ts'

/** Who is never free at that hour is never reached. */
const MESSAGE = 'All messages leave at the same hour of the day: who is busy then is never reached.'

/** So many messages make a habit of an hour. */
const FEWEST = 2

/** A cadence that tries at one and the same hour again and again. */
export const oneHour: LintRule = ({ cadence, rules }) => {
  const messages = messagesOf(cadence)
  if (messages.length < FEWEST) return []
  const hours = cadence.preferredHours ?? rules.preferredHours
  const steps = messages.map(({ step }) => step)
  if (!inOneHour(steps, hours) && !byTheClock(cadence.steps, steps)) return []
  const path = ['steps', messages[1]?.index ?? 0]
  const fix = 'Leave `at` out, which varies the time of day, or give slots at other times.'
  return [{ path, step: null, code: 'one_hour', message: MESSAGE, fix }]
}

/** All that choose their time do so within the same hour. */
function inOneHour(steps: readonly MessageStep[], hours: CadenceHours | null): boolean {
  if (steps.some(({ timing }) => timing.kind === 'asap')) return false
  const slots = steps.flatMap(({ timing }) => {
    if (timing.kind === 'slots') return timing.slots
    return hours === null ? [{ from: '00:00', to: '24:00' }] : [hours]
  })
  const earliest = Math.min(...slots.map(({ from }) => minuteOfDay(from)))
  const latest = Math.max(...slots.map(({ to }) => minuteOfDay(to)))
  return (latest - earliest) * MINUTE_MS <= HOUR_MS
}

/** As soon as whole days are over, each time: the hour of the first is the hour of all. */
function byTheClock(all: readonly Step[], messages: readonly MessageStep[]): boolean {
  const [first, ...others] = messages
  if (first === undefined || others.length < FEWEST) return false
  if (messages.some(({ timing }) => timing.kind !== 'asap')) return false
  const after = all.slice(all.indexOf(first) + 1, all.indexOf(others.at(-1) ?? first) + 1)
  return after.every(
    (step) => 'after' in step && step.after.kind === 'exactly' && step.after.ms % DAY_MS === 0,
  )
}
