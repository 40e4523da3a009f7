import { z } from 'zod'
import type { Company } from '../../domain/company/company.ts'
import { normalizeEmail } from '../../domain/contact.ts'
import type { OwnerSender, Sender } from '../../domain/senders.ts'
import { isZone } from '../../domain/time-zones.ts'
import { optionalText, text } from './common.ts'

// Who the company is, and who its emails come from.

const zone = z.string().refine(isZone, 'Write an IANA zone such as America/New_York.')
const email = z
  .string()
  .max(300)
  .refine((written) => normalizeEmail(written).ok, 'Write one plain email address.')
const webAddress = z.url({ protocol: /^https?$/ }).max(1_000)
export const host = z
  .string()
  .toLowerCase()
  .regex(/^([a-z0-9-]+\.)+[a-z0-9-]{2,}$/, 'Write a host such as calendly.com.')

export const companySchema = z.strictObject({
  name: text(200).optional(),
  brand: text(100).optional(),
  postalAddress: text(300).optional(),
  website: webAddress.optional(),
  bookingUrl: webAddress.nullish(),
  phone: optionalText(50),
  timezone: zone.optional(),
  from: z.strictObject({ name: text(100), email }).optional(),
  replyTo: email.nullish(),
  helpContact: optionalText(200),
})

const sender = z.strictObject({
  name: text(100),
  email,
  perDay: z.int().min(1).max(1_000_000).nullish(),
  warmUp: z.strictObject({ since: z.iso.date(), from: z.int().min(1).max(100_000) }).nullish(),
})

const ownerSender = z.union([
  z.strictObject({ email, name: text(100) }),
  z.strictObject({ domain: host }),
])

export const sendersSchema = z
  .array(sender)
  .max(100)
  .refine(
    (senders) => new Set(senders.map((each) => each.email.toLowerCase())).size === senders.length,
    'Name each address once.',
  )

export const ownerSendersSchema = z.array(ownerSender).max(200)

/** The company with what was given laid over it. */
export function companyWith(
  company: Company,
  given: z.output<typeof companySchema> | undefined,
): Company {
  if (given === undefined) return company
  const { bookingUrl, phone, replyTo, helpContact } = given
  return {
    name: given.name ?? company.name,
    brand: given.brand ?? company.brand,
    postalAddress: given.postalAddress ?? company.postalAddress,
    website: given.website ?? company.website,
    timezone: given.timezone ?? company.timezone,
    from: given.from ?? company.from,
    bookingUrl: bookingUrl === undefined ? company.bookingUrl : bookingUrl,
    phone: phone === undefined ? company.phone : phone,
    replyTo: replyTo === undefined ? company.replyTo : replyTo,
    helpContact: helpContact === undefined ? company.helpContact : helpContact,
  }
}

/** A sender as it is kept: its address in one spelling. */
export function senderOf(given: z.output<typeof sender>): Sender {
  const { name, perDay = null, warmUp = null } = given
  return { name, email: given.email.toLowerCase(), perDay, warmUp }
}

/** The same for whom a step may send as. */
export function ownerSenderOf(given: z.output<typeof ownerSender>): OwnerSender {
  return 'domain' in given ? given : { ...given, email: given.email.toLowerCase() }
}
