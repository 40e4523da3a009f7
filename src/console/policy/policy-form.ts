import { writeDuration } from '../../domain/cadence/duration.ts'
import type { CompanySettings } from '../../domain/company/company.ts'
import { CHANNELS, type FrequencyCaps } from '../../domain/policy/index.ts'
import type { FormFields } from '../read-form.ts'

/** The forms of the policy page: fields carry the names that the API knows them by. */

export const WEEKDAYS = [1, 2, 3, 4, 5, 6, 7] as const

export const CAP_NAMES = [
  'textsAndCallsPerDay',
  'touchesPerDay',
  'touchesPerWeek',
  'touchesPerEpisode',
] as const satisfies readonly (keyof FrequencyCaps)[]

/** What the form shows of the settings as they are. */
export function fieldsOf(settings: CompanySettings): FormFields {
  const { preferredHours: hours, caps } = settings
  const rests = CHANNELS.flatMap((channel) =>
    (hours?.restDays[channel] ?? []).map((day) => [restName(channel, day), 'yes']),
  )
  return {
    ...(hours === null && { anyHour: 'yes' }),
    'preferredHours.from': hours?.from ?? '09:00',
    'preferredHours.to': hours?.to ?? '19:00',
    ...Object.fromEntries(rests),
    closingMargin: writeDuration(settings.closingMarginMs),
    minimumGap: writeDuration(settings.minimumGapMs),
    ...Object.fromEntries(CAP_NAMES.map((name) => [`caps.${name}`, String(caps[name])])),
    ...(settings.countryPacks.includes('CA') && { canada: 'yes' }),
  }
}

/** The name of the box that keeps a channel quiet on a weekday (ISO: 1 Monday … 7 Sunday). */
export function restName(channel: string, day: number): string {
  return `preferredHours.restDays.${channel}.${day}`
}

/** The body that the API would be sent; its schema judges what stands in it. */
export function policyBody(fields: FormFields, { countryPacks }: CompanySettings): object {
  const restDays = Object.fromEntries(
    CHANNELS.map((channel) => [
      channel,
      WEEKDAYS.filter((day) => isChecked(fields, restName(channel, day))),
    ]),
  )
  const others = countryPacks.filter((country) => country !== 'CA')
  return {
    preferredHours: isChecked(fields, 'anyHour')
      ? null
      : {
          from: textOf(fields, 'preferredHours.from'),
          to: textOf(fields, 'preferredHours.to'),
          restDays,
        },
    closingMargin: textOf(fields, 'closingMargin'),
    minimumGap: textOf(fields, 'minimumGap'),
    caps: Object.fromEntries(
      CAP_NAMES.map((name) => [name, numberOf(textOf(fields, `caps.${name}`))]),
    ),
    countryPacks: isChecked(fields, 'canada') ? [...others, 'CA'] : others,
  }
}

/** The closed days with one more, as the API is sent them: the new one comes first. */
export function closedDaysWith(fields: FormFields, { closedDays }: CompanySettings): object {
  const states = textOf(fields, 'states')
  const added = {
    date: textOf(fields, 'date'),
    states: states === '' ? null : states.split(/[\s,]+/),
    note: textOf(fields, 'note'),
  }
  return { closedDays: [added, ...closedDays] }
}

/** The closed days without those of this date and these states. */
export function closedDaysWithout(fields: FormFields, { closedDays }: CompanySettings): object {
  const gone = textOf(fields, 'key')
  return { closedDays: closedDays.filter((day) => closedDayKey(day) !== gone) }
}

/** Tells one closed day from another. */
export function closedDayKey({ date, states }: CompanySettings['closedDays'][number]): string {
  return [date, ...(states ?? [])].join(' ')
}

/** The overrides with one that is taken; a new reason takes it anew. */
export function overridesWith(fields: FormFields, { overrides }: CompanySettings): object {
  const name = textOf(fields, 'name')
  const taken = { name, why: textOf(fields, 'why') }
  return {
    overrides: [
      taken,
      ...overrides
        .filter((one) => one.name !== name)
        .map((one) => ({ name: one.name, why: one.why })),
    ],
  }
}

/** The overrides without one. */
export function overridesWithout(fields: FormFields, { overrides }: CompanySettings): object {
  const name = textOf(fields, 'name')
  return {
    overrides: overrides
      .filter((one) => one.name !== name)
      .map((one) => ({ name: one.name, why: one.why })),
  }
}

/** A field as it was written, trimmed; empty when it was not sent. */
export function textOf(fields: FormFields, name: string): string {
  const value = fields[name]
  return typeof value === 'string' ? value.trim() : ''
}

/** Whether a box was ticked: a browser sends nothing for one that was not. */
export function isChecked(fields: FormFields, name: string): boolean {
  return fields[name] === 'yes'
}

/** A number where one is written; else the words, which the schema refuses by their field. */
function numberOf(text: string): number | string {
  return /^\d{1,9}$/.test(text) ? Number(text) : text
}
