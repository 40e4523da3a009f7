import { z } from 'zod'
import type { Notifications } from '../../domain/company/notifications.ts'
import { normalizeEmail } from '../../domain/contact.ts'

const email = z
  .string()
  .max(300)
  .refine((written) => normalizeEmail(written).ok, 'Write one plain email address.')

/** Who is told what; whatever is absent stays as it is, and null switches it off. */
export const notificationsSchema = z.strictObject({
  forwardReplies: z.boolean().optional(),
  email: email.nullish(),
  webhook: z
    .strictObject({
      url: z.url({ protocol: /^https$/, message: 'Write an https address.' }).max(1_000),
      secret: z.string().min(16, 'Write a secret of at least 16 characters.').max(200),
    })
    .nullish(),
})

/** The notifications with what was given laid over them. */
export function notificationsWith(
  current: Notifications,
  given: z.output<typeof notificationsSchema> | undefined,
): Notifications {
  if (given === undefined) return current
  return {
    forwardReplies: given.forwardReplies ?? current.forwardReplies,
    email: given.email === undefined ? current.email : given.email,
    webhook: given.webhook === undefined ? current.webhook : given.webhook,
  }
}

/** As they are shown: a secret is never told again. */
export function notificationsView({ forwardReplies, email: to, webhook }: Notifications) {
  return { forwardReplies, email: to, webhook: webhook && { url: webhook.url, secret: '(set)' } }
}
