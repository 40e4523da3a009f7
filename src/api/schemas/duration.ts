import { z } from 'zod'
import { DURATION_PATTERN, parseDuration } from '../../domain/cadence/duration.ts'

/** A duration in words, read as milliseconds. */
export const duration = z
  .string()
  .regex(new RegExp(DURATION_PATTERN), {
    error: 'Write a duration such as 90d, 12h or 15m.',
    abort: true,
  })
  .refine((written) => parseDuration(written) !== null, 'Write at most 400 days.')
  .transform((written) => parseDuration(written) ?? 0)
