import type { AgentKind } from './agents.ts'
import { SECOND_MS } from './time.ts'

/** One request for a link of a message, and what is known around it. */
export interface Hit {
  /** Of HTTP: only a GET can be a person's. */
  readonly method: string
  readonly agent: AgentKind
  /** A browser or proxy fetches ahead of any person, and says so. */
  readonly prefetch: boolean
  /** Since its message was handed over, in milliseconds; null when it was not sent. */
  readonly sinceSendMs: number | null
  /** Links of the message in all, and how many of them were followed just now, this one included. */
  readonly links: number
  readonly followedJustNow: number
}

export type ClickVerdict =
  | { readonly by: 'person' }
  /** `burst`: all links at once, so those that were followed before it were no person's either. */
  | { readonly by: 'machine'; readonly because: string; readonly burst: boolean }

/** Nobody has read a message this soon after it left. */
const FASTEST_READER_MS = 5 * SECOND_MS
/** How far back a burst looks. */
export const BURST_MS = 10 * SECOND_MS
/** So many links in so short a time is no person's, however many the message has. */
const MOST_LINKS_OF_A_PERSON = 2

/** Whether a person followed the link. In doubt it was a machine: the visit tells the rest. */
export function judgeClick(hit: Hit): ClickVerdict {
  const burst =
    hit.followedJustNow > MOST_LINKS_OF_A_PERSON ||
    (hit.links > 1 && hit.followedJustNow >= hit.links)
  const machine = (because: string): ClickVerdict => ({ by: 'machine', because, burst })
  if (burst) return machine('all links were followed at once, as mail scanners do')
  if (hit.method !== 'GET') return machine(`it was a ${hit.method}, which no browser's click is`)
  if (hit.prefetch) return machine('it was fetched ahead')
  if (hit.agent === 'bot') return machine('it was no browser')
  if (hit.sinceSendMs === null) return machine('its message was never sent')
  if (hit.sinceSendMs < FASTEST_READER_MS) {
    return machine('it came before anybody could have read the message')
  }
  return { by: 'person' }
}
