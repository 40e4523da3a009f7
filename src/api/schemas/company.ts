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

/** It stands in headers, and in the middle of sentences. */
const line = (most: number) =>
  text(most).refine((written) => !/\p{Cc}/u.test(written), 'Write it on one line.')

/** CAN-SPAM (16 CFR 316.2(p)): a street address, or a post box, that mail really reaches. */
const postalAddress = text(300).refine(
  (written) => (written.match(/[\p{L}\d]+/gu) ?? []).length >= 3,
  'Write where mail reaches you: street or post box, place and postal code.',
)
const phone = optionalText(50).refine(
  (written) => !written || written.replaceAll(/\D/g, '').length >= 7,
  'Write a number that people can call, with its area code.',
)

export const companySchema = z.strictObject({
  name: line(200).optional(),
  brand: line(100).optional(),
  postalAddress: postalAddress.optional(),
  website: webAddress.optional(),
  bookingUrl: webAddress.nullish(),
  phone,
  timezone: zone.optional(),
  from: z.strictObject({ name: line(100), email }).optional(),
  replyTo: email.nullish(),
  helpContact: optionalText(200).refine(
    (written) => !/\p{Cc}/u.test(written ?? ''),
    'Write it on one line.',
  ),
})

const sender = z.strictObject({
  name: line(100),
  email,
  perDay: z.int().min(1).max(1_000_000).nullish(),
  warmUp: z.strictObject({ since: z.iso.date(), from: z.int().min(1).max(100_000) }).nullish(),
})

const ownerSender = z.union([
  z.strictObject({ email, name: line(100) }),
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
