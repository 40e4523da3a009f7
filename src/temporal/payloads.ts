import { defaultPayloadConverter } from '@temporalio/common'
import type proto from '@temporalio/proto'
import { z } from 'zod'
import { DEAD_REASONS, LEAD_STATUSES } from '../domain/lead.ts'
import { CHANNELS } from '../domain/policy/types.ts'

export type Payload = proto.temporal.api.common.v1.IPayload

// What histories hold, as any version of us may have written it: only what is read is asked for.

export const bellSchema = z.object({ seq: z.number(), kind: z.string() })

const stepTouchSchema = z.object({
  episodeId: z.string(),
  stepId: z.string(),
  visit: z.number(),
  attempt: z.number(),
  channel: z.enum(CHANNELS),
})

const messageTouchSchema = z.object({
  v: z.literal(2),
  messageId: z.string(),
  attempt: z.number(),
  channel: z.enum(CHANNELS),
})

export const touchInputSchema = z.object({
  revision: z.number(),
  touch: z.union([messageTouchSchema, stepTouchSchema]),
})

export const lookInputSchema = z.object({ trouble: z.string().nullable() })

export const attributesSchema = z.object({
  status: z.enum([...LEAD_STATUSES, 'held']),
  deadReason: z.enum(DEAD_REASONS).nullable(),
  cadence: z.string().nullable(),
  source: z.string(),
  owner: z.string().nullable(),
})

const nextSchema = z.discriminatedUnion('do', [
  z.object({ do: z.literal('wait'), ms: z.number().nullable() }),
  z.object({ do: z.literal('touch'), ms: z.number() }),
  z.object({ do: z.literal('complete') }),
])

export const planSchema = z.object({
  revision: z.number(),
  next: nextSchema,
  summary: z.string(),
  transitioned: attributesSchema.nullable(),
})
export type ToldPlan = z.infer<typeof planSchema>

export const leadInputSchema = z.object({
  plan: planSchema.optional(),
  bell: bellSchema.optional(),
})

/** A payload's value; undefined when it is absent or not in a form that we write. */
export function decode(payload: Payload | null | undefined): unknown {
  if (!payload) return undefined
  try {
    return defaultPayloadConverter.fromPayload(payload)
  } catch {
    return undefined
  }
}

/** The first of some payloads, read by a schema; null when it does not fit. */
export function read<T>(
  schema: z.ZodType<T>,
  payloads: { readonly payloads?: readonly Payload[] | null } | null | undefined,
): T | null {
  return schema.safeParse(decode(payloads?.payloads?.[0])).data ?? null
}
