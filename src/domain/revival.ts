import type { CadenceRevival } from './cadence/header-types.ts'
import type { DeadDetails, DeadReason } from './lead.ts'
import { answer, type RevivedBy } from './lifecycle.ts'
import type { SignalKind } from './signals.ts'
import { DAY_MS, type Instant, MINUTE_MS, plus, toIso } from './time.ts'

const MONTH_MS = 30.44 * DAY_MS

/** When we write to a dead lead by ourselves, once per death. */
export type CheckIn =
  | { readonly kind: 'after'; readonly ms: number }
  /** Near the likely end of the competitor's contract, else after a while. */
  | { readonly kind: 'before_contract_ends'; readonly beforeMs: number; readonly elseMs: number }
  /** No message: a task for a person on the date the lead named. */
  | { readonly kind: 'task_on_named_date' }
  | { readonly kind: 'none' }

/** What of ours may wake a dead lead besides its own forms and messages. */
export const REVIVAL_SIGNALS = ['visit', 'contact_changed', 'offering_added'] as const
export type RevivalSignal = (typeof REVIVAL_SIGNALS)[number]

export interface RevivalRule {
  /** A visit this soon after the death revives nobody; it is recorded and shown to the owner. */
  readonly quietMs: number
  readonly checkIn: CheckIn
  readonly cadence: string
  /** Only these revive, of those that the lifecycle knows for the reason; absent: all of them. */
  readonly signals?: readonly RevivalSignal[]
  /** The cadence of its check-in; that of all reasons when absent. */
  readonly checkInCadence?: string
}

/** What a cadence says otherwise than the company, for leads that died in it. */
export type RevivalOverride = Partial<RevivalRule>

export interface RevivalRules {
  readonly byReason: Readonly<Record<DeadReason, RevivalRule>>
  readonly checkInCadence: string
  /** For leads whose wish an offering answers now; that of their reason while it is not published. */
  readonly offeringCadence: string
  /** At most one revival within this span … */
  readonly minGapMs: number
  /** … and this many in all; then a person decides. */
  readonly maxRevivals: number
  /** A visit this soon after a send may be a scanner following its links. */
  readonly scannerMs: number
  /** A dead lead that slept this long leaves Temporal; a bell starts it anew. */
  readonly archiveAfterMs: number
}

const rule = (quietDays: number, checkIn: CheckIn): RevivalRule => ({
  quietMs: quietDays * DAY_MS,
  checkIn,
  cadence: 'welcome-back',
})
const NONE: CheckIn = { kind: 'none' }

/** Defaults; a company may adjust them. Quiet days and check-ins per dead reason. */
export const DEFAULT_REVIVAL: RevivalRules = {
  byReason: {
    unresponsive: rule(30, { kind: 'after', ms: 6 * MONTH_MS }),
    bad_contact_info: rule(0, NONE),
    competitor: rule(90, {
      kind: 'before_contract_ends',
      beforeMs: 60 * DAY_MS,
      elseMs: 10 * MONTH_MS,
    }),
    no_matching_offering: rule(30, NONE),
    not_interested: rule(180, { kind: 'after', ms: 9 * MONTH_MS }),
    postponing: rule(14, { kind: 'task_on_named_date' }),
    unqualified: rule(90, NONE),
    hostile: rule(0, NONE),
    spam: rule(0, NONE),
    opted_out: rule(0, NONE),
    duplicate: rule(0, NONE),
  },
  checkInCadence: 'check-in',
  offeringCadence: 'now-available',
  minGapMs: 90 * DAY_MS,
  maxRevivals: 3,
  scannerMs: 10 * MINUTE_MS,
  archiveAfterMs: 18 * MONTH_MS,
}

export interface RevivalFacts {
  readonly reason: DeadReason
  readonly deadSince: Instant
  /** Earlier revivals by signal, oldest first. */
  readonly revivals: readonly Instant[]
  readonly by: RevivedBy
  readonly signal: SignalKind
  /** The lead's last message from us; null when there was none. */
  readonly lastSendAt: Instant | null
  /** A person scrolled, clicked or typed during the visit. */
  readonly interacted: boolean
  /** The visit came by a link of our message. */
  readonly byLink: boolean
  /** A consent that the lead gave after the opt-out is on record. */
  readonly freshConsent: boolean
}

export type RevivalVerdict =
  /** `otherwise` is taken where the cadence is not published. */
  | { readonly revive: true; readonly cadence: string; readonly otherwise?: string }
  /** `tell` says who must know: the owner reads it, or a person must decide. */
  | {
      readonly revive: false
      readonly because: string
      readonly tell: 'owner' | 'decide' | 'nobody'
    }

/** Whether this signal brings the dead lead back now. */
export function judgeRevival(
  facts: RevivalFacts,
  now: Instant,
  rules: RevivalRules,
): RevivalVerdict {
  const { cadence, quietMs, signals } = rules.byReason[facts.reason]
  if (facts.by === 'fresh_consent') {
    return facts.freshConsent
      ? { revive: true, cadence }
      : no('the lead opted out, and no consent given after that is on record', 'nobody')
  }
  if (facts.by === 'lead' || facts.by === 'operator') return { revive: true, cadence }
  if (signals?.every((signal) => signal !== facts.signal) === true) {
    return no('this does not revive a lead that was lost for this reason', 'owner')
  }
  const quietUntil = plus(facts.deadSince, quietMs)
  if (facts.signal === 'visit') {
    if (mayBeScanner(facts, now, rules.scannerMs)) {
      return no('it may be a mail scanner’s: no person was seen to act', 'nobody')
    }
    if (now < quietUntil) return no(`within the quiet time until ${toIso(quietUntil)}`, 'owner')
  }
  if (facts.revivals.length >= rules.maxRevivals) {
    return no(`revived ${facts.revivals.length} times already; a person decides`, 'decide')
  }
  const last = facts.revivals.at(-1)
  if (last !== undefined && now < plus(last, rules.minGapMs)) {
    const days = Math.round(rules.minGapMs / DAY_MS)
    return no(`revived already on ${toIso(last)}; at most once in ${days} days`, 'owner')
  }
  if (facts.signal !== 'offering_added') return { revive: true, cadence }
  return { revive: true, cadence: rules.offeringCadence, otherwise: cadence }
}

/**
 * When a lead that dies now is checked in on, and how; null when never. An instant in the past
 * (a contract that ends soon) means as soon as may be.
 */
export function checkInAfterDeath(
  details: DeadDetails,
  diedAt: Instant,
  rules: RevivalRules,
): Instant | null {
  const { checkIn } = rules.byReason[details.reason]
  switch (checkIn.kind) {
    case 'none':
      return null
    case 'after':
      return plus(diedAt, checkIn.ms)
    case 'before_contract_ends': {
      const ends = details.reason === 'competitor' ? dateOf(details.contractEnds) : null
      if (ends === null) return plus(diedAt, checkIn.elseMs)
      return plus(ends, -checkIn.beforeMs)
    }
    case 'task_on_named_date':
      return details.reason === 'postponing' ? (details.postponements.at(-1)?.until ?? null) : null
  }
}

/** The company's rules as a cadence has them for leads that died in it. */
export function withCadenceRevival(
  rules: RevivalRules,
  own: CadenceRevival | undefined,
): RevivalRules {
  if (own === undefined) return rules
  const changed = Object.entries(own.byReason).map(([reason, override]) => [
    reason,
    { ...rules.byReason[reason as DeadReason], ...override },
  ])
  return {
    ...rules,
    byReason: { ...rules.byReason, ...Object.fromEntries(changed) },
    minGapMs: Math.max(rules.minGapMs, own.minGapMs ?? 0),
    maxRevivals: Math.min(rules.maxRevivals, own.maxRevivals ?? rules.maxRevivals),
  }
}

/**
 * True when a lead that goes back to an earlier death has its date behind it: it has just been
 * written to without an answer, and is not checked in on at once.
 */
export function isCheckInPast(details: DeadDetails, now: Instant, rules: RevivalRules): boolean {
  const due = checkInAfterDeath(details, now, rules)
  return due !== null && due <= now
}

/** Whether anything of ours could still wake a lead that died for this reason. */
export function mayComeBack(reason: DeadReason): boolean {
  const signals = ['visit', 'contact_changed', 'offering_added', 'check_in_due'] as const
  return signals.some((signal) => {
    const says = answer(`dead:${reason}`, signal)
    return says.do === 'revive' || says.do === 'check_in'
  })
}

/** Whether a visit at `at` may be a mail scanner's: nobody acted, and our message is behind it. */
export function mayBeScanner(
  visit: Pick<RevivalFacts, 'interacted' | 'byLink' | 'lastSendAt'>,
  at: Instant,
  scannerMs: number,
): boolean {
  if (visit.interacted) return false
  // Scanners follow links at any time, and in browsers that run scripts.
  if (visit.byLink) return true
  return visit.lastSendAt !== null && at - visit.lastSendAt < scannerMs
}

function dateOf(iso: string | null): Instant | null {
  const ms = iso === null ? Number.NaN : Date.parse(iso)
  return Number.isNaN(ms) ? null : (ms as Instant)
}

function no(because: string, tell: 'owner' | 'decide' | 'nobody'): RevivalVerdict {
  return { revive: false, because, tell }
}
