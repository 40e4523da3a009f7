import { DAY_MS } from '../time.ts'

/** When an address whose mail keeps coming back "for now" counts as one that does not work. */
export interface BounceRules {
  /** So many soft bounces … */
  readonly softLimit: number
  /** … within so many milliseconds. */
  readonly withinMs: number
}

/** A mailbox that was full or away for three mails in a month is not read. */
export const DEFAULT_BOUNCES: BounceRules = { softLimit: 3, withinMs: 30 * DAY_MS }
