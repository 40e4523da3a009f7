import { z } from 'zod'

/** Days that cadences keep free of messages, by the names under which they ask for them. */

const date = z.iso.date('Write a day that exists, such as 2026-12-24.')

const span = z
  .strictObject({ from: date, to: date.optional() })
  .transform(({ from, to = from }) => ({ from, to }))
  .refine(({ from, to }) => from <= to, 'It must end on the day it begins, or later.')

const name = z
  .string()
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'Write small letters, digits and hyphens.')
  .max(50)

/** Beyond this a cadence would rest for years. */
const MOST_SPANS = 100

export const calendarsSchema = z
  .record(name, z.array(span).max(MOST_SPANS))
  .refine((calendars) => Object.keys(calendars).length <= 50, 'Keep at most 50 calendars.')
  .describe('Named spans of days on which cadences that name them write to nobody; replaces them.')
