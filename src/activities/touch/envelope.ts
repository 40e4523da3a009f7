import { tokenAddress } from '../../channels/email/addresses.ts'
import type { Mailbox } from '../../channels/types.ts'
import type { Company } from '../../domain/company/company.ts'
import type { EpisodeId } from '../../domain/ids.ts'
import type { Sender } from '../../domain/senders.ts'
import type { Budget } from '../../leads/messages/email-senders.ts'
import type { Executor } from '../../store/executor.ts'
import { emailsOfEpisode } from '../../store/touches.ts'
import type { Draft } from './draft.ts'

/** What stands around an email's words: who it is from, where answers go, what it continues. */
export interface Envelope {
  readonly from: Mailbox
  readonly budget: Budget | null
  /** Why it is from somebody else than the step asked for; null when it is not. */
  readonly senderBecause: string | null
  readonly replyTo: Mailbox | null
  /** Where bounces of this very message go (VERP); null: to the sender. */
  readonly returnPath: string | null
  readonly inReplyTo: string | null
  /** Oldest first. */
  readonly references: readonly string[]
}

/** RFC 5322 asks for the first and the newest when the chain gets long. */
const MOST_REFERENCES = 10

export interface EnvelopeParts {
  readonly sender: Sender
  readonly budget: Budget | null
  readonly because?: string
  /** It comes from the lead's owner. */
  readonly asOwner?: boolean
  readonly company: Company
  readonly episodeId: EpisodeId | null
  /** What a person's email answers: the thread that it goes on. */
  readonly thread?: readonly string[]
  readonly contactHash: string
  /** The domain whose mail comes back to us; null: bounces and answers go to the sender. */
  readonly inboundDomain: string | null
}

/**
 * The envelope of the next email of an episode. With an inbound domain, bounces and answers come
 * to addresses that name this message by a token; each email continues the thread of those that
 * went to the same address in the same episode before.
 */
export async function envelopeFor(
  executor: Executor,
  draft: Draft,
  parts: EnvelopeParts,
): Promise<Envelope> {
  const { sender, company, inboundDomain: domain, episodeId } = parts
  const earlier =
    episodeId === null
      ? (parts.thread ?? [])
      : await emailsOfEpisode(executor, episodeId, parts.contactHash)
  return {
    from: { address: sender.email, name: sender.name },
    budget: parts.budget,
    senderBecause: parts.because ?? null,
    replyTo: replyTo(draft, parts),
    returnPath:
      domain === null
        ? // An owner's mailbox is not read here: what comes back comes to the company.
          parts.asOwner === true
          ? company.from.email
          : null
        : tokenAddress({ purpose: 'bounce', token: draft.mailbox('bounce') }, domain),
    inReplyTo: earlier.at(-1) ?? null,
    references: shortened(earlier),
  }
}

function replyTo(draft: Draft, parts: EnvelopeParts): Mailbox | null {
  const { company, sender, inboundDomain: domain } = parts
  if (domain === null) return company.replyTo === null ? null : { address: company.replyTo }
  const address = tokenAddress({ purpose: 'reply', token: draft.mailbox('reply') }, domain)
  return { address, name: parts.asOwner === true ? sender.name : company.brand }
}

function shortened(ids: readonly string[]): readonly string[] {
  if (ids.length <= MOST_REFERENCES) return ids
  return [...ids.slice(0, 1), ...ids.slice(1 - MOST_REFERENCES)]
}
