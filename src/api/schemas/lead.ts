import { z } from 'zod'
import { CHANNELS } from '../../domain/policy/types.ts'
import type { Instant } from '../../domain/time.ts'
import type { ConsentInput } from '../../leads/incoming/consents.ts'
import type { Post } from '../../leads/incoming/post.ts'
import { isVisitorId } from '../../leads/web/visits.ts'
import { instantSchema, languageSchema, optionalText, text } from './common.ts'
import { deadBeforeSchema, deadDetails } from './dead.ts'

const cost = z.strictObject({
  amount: z.string().regex(/^\d{1,10}(\.\d{1,4})?$/, 'Write decimal text such as "12.50".'),
  currency: z.string().regex(/^[A-Z]{3}$/, 'Write an ISO 4217 code such as USD.'),
})

/** A lead as it is posted and patched; a field that is absent stays as it is. */
export const leadSchema = z.strictObject({
  externalId: optionalText(200),
  firstName: optionalText(200),
  lastName: optionalText(200),
  company: optionalText(300),
  email: optionalText(1_000),
  phone: optionalText(100),
  state: optionalText(100),
  zip: optionalText(20),
  timezone: optionalText(100),
  language: languageSchema.nullish(),
  source: text(200).optional(),
  cost: cost.nullish(),
  owner: optionalText(300),
  tags: z.array(text(100)).max(100).optional(),
  attributes: z
    .record(
      z.string().min(1).max(100),
      z.union([z.string().max(2_000), z.number(), z.boolean(), z.null()]),
    )
    .optional(),
})

export const consentSchema = z.strictObject({
  channel: z.enum(CHANNELS),
  basis: z.enum(['express_written', 'express', 'implied', 'none']),
  disclosure: optionalText(500),
  at: instantSchema.nullish(),
  source: text(1_000),
  ip: z.union([z.ipv4(), z.ipv6()]).nullish(),
  url: z
    .url({ protocol: /^https?$/ })
    .max(2_000)
    .nullish(),
  proof: optionalText(2_000),
})

export const postSchema = z.strictObject({
  lead: leadSchema,
  consents: z.array(consentSchema).max(20).optional(),
  cadence: text(100).nullish(),
  event: z.literal('form').optional(),
  dead: deadBeforeSchema.optional(),
  visitorId: text(100).nullish(),
})

/** A body of POST /v1/leads in the terms of those who take it. */
export function postOf(body: z.output<typeof postSchema>, now: Instant): Post {
  return {
    lead: body.lead,
    consents: (body.consents ?? []).map(consentOf),
    cadence: body.cadence,
    form: body.event === 'form',
    visitorId: isVisitorId(body.visitorId) ? body.visitorId : null,
    dead: body.dead ? { details: deadDetails(body.dead, now), at: body.dead.at ?? null } : null,
  }
}

/** A consent that was posted; what it leaves out is null. */
export function consentOf(given: z.output<typeof consentSchema>): ConsentInput {
  return {
    channel: given.channel,
    basis: given.basis,
    disclosure: given.disclosure ?? null,
    at: given.at ?? null,
    source: given.source,
    ip: given.ip ?? null,
    url: given.url ?? null,
    proof: given.proof ?? null,
  }
}

/** The lead of the docs; its number is one that is kept for fiction. */
export const LEAD_EXAMPLE = {
  externalId: 'crm-88',
  firstName: 'Ada',
  lastName: 'Example',
  email: 'ada@example.com',
  phone: '+12125550142',
  state: 'NY',
  zip: '10001',
  timezone: null,
  language: 'en-US',
  source: 'webform',
  cost: { amount: '12.50', currency: 'USD' },
  owner: 'sam@acme.example',
  tags: ['trial'],
  attributes: { plan: 'pro' },
}

export const CONSENT_EXAMPLE = {
  channel: 'sms',
  basis: 'express_written',
  disclosure: 'web-2026-03',
  at: '2026-11-22T15:04:05Z',
  source: 'https://acme.example/quote',
  ip: '203.0.113.9',
}

export const POST_EXAMPLE = {
  lead: LEAD_EXAMPLE,
  consents: [CONSENT_EXAMPLE],
  cadence: 'new-lead',
  event: 'form',
}
