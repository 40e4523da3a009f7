import type { Channel } from '../policy/types.ts'
import type { MessageStep } from './types.ts'

/** The step as it is made on `channel`: its own, or that of its fallback; null for neither. */
export function stepOn(step: MessageStep, channel: Channel): MessageStep | null {
  if (step.channel === channel) return step
  return fallbackOf(step, channel)
}

/** What takes the step's place for a lead that its channel cannot reach; null when nothing does. */
export function fallbackOf(step: MessageStep, channel?: Channel): MessageStep | null {
  const { fallback } = step
  if (fallback?.kind !== 'channel') return null
  if (channel !== undefined && fallback.channel !== channel) return null
  return { ...step, channel: fallback.channel, template: fallback.template }
}
