import { z } from 'zod'
import type { LeadId } from '../../domain/ids.ts'
import { id } from '../../domain/ids.ts'
import { canonicalLanguage } from '../../domain/language.ts'
import { instant } from '../../domain/time.ts'

/** ISO 8601 with Z or an offset, as epoch milliseconds. */
export const instantSchema = z.iso
  .datetime({ offset: true })
  .transform((text) => instant(Date.parse(text)))

/** The same, or a day alone, which begins at midnight UTC. */
export const dayOrInstantSchema = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()])
  .transform((text) => instant(Date.parse(text)))

/** Text that may be absent, null or empty: all of the last two mean "none". */
export function optionalText(max: number) {
  return z
    .string()
    .max(max)
    .nullish()
    .transform((text) => (typeof text === 'string' ? text.trim() || null : text))
}

/** A language tag (BCP 47), in its one spelling. */
export const languageSchema = z
  .string()
  .max(40)
  .refine((text) => canonicalLanguage(text) !== null, 'Write a code such as en, es or es-MX.')
  .transform((text) => canonicalLanguage(text) ?? text)

/** Text that must say something. */
export function text(max: number) {
  return z.string().trim().min(1).max(max)
}

export const pageQuery = {
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(200).optional(),
}

/** An id out of a path; whether such a lead exists is found out later. */
export function leadIdOf(param: string | undefined): LeadId {
  return id<LeadId>(param ?? '')
}
