import { decide, defaultRules } from '../domain/policy/index.ts'
import { CHANNELS, type Channel } from '../domain/policy/types.ts'
import type { Instant } from '../domain/time.ts'
import type { Executor } from '../store/executor.ts'
import type { LeadRow } from '../store/leads.ts'
import { loadPerson } from './people.ts'

/** Only used to ask which channels are closed for good; hours play no part. */
const ANY_RULES = defaultRules('America/New_York')

/** The channels on which time alone could allow a message. */
export async function openChannels(
  trx: Executor,
  lead: LeadRow,
  at: Instant,
): Promise<readonly Channel[]> {
  const { policy } = await loadPerson(trx, lead, at)
  // How often the person was reached, and a stop of ours, say nothing about whether it can be.
  const person = { ...policy, recent: [], stops: [] }
  return CHANNELS.filter((channel) => {
    const decision = decide(person, channel, 'marketing', at, ANY_RULES)
    return decision.allowed || decision.nextAllowedAt !== null
  })
}
