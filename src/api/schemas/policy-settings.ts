import { z } from 'zod'
import type { CompanySettings, PolicyOverride } from '../../domain/company/company.ts'
import { isStateCode } from '../../domain/policy/emergency.ts'
import { COUNTRY_PACKS, OVERRIDE_NAMES } from '../../domain/policy/types.ts'
import { type Instant, toIso } from '../../domain/time.ts'
import { optionalText, text } from './common.ts'

/** What the company decides about calling hours: stricter by days, less strict by name alone. */

const stateCode = z
  .string()
  .refine(isStateCode, 'Write two-letter codes of states, such as LA, in capitals.')

const closedDay = z.strictObject({
  date: z.iso.date('Write a day that exists, such as 2026-12-24.'),
  states: z.array(stateCode).min(1, 'Name a state, or leave it out for all.').max(60).nullish(),
  note: optionalText(200),
})

const override = z.strictObject({
  name: z.enum(OVERRIDE_NAMES, `Write one of ${OVERRIDE_NAMES.join(', ')}.`),
  why: text(500),
  // As they are shown, so that an answer can be sent back; whoever sends it cannot change them.
  by: z.string().optional(),
  at: z.string().optional(),
})

export const policyFields = {
  closedDays: z
    .array(closedDay)
    .max(400)
    .optional()
    .describe('Days without texts besides the legal holidays; replaces the list.'),
  countryPacks: z
    .array(z.enum(COUNTRY_PACKS, `Write one of ${COUNTRY_PACKS.join(', ')}.`))
    .max(COUNTRY_PACKS.length)
    .refine(isUnique, 'Name each country once.')
    .optional()
    .describe('Countries besides the United States whose numbers may be texted.'),
  overrides: z
    .array(override)
    .refine((all) => isUnique(all.map(({ name }) => name)), 'Name each override once.')
    .optional()
    .describe('The named ways to be less strict, each with its reason; replaces the list.'),
}

type Given = z.output<z.ZodObject<typeof policyFields>>
type PolicyPart = Pick<CompanySettings, 'closedDays' | 'countryPacks' | 'overrides'>

/** The policy's settings with what was given laid over them. `who` answers for new overrides. */
export function policySettingsWith(
  settings: PolicyPart,
  given: Given,
  who: string,
  now: Instant,
): PolicyPart {
  return {
    closedDays:
      given.closedDays?.map(({ date, states, note }) => ({
        date,
        states: states ?? null,
        note: note ?? null,
      })) ?? settings.closedDays,
    countryPacks: given.countryPacks ?? settings.countryPacks,
    overrides:
      given.overrides?.map((one) => {
        const known = settings.overrides.find(
          ({ name, why }) => name === one.name && why === one.why,
        )
        return known ?? { name: one.name, why: one.why, by: who, at: now }
      }) ?? settings.overrides,
  }
}

/** Overrides as they are shown: when each was taken, as a time. */
export function overridesView(overrides: readonly PolicyOverride[]) {
  return overrides.map((one) => ({ ...one, at: toIso(one.at) }))
}

/** What the audit log keeps of a change of overrides; nothing when none changed. */
export function overridesAudit(before: PolicyPart, after: PolicyPart): Record<string, unknown> {
  const taken = after.overrides.filter((one) => !before.overrides.includes(one))
  const lifted = before.overrides.filter(
    ({ name }) => !after.overrides.some((one) => one.name === name),
  )
  if (taken.length === 0 && lifted.length === 0) return {}
  return {
    overridesTaken: taken.map(({ name, why }) => ({ name, why })),
    overridesLifted: lifted.map(({ name }) => name),
  }
}

function isUnique(all: readonly string[]): boolean {
  return new Set(all).size === all.length
}
