import { z } from 'zod'
import type { PaceSettings } from '../../domain/company/pace.ts'

const perMinute = z.int().min(1).max(100_000)

/** How fast what had to wait goes on. */
export const paceSchema = z.strictObject({
  wakesPerMinute: perMinute.optional(),
  lateEmailsPerMinute: perMinute.optional(),
  lateTextsPerMinute: perMinute.optional(),
  lateEmailsPerSender: perMinute.nullish(),
})

/** The pace with what was given laid over it. */
export function paceWith(
  pace: PaceSettings,
  given: z.output<typeof paceSchema> | undefined,
): PaceSettings {
  return {
    wakesPerMinute: given?.wakesPerMinute ?? pace.wakesPerMinute,
    lateEmailsPerMinute: given?.lateEmailsPerMinute ?? pace.lateEmailsPerMinute,
    lateTextsPerMinute: given?.lateTextsPerMinute ?? pace.lateTextsPerMinute,
    lateEmailsPerSender:
      given?.lateEmailsPerSender === undefined
        ? pace.lateEmailsPerSender
        : given.lateEmailsPerSender,
  }
}
