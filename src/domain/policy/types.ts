import type { LineType } from '../line-types.ts'
import type { Instant } from '../time.ts'

export type Channel = 'email' | 'sms'
export const CHANNELS = ['email', 'sms'] as const satisfies readonly Channel[]

/**
 * What a message is, for the law:
 * marketing: planned by us; transactional: owed to the lead; required: one STOP, START or HELP
 * answer, at any hour; conversation: a person answering a lead's own message.
 */
export type MessageClass = 'marketing' | 'transactional' | 'required' | 'conversation'

export type ConsentBasis = 'express_written' | 'express' | 'implied' | 'none'

export interface Consent {
  readonly channel: Channel
  readonly basis: ConsentBasis
  readonly disclosure: string | null
  readonly at: Instant
  /** Where it was given: a URL or the name of a form or partner. */
  readonly source: string
  /** True when the lead gave it in person (form, START text); false for lists and syncs. */
  readonly byLead: boolean
  /** What it could be proved with; absent: nothing is known of that. */
  readonly evidence?: ConsentEvidence
}

export interface ConsentEvidence {
  /** The version of the disclosure that was shown; null: nobody has defined it. */
  readonly disclosureVersion: number | null
  readonly url: boolean
  readonly ip: boolean
  readonly proof: boolean
  /** The lead's source vouches for it; the lead's own record is not here. */
  readonly attested: boolean
}

/** What is known of a phone number from the national do-not-call list. */
export interface DoNotCallFacts {
  readonly listed: boolean
  /** When the list was taken from the registry; null: none was ever loaded. */
  readonly asOf: Instant | null
  /** The list has numbers of this area code. */
  readonly covered: boolean
}

export interface Suppression {
  /** `all` stops texts and emails: complaint, erasure, hostile. */
  readonly channel: Channel | 'all'
  readonly cause: 'opt_out' | 'complaint' | 'erasure' | 'import' | 'operator' | 'provider'
  readonly at: Instant
}

export interface PolicyContactPoint {
  /** The normalised address or E.164 number. */
  readonly value: string
  readonly validity: 'unknown' | 'valid' | 'invalid' | 'not_capable'
  /** Why it is invalid, as a sentence without the address; null while it is not. */
  readonly invalidBecause: string | null
  /** What the provider says of a number's line; absent: it was not asked, or could not say. */
  readonly lineType?: LineType
}

/** Something that may have reached a person, or is on its way: a message, or a call that was made. */
export interface PastTouch {
  readonly channel: Channel | 'call'
  readonly messageClass: MessageClass
  /** When it left, or was intended. */
  readonly at: Instant
  /** Made in the open episode of the lead that is judged. */
  readonly inEpisode: boolean
}

export const STOP_SCOPES = ['global', 'cadence', 'channel', 'state'] as const
export type StopScope = (typeof STOP_SCOPES)[number]

/** A stop that is on, until a person lifts it. */
export interface EmergencyStop {
  readonly id: string
  readonly scope: StopScope
  /** The cadence's name, the channel, the two-letter state; null when global. */
  readonly key: string | null
  /** What the operator said, without a full stop. */
  readonly because: string
  readonly since: Instant
}

/** Everything the policy knows of one person. All instants UTC. */
export interface PolicyPerson {
  readonly erased: boolean
  readonly email: PolicyContactPoint | null
  readonly phone: PolicyContactPoint | null
  /** Two-letter state as given, e.g. "NY"; not validated yet. */
  readonly state: string | null
  readonly zip: string | null
  /** IANA zone as given; not validated yet. */
  readonly timezone: string | null
  readonly consents: readonly Consent[]
  readonly suppressions: readonly Suppression[]
  /** Topics about which this person wants no planned messages; none when absent. */
  readonly topicsLeft?: readonly string[]
  /** Of the last seven days and of the open episode, by whichever of the person's leads; newest first. */
  readonly recent: readonly PastTouch[]
  /** The lead's open episode answers the lead's own form. */
  readonly freshForm: boolean
  /** Absent: no list was consulted. */
  readonly doNotCall?: DoNotCallFacts
  /** The cadence of the lead's open episode. */
  readonly cadence: string | null
  /** Every emergency stop that is on, whether or not it concerns this person. */
  readonly stops: readonly EmergencyStop[]
}

/** How often a person may be reached. Rolling windows, over all leads and cadences. */
export interface FrequencyCaps {
  /** Texts and calls in 24 hours, as the strictest state law has it: it can only be lowered. */
  readonly textsAndCallsPerDay: number
  /** Marketing touches of all channels, as the company sees fit. */
  readonly touchesPerDay: number
  readonly touchesPerWeek: number
  readonly touchesPerEpisode: number
}

/** Preferred hours of a cadence or company: manners, not law. Local wall time of the lead. */
export interface PreferredHours {
  /** "HH:MM", inclusive. */
  readonly from: string
  /** "HH:MM", exclusive. */
  readonly to: string
  /** ISO weekdays (1 Monday … 7 Sunday) on which a channel rests. */
  readonly restDays: Readonly<Record<Channel, readonly number[]>>
}

/** Countries besides the United States whose numbers a company may text, by a setting. */
export const COUNTRY_PACKS = ['CA'] as const
export type CountryPack = (typeof COUNTRY_PACKS)[number]

/**
 * The only ways to be less strict than the shipped reading, each by its name:
 * address-over-area-code: where the address names a state, the area code's place does not count;
 * consented-texts-federal-hours: texts under written consent keep the federal hours alone, but for
 * the states whose law says that consent lifts nothing.
 */
export const OVERRIDE_NAMES = ['address-over-area-code', 'consented-texts-federal-hours'] as const
export type OverrideName = (typeof OVERRIDE_NAMES)[number]

/** A day on which the company texts nobody, or nobody of some states. */
export interface ClosedDay {
  /** "YYYY-MM-DD", the local day of the recipient. */
  readonly date: string
  /** Two-letter codes; null closes the day everywhere. */
  readonly states: readonly string[] | null
}

/** A span of local days on which a named calendar of the company closes; both days included. */
export interface ClosedSpan {
  /** "YYYY-MM-DD". */
  readonly from: string
  readonly to: string
}

/** The calendars of the settings by name, which cadences keep free of messages. */
export type BlackoutCalendars = Readonly<Record<string, readonly ClosedSpan[]>>

/** On which local days of the lead a cadence's messages leave: manners, not law. */
export interface OpenDays {
  /** Monday to Friday without federal holidays; then `weekdays` say nothing. */
  readonly business: boolean
  /** ISO weekdays; null is every day. */
  readonly weekdays: readonly number[] | null
  readonly closed: readonly (ClosedSpan & { readonly calendar: string })[]
}

/** The rules in force: data, versioned. `now` never lives here. */
export interface PolicyRules {
  readonly version: string
  /** Texts stop this long before a legal window closes. */
  readonly closingMarginMs: number
  /** Days closed to texts on top of the legal holidays, as a governor may proclaim them. */
  readonly closedDays: readonly ClosedDay[]
  readonly countryPacks: readonly CountryPack[]
  readonly overrides: readonly OverrideName[]
  readonly caps: FrequencyCaps
  /** Between two marketing touches of a person, whatever their channels; 0 is none. */
  readonly minimumGapMs: number
  /** null = any hour (the law still applies to texts). */
  readonly preferredHours: PreferredHours | null
  /** What calendars the company has; absent: none. */
  readonly calendars?: BlackoutCalendars
  /** On which days the cadence's messages leave; absent: any. */
  readonly openDays?: OpenDays | null
  /** The company's own IANA zone, for people of whom no zone is known (email only). */
  readonly companyZone: string
  /** What the message is about, where the cadence says so. */
  readonly topic?: string | null
}

export type Verdict = 'allow' | 'deny' | 'not_applicable'

/** One rule's answer, readable by a marketer and by a lawyer. Inputs carry no contact data. */
export interface RuleVerdict {
  readonly rule: RuleName
  readonly verdict: Verdict
  /** One sentence. */
  readonly because: string
  readonly inputs: Readonly<Record<string, string | number | boolean | null | readonly string[]>>
  /** Statute, RFC or vendor page; null for the company's own manners. */
  readonly source: string | null
  /** What a person can do about a denial that time will not lift. */
  readonly fix?: string
}

export const RULE_NAMES = [
  'erased',
  'suppression',
  'topic',
  'consent',
  'do_not_call',
  'contact_point',
  'emergency_stop',
  'frequency_caps',
  'minimum_gap',
  'calling_window',
  'preferred_hours',
] as const
export type RuleName = (typeof RULE_NAMES)[number]

/**
 * The answer to "may we touch this person on this channel now?". `nextAllowedAt` is the first
 * whole second at which every rule allows; null when time alone will not change the answer.
 */
export type Decision =
  | {
      readonly allowed: true
      readonly rules: readonly RuleVerdict[]
      readonly rulesVersion: string
    }
  | {
      readonly allowed: false
      readonly nextAllowedAt: Instant | null
      /** The first rule that denied. */
      readonly deniedBy: RuleName
      readonly rules: readonly RuleVerdict[]
      readonly rulesVersion: string
    }
