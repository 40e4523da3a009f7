import { domainOf } from '../../domain/contact.ts'
import type { Mailbox } from '../types.ts'

/**
 * The Message-ID of what we send: our own id of it, at the domain of its sender. Receivers compare
 * the two, and a company always has this domain, whether or not it has a public address.
 */
export function messageIdOf(ours: string, from: Pick<Mailbox, 'address'>): string {
  return `<${ours}@${domainOf(from.address)}>`
}
