import { z } from 'zod'

/** An endpoint of another system. The secret signs what is sent, and is made by us when absent. */
export const webhookSchema = z.strictObject({
  url: z.url({ protocol: /^https$/, message: 'Write an https address.' }).max(1_000),
  secret: z.string().min(16, 'Write a secret of at least 16 characters.').max(200).optional(),
  contactData: z.boolean().optional(),
})

export const WEBHOOK_NAME = /^[a-z0-9]+(-[a-z0-9]+)*$/
