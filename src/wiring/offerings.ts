import type { Intake } from '../leads/intake.ts'
import { tellOfOfferings } from '../leads/offerings.ts'
import type { Log } from '../temporal/log.ts'
import { createLoop, type Loop } from '../temporal/loop.ts'

export interface OfferingsOptions {
  readonly intake: Pick<Intake, 'store' | 'doorbell' | 'now'>
  readonly log: Log
  readonly everyMs?: number
}

const EVERY_MS = 10_000
/** Thirty a minute: a new offering wakes its leads over hours, not at once. */
const AT_ONCE = 5

/** Tells lost leads, a few at a time, that what they wanted is offered now. */
export function createOfferingsLoop({ intake, log, everyMs = EVERY_MS }: OfferingsOptions): Loop {
  return createLoop({
    name: 'offerings',
    log,
    restAfterFailureMs: everyMs,
    turn: async () => {
      const rings = await intake.store.transaction((trx) =>
        tellOfOfferings(trx, { limit: AT_ONCE, now: intake.now() }),
      )
      intake.doorbell.ring(rings)
      if (rings.length > 0) log.info({ leads: rings.length }, 'told of an offering')
      return everyMs
    },
  })
}
