import type { MessageTouchRef, TouchRef } from './contract.ts'

/**
 * Whether a touch is an attempt at a message. What travelled before there were such messages has
 * no version and is an attempt at a step.
 */
export function isOfMessage(touch: TouchRef): touch is MessageTouchRef {
  return touch.v === 2
}
