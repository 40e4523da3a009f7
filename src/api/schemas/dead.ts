import { z } from 'zod'
import { id, type LeadId } from '../../domain/ids.ts'
import type { DeadDetails } from '../../domain/lead.ts'
import type { Instant } from '../../domain/time.ts'
import { dayOrInstantSchema, instantSchema, optionalText } from './common.ts'

const words = optionalText(2_000)

/** Why a lead was given up, with what is recorded beside each reason. */
const deadFields = [
  { reason: z.literal('unresponsive') },
  {
    reason: z.literal('bad_contact_info'),
    contactPoint: z.enum(['email', 'phone']).nullish(),
    how: words,
  },
  {
    reason: z.literal('competitor'),
    competitor: words,
    why: z.enum(['price', 'feature', 'timing', 'other']).nullish(),
    contractEnds: z.iso.date().nullish(),
  },
  {
    reason: z.literal('no_matching_offering'),
    wanted: words,
    fault: z.enum(['poor_sourcing', 'inadequate_offering']).nullish(),
  },
  { reason: z.literal('not_interested'), words },
  { reason: z.literal('postponing'), until: instantSchema.nullish() },
  { reason: z.literal('unqualified'), criterion: words },
  { reason: z.literal('hostile'), words },
  { reason: z.literal('spam'), evidence: words },
  { reason: z.literal('opted_out'), how: words, words },
  { reason: z.literal('duplicate'), survivor: optionalText(100) },
] as const

const [unresponsive, badContact, competitor, noOffering, notInterested] = deadFields
const [, , , , , postponing, unqualified, hostile, spam, optedOut, duplicate] = deadFields

/** The reason alone, as mark-dead and a disposition take it. */
export const deadSchema = z.discriminatedUnion('reason', [
  z.strictObject(unresponsive),
  z.strictObject(badContact),
  z.strictObject(competitor),
  z.strictObject(noOffering),
  z.strictObject(notInterested),
  z.strictObject(postponing),
  z.strictObject(unqualified),
  z.strictObject(hostile),
  z.strictObject(spam),
  z.strictObject(optedOut),
  z.strictObject(duplicate),
])

const at = { at: dayOrInstantSchema.nullish() }

/** The reason and the day, as an old dead lead is loaded with it. */
export const deadBeforeSchema = z.discriminatedUnion('reason', [
  z.strictObject({ ...unresponsive, ...at }),
  z.strictObject({ ...badContact, ...at }),
  z.strictObject({ ...competitor, ...at }),
  z.strictObject({ ...noOffering, ...at }),
  z.strictObject({ ...notInterested, ...at }),
  z.strictObject({ ...postponing, ...at }),
  z.strictObject({ ...unqualified, ...at }),
  z.strictObject({ ...hostile, ...at }),
  z.strictObject({ ...spam, ...at }),
  z.strictObject({ ...optedOut, ...at }),
  z.strictObject({ ...duplicate, ...at }),
])

/** What is recorded, from what was posted; what was not said is null. */
export function deadDetails(given: z.output<typeof deadSchema>, now: Instant): DeadDetails {
  switch (given.reason) {
    case 'unresponsive':
      return { reason: 'unresponsive', attempts: [] }
    case 'bad_contact_info':
      return {
        reason: 'bad_contact_info',
        failures:
          given.contactPoint == null
            ? []
            : [{ contactPoint: given.contactPoint, how: given.how ?? 'not said' }],
      }
    case 'competitor':
      return {
        reason: 'competitor',
        competitor: given.competitor ?? null,
        why: given.why ?? null,
        contractEnds: given.contractEnds ?? null,
      }
    case 'no_matching_offering':
      return {
        reason: 'no_matching_offering',
        wanted: given.wanted ?? null,
        fault: given.fault ?? null,
      }
    case 'not_interested':
    case 'hostile':
      return { reason: given.reason, words: given.words ?? null }
    case 'postponing':
      return {
        reason: 'postponing',
        postponements: given.until == null ? [] : [{ askedAt: now, until: given.until }],
      }
    case 'unqualified':
      return { reason: 'unqualified', criterion: given.criterion ?? null }
    case 'spam':
      return { reason: 'spam', evidence: given.evidence ?? null }
    case 'opted_out':
      return {
        reason: 'opted_out',
        how: given.how ?? 'told by a person',
        words: given.words ?? null,
      }
    case 'duplicate':
      return { reason: 'duplicate', survivor: survivorOf(given.survivor) }
  }
}

function survivorOf(given: string | null | undefined): LeadId | null {
  return given == null ? null : id<LeadId>(given)
}
