import { stableFraction } from './cadence/hash.ts'
import { DAY_MS, type Instant } from './time.ts'
import { atLocal, type LocalDay, localTime } from './time-zones.ts'

/** One address of the company that emails come from, and how many it may send on one day. */
export interface Sender {
  readonly email: string
  readonly name: string
  /** null: as many as there are. */
  readonly perDay: number | null
  /** A young address earns its reputation slowly: it begins with few and grows to `perDay`. */
  readonly warmUp: WarmUp | null
}

export interface WarmUp {
  /** The first day, as a calendar date in the company's zone: "2026-11-23". */
  readonly since: string
  /** How many on that day; each later day allows a quarter more. */
  readonly from: number
}

/** Whom a step may send as: one owner by address, or every owner with an address of a domain. */
export type OwnerSender =
  | { readonly email: string; readonly name: string }
  | { readonly domain: string }

/**
 * The sender that an owner is, where the company allows it: by name in `owners`, as one of the named
 * senders (whose budget then counts), or by domain. Null for everybody else. `owner` is in its one
 * spelling.
 */
export function senderOfOwner(
  owner: string,
  owners: readonly OwnerSender[],
  senders: readonly Sender[],
): Sender | null {
  const own = senders.find(({ email }) => email === owner)
  const byName = owners.find((each) => 'email' in each && each.email === owner)
  if (byName !== undefined && 'email' in byName) return { ...UNBOUND, ...own, ...byName }
  if (own !== undefined) return own
  const domain = owner.split('@')[1]
  const byDomain = owners.some((each) => 'domain' in each && each.domain === domain)
  return byDomain ? { ...UNBOUND, email: owner, name: nameOfOwner(owner) } : null
}

const UNBOUND = { perDay: null, warmUp: null } as const

/** "sam.doe@acme.example" signs as "Sam Doe", until somebody writes down the name. */
function nameOfOwner(owner: string): string {
  const [local = owner] = owner.split('@')
  return local
    .split(/[._-]+/)
    .filter((part) => part !== '')
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join(' ')
}

/** Mailbox providers advise against more than doubling within a few days; this doubles in three. */
const DAILY_GROWTH = 1.25

/** Everybody that emails may come from: the named senders, else the company's own address. */
export function sendersOf(
  from: { readonly name: string; readonly email: string },
  named: readonly Sender[],
): readonly Sender[] {
  return named.length > 0 ? named : [{ ...from, perDay: null, warmUp: null }]
}

/** The company's calendar day on which a budget counts. */
export function budgetDay(now: Instant, companyZone: string): LocalDay {
  return localTime(now, companyZone).day
}

/** When the next day's budget begins. */
export function nextBudgetAt(now: Instant, companyZone: string): Instant {
  return atLocal(budgetDay(now, companyZone) + 1, 0, companyZone)
}

/** How many emails a sender may send on a day; null: as many as there are. */
export function budgetOn({ perDay, warmUp }: Sender, day: LocalDay): number | null {
  if (warmUp === null) return perDay
  const since = Date.parse(`${warmUp.since}T00:00:00Z`) / DAY_MS
  if (day < since) return 0
  // Far beyond any budget the power would be infinite.
  const grown = Math.floor(warmUp.from * DAILY_GROWTH ** Math.min(day - since, 200))
  return perDay === null ? grown : Math.min(perDay, grown)
}

/**
 * The senders in the order in which a lead should hear from them: whoever wrote to it last, then
 * an order of its own that depends on lead and senders alone. Adding or removing a sender moves
 * only the leads that it concerns (rendezvous hashing).
 */
export function sendersFor(
  leadId: string,
  senders: readonly Sender[],
  lastWrote: string | null,
): readonly Sender[] {
  const weight = ({ email }: Sender) =>
    email === lastWrote ? 2 : stableFraction('sender', leadId, email)
  return [...senders].sort((a, b) => weight(b) - weight(a))
}
