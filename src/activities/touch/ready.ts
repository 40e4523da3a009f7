import type { Ready } from '../../channels/types.ts'
import type { Choice } from '../../leads/messages/email-senders.ts'
import type { ActivityDeps } from '../deps.ts'

/** Asks the chosen sender's server, or for a text the provider, whether a send can be tried. */
export function readyOf(
  { email, sms }: Pick<ActivityDeps, 'email' | 'sms'>,
  choice: Extract<Choice, { kind: 'chosen' }> | null,
): Promise<Ready> {
  return choice === null ? sms.ready() : email.ready(choice.sender.email)
}
