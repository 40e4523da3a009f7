import type { EngineRules } from '../domain/company/company.ts'
import { SECOND_MS } from '../domain/time.ts'
import type { Intake } from '../leads/intake.ts'
import { workPublications } from '../leads/publishing/publications.ts'
import type { Log } from '../temporal/log.ts'
import { createLoop, type Loop } from '../temporal/loop.ts'

export interface PublicationsOptions {
  readonly intake: Pick<Intake, 'store' | 'doorbell' | 'now'>
  readonly settings: () => Promise<EngineRules>
  readonly log: Log
  /** How often to look while there is nothing to do, in milliseconds. */
  readonly everyMs?: number
  /** Leads moved in a second; each is woken by that, and plans anew. */
  readonly leadsPerSecond?: number
}

const EVERY_MS = 2 * SECOND_MS
const LEADS_PER_SECOND = 20
/** A little less than the rest between two turns, whose length varies. */
const REST_MS = 750

/**
 * Moves leads under way into the version that was published for them, so many a second, from the
 * rows alone: several processes may each run one, and what a crash interrupts goes on.
 */
export function createPublicationsLoop(options: PublicationsOptions): Loop {
  const { intake, settings, log } = options
  const everyMs = options.everyMs ?? EVERY_MS
  const perSecond = options.leadsPerSecond ?? LEADS_PER_SECOND
  return createLoop({
    name: 'publications',
    log,
    restAfterFailureMs: everyMs,
    turn: async () => {
      const pace = { limit: perSecond, restMs: REST_MS }
      const round = await workPublications(intake, await settings(), pace)
      if (round === null) return everyMs
      log.info({ publication: round.publication, leads: round.leads }, 'moved leads under way')
      return round.over ? 0 : SECOND_MS
    },
  })
}
