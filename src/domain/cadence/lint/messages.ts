import { fallbackOf } from '../fallback.ts'
import type { Cadence, MessageStep } from '../types.ts'

export interface PlacedMessage {
  readonly step: MessageStep
  /** Its place in the list of steps. */
  readonly index: number
}

/** The steps that write to the lead. */
export function messagesOf({ steps }: Cadence): readonly PlacedMessage[] {
  return steps.flatMap((step, index) => (step.kind === 'message' ? [{ step, index }] : []))
}

/** The step as itself, and as what its fallback makes of it. */
export function waysOf(step: MessageStep): readonly MessageStep[] {
  const other = fallbackOf(step)
  return other === null ? [step] : [step, other]
}

/** A channel as marketers say it. */
export function channelWords(channel: 'email' | 'sms', many = true): string {
  if (channel === 'email') return many ? 'emails' : 'email'
  return many ? 'texts' : 'text'
}
