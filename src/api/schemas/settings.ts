import { z } from 'zod'
import { TIME_PATTERN, writeDuration } from '../../domain/cadence/duration.ts'
import type { CompanySettings } from '../../domain/company/company.ts'
import type { Tracking } from '../../domain/company/tracking.ts'
import { DEAD_REASONS } from '../../domain/lead.ts'
import { MOST_TEXTS_AND_CALLS_PER_DAY } from '../../domain/policy/index.ts'
import type { FrequencyCaps } from '../../domain/policy/types.ts'
import type { CheckIn, RevivalRule, RevivalRules } from '../../domain/revival.ts'
import type { Instant } from '../../domain/time.ts'
import { calendarsSchema } from './calendars.ts'
import { optionalText, text } from './common.ts'
import {
  companySchema,
  companyWith,
  host,
  ownerSenderOf,
  ownerSendersSchema,
  senderOf,
  sendersSchema,
} from './company.ts'
import { duration } from './duration.ts'
import { notificationsSchema, notificationsView, notificationsWith } from './notifications.ts'
import { paceSchema, paceWith } from './pace.ts'
import { overridesView, policyFields, policySettingsWith } from './policy-settings.ts'
import { scoringSchema, scoringView, scoringWith } from './scoring.ts'

const time = z.string().regex(new RegExp(TIME_PATTERN), 'Write a time of day such as 09:00.')
const origin = z
  .string()
  .max(300)
  .refine(isOrigin, 'Write an origin without a path, such as https://www.acme.example.')
const cap = (most: number) => z.int().min(1).max(most).optional()
const weekdays = z.array(z.int().min(1).max(7)).max(6)

/** More would be no cap. */
const MOST_TOUCHES = 100

const checkIn = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({ kind: z.literal('task_on_named_date') }),
  z.strictObject({ kind: z.literal('after'), after: duration }),
  z.strictObject({ kind: z.literal('before_contract_ends'), before: duration, else: duration }),
])

const revivalRule = z.strictObject({
  quiet: duration.optional(),
  checkIn: checkIn.optional(),
  cadence: text(100).optional(),
})

const byReason = z.strictObject(
  Object.fromEntries(DEAD_REASONS.map((reason) => [reason, revivalRule.optional()])),
)

/** What may be set; whatever is absent stays as it is. */
export const settingsSchema = z.strictObject({
  company: companySchema.optional(),
  senders: sendersSchema.optional(),
  lookUpPhones: z.boolean().optional(),
  ownerSenders: ownerSendersSchema.optional(),
  preferredHours: z
    .strictObject({
      from: time,
      to: time,
      restDays: z.strictObject({ email: weekdays, sms: weekdays }).optional(),
    })
    .refine(({ from, to }) => from < to, 'The hours must end after they begin.')
    .nullish(),
  closingMargin: duration.optional(),
  ...policyFields,
  calendars: calendarsSchema.optional(),
  scoring: scoringSchema.optional(),
  caps: z
    .strictObject({
      // The strictest state law's; it holds everywhere, and may only be made stricter.
      textsAndCallsPerDay: cap(MOST_TEXTS_AND_CALLS_PER_DAY),
      touchesPerDay: cap(MOST_TOUCHES),
      touchesPerWeek: cap(MOST_TOUCHES),
      touchesPerEpisode: cap(MOST_TOUCHES),
    })
    .optional(),
  minimumGap: duration.optional(),
  defaultCadence: text(100).optional(),
  trackerOrigins: z.array(origin).max(50).optional(),
  topics: z
    .array(
      z.strictObject({
        id: z
          .string()
          .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'Write small letters, digits and hyphens.')
          .max(50),
        title: text(100),
      }),
    )
    .max(20)
    .refine((topics) => new Set(topics.map(({ id }) => id)).size === topics.length, {
      error: 'Name each topic once.',
    })
    .optional(),
  tracking: z
    .strictObject({
      opens: z.boolean().optional(),
      linkUrl: origin.nullish(),
      linkHosts: z.array(host).max(100).optional(),
    })
    .optional(),
  notifications: notificationsSchema.optional(),
  textPrices: z
    .strictObject({
      currency: z.string().regex(/^[A-Z]{3}$/, 'Write a currency such as USD.'),
      perSegment: z.record(
        z.string().regex(/^\+\d{1,7}$/, 'Write a dialling prefix such as +1.'),
        z.string().regex(/^\d{1,4}(\.\d{1,6})?$/, 'Write a price such as 0.0083.'),
      ),
    })
    .optional(),
  revival: z
    .strictObject({
      byReason: byReason.optional(),
      checkInCadence: text(100).optional(),
      offeringCadence: text(100).optional(),
      minGap: duration.optional(),
      maxRevivals: z.int().min(0).max(20).optional(),
    })
    .optional(),
  bounces: z
    .strictObject({ softLimit: z.int().min(1).max(50).optional(), within: duration.optional() })
    .optional(),
  replies: z
    .strictObject({
      postponeFor: duration.optional(),
      mostPostponements: z.int().min(1).max(20).optional(),
      thanksFor: duration.optional(),
    })
    .optional(),
  watch: z
    .strictObject({
      remindAfter: duration.optional(),
      escalateAfter: duration.optional(),
      silentAfter: duration.optional(),
      silentCadence: text(100).optional(),
      escalateTo: optionalText(300),
    })
    .optional(),
  pace: paceSchema.optional(),
})

type Given = z.output<typeof settingsSchema>

/** The settings with what `who` gave laid over them. */
export function settingsWith(
  settings: CompanySettings,
  given: Given,
  who: string,
  now: Instant,
): CompanySettings {
  const { company, preferredHours: hours, revival, bounces, replies, watch } = given
  return {
    company: companyWith(settings.company, company),
    senders: given.senders === undefined ? settings.senders : given.senders.map(senderOf),
    preferredHours:
      hours === undefined
        ? settings.preferredHours
        : hours && {
            from: hours.from,
            to: hours.to,
            restDays: hours.restDays ??
              settings.preferredHours?.restDays ?? { email: [], sms: [7] },
          },
    closingMarginMs: given.closingMargin ?? settings.closingMarginMs,
    ...policySettingsWith(settings, given, who, now),
    calendars: given.calendars ?? settings.calendars,
    scoring: scoringWith(settings.scoring, given.scoring),
    caps: capsWith(settings.caps, given.caps),
    minimumGapMs: given.minimumGap ?? settings.minimumGapMs,
    defaultCadence: given.defaultCadence ?? settings.defaultCadence,
    trackerOrigins: given.trackerOrigins ?? settings.trackerOrigins,
    topics: given.topics ?? settings.topics,
    tracking: trackingWith(settings.tracking, given.tracking),
    notifications: notificationsWith(settings.notifications, given.notifications),
    textPrices: given.textPrices ?? settings.textPrices,
    lookUpPhones: given.lookUpPhones ?? settings.lookUpPhones,
    ownerSenders: given.ownerSenders?.map(ownerSenderOf) ?? settings.ownerSenders,
    revival: revival === undefined ? settings.revival : revivalWith(settings.revival, revival),
    bounces: {
      softLimit: bounces?.softLimit ?? settings.bounces.softLimit,
      withinMs: bounces?.within ?? settings.bounces.withinMs,
    },
    replies: {
      postponeForMs: replies?.postponeFor ?? settings.replies.postponeForMs,
      mostPostponements: replies?.mostPostponements ?? settings.replies.mostPostponements,
      thanksForMs: replies?.thanksFor ?? settings.replies.thanksForMs,
    },
    watch: {
      remindAfterMs: watch?.remindAfter ?? settings.watch.remindAfterMs,
      escalateAfterMs: watch?.escalateAfter ?? settings.watch.escalateAfterMs,
      silentAfterMs: watch?.silentAfter ?? settings.watch.silentAfterMs,
      silentCadence: watch?.silentCadence ?? settings.watch.silentCadence,
      escalateTo: watch?.escalateTo === undefined ? settings.watch.escalateTo : watch.escalateTo,
    },
    pace: paceWith(settings.pace, given.pace),
  }
}

function trackingWith(tracking: Tracking, given: Given['tracking']): Tracking {
  if (given === undefined) return tracking
  return {
    opens: given.opens ?? tracking.opens,
    linkUrl: given.linkUrl === undefined ? tracking.linkUrl : given.linkUrl,
    linkHosts: given.linkHosts ?? tracking.linkHosts,
  }
}

function capsWith(caps: FrequencyCaps, given: Given['caps']): FrequencyCaps {
  return {
    textsAndCallsPerDay: given?.textsAndCallsPerDay ?? caps.textsAndCallsPerDay,
    touchesPerDay: given?.touchesPerDay ?? caps.touchesPerDay,
    touchesPerWeek: given?.touchesPerWeek ?? caps.touchesPerWeek,
    touchesPerEpisode: given?.touchesPerEpisode ?? caps.touchesPerEpisode,
  }
}

function revivalWith(rules: RevivalRules, given: NonNullable<Given['revival']>): RevivalRules {
  const changed = Object.fromEntries(
    DEAD_REASONS.map((reason) => [
      reason,
      ruleWith(rules.byReason[reason], given.byReason?.[reason]),
    ]),
  )
  return {
    ...rules,
    byReason: { ...rules.byReason, ...changed },
    checkInCadence: given.checkInCadence ?? rules.checkInCadence,
    offeringCadence: given.offeringCadence ?? rules.offeringCadence,
    minGapMs: given.minGap ?? rules.minGapMs,
    maxRevivals: given.maxRevivals ?? rules.maxRevivals,
  }
}

function ruleWith(rule: RevivalRule, given: z.output<typeof revivalRule> | undefined): RevivalRule {
  if (given === undefined) return rule
  return {
    quietMs: given.quiet ?? rule.quietMs,
    checkIn: given.checkIn === undefined ? rule.checkIn : checkInOf(given.checkIn),
    cadence: given.cadence ?? rule.cadence,
  }
}

function checkInOf(given: z.output<typeof checkIn>): CheckIn {
  switch (given.kind) {
    case 'none':
    case 'task_on_named_date':
      return given
    case 'after':
      return { kind: 'after', ms: given.after }
    case 'before_contract_ends':
      return { kind: given.kind, beforeMs: given.before, elseMs: given.else }
  }
}

/** The settings as they are shown: durations in words that can be sent back. */
export function settingsView(settings: CompanySettings): Record<string, unknown> {
  const { revival, closingMarginMs, minimumGapMs, overrides, bounces, notifications, ...other } =
    settings
  const { replies, watch, scoring, ...rest } = other
  return {
    ...rest,
    notifications: notificationsView(notifications),
    scoring: scoringView(scoring),
    minimumGap: writeDuration(minimumGapMs),
    closingMargin: writeDuration(closingMarginMs),
    overrides: overridesView(overrides),
    bounces: { softLimit: bounces.softLimit, within: writeDuration(bounces.withinMs) },
    revival: {
      byReason: Object.fromEntries(
        Object.entries(revival.byReason).map(([reason, { quietMs, checkIn: check, cadence }]) => [
          reason,
          { quiet: writeDuration(quietMs), checkIn: checkInView(check), cadence },
        ]),
      ),
      checkInCadence: revival.checkInCadence,
      offeringCadence: revival.offeringCadence,
      minGap: writeDuration(revival.minGapMs),
      maxRevivals: revival.maxRevivals,
    },
    replies: {
      postponeFor: writeDuration(replies.postponeForMs),
      mostPostponements: replies.mostPostponements,
      thanksFor: writeDuration(replies.thanksForMs),
    },
    watch: {
      remindAfter: writeDuration(watch.remindAfterMs),
      escalateAfter: writeDuration(watch.escalateAfterMs),
      silentAfter: writeDuration(watch.silentAfterMs),
      silentCadence: watch.silentCadence,
      escalateTo: watch.escalateTo,
    },
  }
}

function checkInView(check: CheckIn): Record<string, string> {
  switch (check.kind) {
    case 'none':
    case 'task_on_named_date':
      return { kind: check.kind }
    case 'after':
      return { kind: check.kind, after: writeDuration(check.ms) }
    case 'before_contract_ends':
      return {
        kind: check.kind,
        before: writeDuration(check.beforeMs),
        else: writeDuration(check.elseMs),
      }
  }
}

function isOrigin(written: string): boolean {
  return URL.canParse(written) && /^https?:/.test(written) && new URL(written).origin === written
}
