import { defaultRules, policyRules } from '../policy/settings.ts'
import type {
  BlackoutCalendars,
  ClosedDay,
  CountryPack,
  FrequencyCaps,
  OverrideName,
  PolicyRules,
  PreferredHours,
} from '../policy/types.ts'
import { DEFAULT_REVIVAL, type RevivalRules } from '../revival.ts'
import { DEFAULT_SCORING, type ScoringRules } from '../scoring.ts'
import type { OwnerSender, Sender } from '../senders.ts'
import type { TextPrices } from '../texts.ts'
import { DAY_MS, type Instant } from '../time.ts'
import { type BounceRules, DEFAULT_BOUNCES } from './bounces.ts'
import { DEFAULT_NOTIFICATIONS, type Notifications } from './notifications.ts'
import { DEFAULT_PACE, type PaceSettings } from './pace.ts'
import type { Topic } from './preferences.ts'
import { DEFAULT_TRACKING, type Tracking } from './tracking.ts'

/** Who writes to the leads: what templates, footers and envelopes say of the company. */
export interface Company {
  /** The legal name, for the footer. */
  readonly name: string
  /** What people call it. */
  readonly brand: string
  /** On one line; every marketing email carries it (CAN-SPAM, 15 U.S.C. 7704(a)(5)). */
  readonly postalAddress: string
  readonly website: string
  readonly bookingUrl: string | null
  readonly phone: string | null
  /** IANA zone; tells the time for people of whom no zone is known. */
  readonly timezone: string
  /** The sender of every email, unless `senders` names others. */
  readonly from: { readonly name: string; readonly email: string }
  /** Where answers go; the sender when null. */
  readonly replyTo: string | null
  /** What HELP is answered with: a number, an address or a page; null: `phone`, else `replyTo`. */
  readonly helpContact: string | null
}

/** A named way to be less strict than the shipped reading of the law, and who answers for it. */
export interface PolicyOverride {
  readonly name: OverrideName
  /** In the words of whoever took it. */
  readonly why: string
  readonly by: string
  readonly at: Instant
}

/** Everything a company decides for itself. Durations are milliseconds. */
export interface CompanySettings {
  readonly company: Company
  /** Who emails come from, when it is not the company's one address. */
  readonly senders: readonly Sender[]
  /** null: any hour (the law still binds texts). */
  readonly preferredHours: PreferredHours | null
  readonly closingMarginMs: number
  /** Closed to texts on top of the legal holidays; the note is for the company's own eyes. */
  readonly closedDays: readonly (ClosedDay & { readonly note: string | null })[]
  /** Named spans of days that cadences may keep free of messages. */
  readonly calendars: BlackoutCalendars
  /** Countries besides the United States whose numbers may be texted. */
  readonly countryPacks: readonly CountryPack[]
  readonly overrides: readonly PolicyOverride[]
  readonly caps: FrequencyCaps
  readonly minimumGapMs: number
  /** The cadence of a lead or form that names none. */
  readonly defaultCadence: string
  /** Origins ("https://www.acme.example") whose pages may report visits. */
  readonly trackerOrigins: readonly string[]
  readonly tracking: Tracking
  /** What people may leave in the preference centre; cadences name one. */
  readonly topics: readonly Topic[]
  readonly revival: RevivalRules
  readonly textPrices: TextPrices
  /** Ask the texts' provider what kind of line each captured number is; each question costs. */
  readonly lookUpPhones: boolean
  /** Whom a step that sends as the lead's owner may send as. */
  readonly ownerSenders: readonly OwnerSender[]
  readonly notifications: Notifications
  readonly bounces: BounceRules
  readonly replies: ReplySettings
  readonly watch: WatchRules
  readonly pace: PaceSettings
  readonly scoring: ScoringRules
}

/** What follows from answers, where a company may choose. */
export interface ReplySettings {
  /** How long "later" holds a lead that named no day. */
  readonly postponeForMs: number
  /** The so many-th "later" without movement gives the lead up. */
  readonly mostPostponements: number
  /** How long thanks and 👍 hold a lead. */
  readonly thanksForMs: number
}

/** Who is told when, while nobody says what became of a lead that a person talks with. */
export interface WatchRules {
  readonly remindAfterMs: number
  readonly escalateAfterMs: number
  readonly silentAfterMs: number
  /** The cadence for those who went silent. */
  readonly silentCadence: string
  /** Who gets the escalation; the owner again when null. */
  readonly escalateTo: string | null
}

/** The settings in the terms of those who plan and send. */
export interface EngineRules {
  readonly company: Company
  readonly senders: readonly Sender[]
  readonly ownerSenders: readonly OwnerSender[]
  readonly lookUpPhones: boolean
  readonly policy: PolicyRules
  readonly trackerOrigins: readonly string[]
  readonly tracking: Tracking
  readonly topics: readonly Topic[]
  readonly revival: RevivalRules
  readonly bounces: BounceRules
  readonly replies: ReplySettings
  readonly watch: WatchRules
  readonly pace: PaceSettings
  readonly scoring: ScoringRules
  readonly defaultCadence: string
}

/** A company that does not exist, so that a first start can show whole messages. */
const SAMPLE_COMPANY: Company = {
  name: 'Acme Example, Inc.',
  brand: 'Acme Example',
  postalAddress: '1 Example Street, New York, NY 10001',
  website: 'https://acme.example',
  bookingUrl: null,
  phone: null,
  timezone: 'America/New_York',
  from: { name: 'Acme Example', email: 'hello@acme.example' },
  replyTo: null,
  helpContact: null,
}

const SHIPPED = defaultRules(SAMPLE_COMPANY.timezone)

/** What holds until a company decides otherwise. */
export const DEFAULT_SETTINGS: CompanySettings = {
  company: SAMPLE_COMPANY,
  senders: [],
  preferredHours: SHIPPED.preferredHours,
  closingMarginMs: SHIPPED.closingMarginMs,
  closedDays: [],
  calendars: {},
  countryPacks: [],
  overrides: [],
  caps: SHIPPED.caps,
  minimumGapMs: SHIPPED.minimumGapMs,
  defaultCadence: 'new-lead',
  trackerOrigins: [],
  tracking: DEFAULT_TRACKING,
  topics: [],
  revival: DEFAULT_REVIVAL,
  // Prices differ by contract and country: what is not set is not shown.
  textPrices: { currency: 'USD', perSegment: {} },
  lookUpPhones: false,
  ownerSenders: [],
  notifications: DEFAULT_NOTIFICATIONS,
  bounces: DEFAULT_BOUNCES,
  replies: { postponeForMs: 30 * DAY_MS, mostPostponements: 3, thanksForMs: DAY_MS },
  watch: {
    remindAfterMs: DAY_MS,
    escalateAfterMs: 3 * DAY_MS,
    silentAfterMs: 14 * DAY_MS,
    silentCadence: 'silent-after-reply',
    escalateTo: null,
  },
  pace: DEFAULT_PACE,
  scoring: DEFAULT_SCORING,
}

/** The fields that still speak for the sample company; nothing may go live while there are any. */
export function sampleFieldsOf(company: Company): readonly string[] {
  const texts = {
    name: company.name,
    brand: company.brand,
    postalAddress: company.postalAddress,
    website: company.website,
    'from.email': company.from.email,
  }
  const sample = [SAMPLE_COMPANY.name, SAMPLE_COMPANY.brand, SAMPLE_COMPANY.postalAddress]
  return Object.entries(texts)
    .filter(([, text]) => sample.includes(text) || /\bacme\.example\b/.test(text))
    .map(([field]) => field)
}

/** The settings as planner and send gate use them. */
export function engineRules(settings: CompanySettings): EngineRules {
  const { company, senders, trackerOrigins, tracking, topics, bounces, defaultCadence } = settings
  const { lookUpPhones, ownerSenders, pace, replies, revival, scoring, watch } = settings
  const { preferredHours, closingMarginMs, caps, minimumGapMs } = settings
  const policy = policyRules({
    companyZone: company.timezone,
    closingMarginMs,
    preferredHours,
    caps,
    minimumGapMs,
    calendars: settings.calendars,
    closedDays: settings.closedDays.map(({ date, states }) => ({ date, states })),
    countryPacks: settings.countryPacks,
    overrides: settings.overrides.map(({ name }) => name),
  })
  return {
    company,
    senders,
    ownerSenders,
    lookUpPhones,
    policy,
    trackerOrigins,
    tracking,
    topics,
    revival,
    replies,
    watch,
    pace,
    scoring,
    bounces,
    defaultCadence,
  }
}
