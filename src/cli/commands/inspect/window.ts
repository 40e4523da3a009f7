import { z } from 'zod'
import { type Normalized, normalizePhone, type PhoneProblem } from '../../../domain/contact.ts'
import { CHANNELS, type Channel, legalWindow } from '../../../domain/policy/index.ts'
import { type Instant, instant, parseInstant, toIso } from '../../../domain/time.ts'
import { EXIT, type Exit } from '../../exit.ts'
import { answerJsonLines, type BadLine, type LineAnswer, lineProblem } from '../../json-lines.ts'
import type { Terminal } from '../../terminal.ts'

/** An empty text says as much as none. */
const maybeText = z
  .string()
  .nullish()
  .transform((text) => text?.trim() || null)

const questionSchema = z.object({
  id: z.union([z.string(), z.number()]).nullish(),
  channel: z.enum(CHANNELS),
  at: z.iso.datetime({
    offset: true,
    error: 'not an ISO 8601 time with Z or an offset, such as 2026-11-22T15:04:05Z',
  }),
  phone: maybeText,
  state: maybeText,
  zip: maybeText,
  timezone: maybeText,
})

/**
 * `rekindle inspect window`: whether calling windows and holidays allow a message, asked as JSON
 * lines. No margin, no manners, no consent: the law's hours alone.
 */
export async function inspectWindow(terminal: Terminal): Promise<Exit> {
  const bad = await answerJsonLines(terminal, answerWindow)
  return bad === 0 ? EXIT.ok : EXIT.no
}

interface Question {
  readonly id: string | number | null
  readonly channel: Channel
  readonly at: Instant
  readonly phone: string | null
  readonly state: string | null
  readonly zip: string | null
  readonly timezone: string | null
}

function answerWindow(value: unknown): LineAnswer {
  const question = plainQuestion(value) ?? checkedQuestion(value)
  if ('problem' in question) return question
  const { id, channel, at, phone, state, zip, timezone } = question
  const number = phone === null ? null : e164Of(phone)
  if (number !== null && !number.ok) {
    const { because: message, fix } = number
    return { ok: false, id, problem: { code: 'invalid_phone', message: `phone: ${message}`, fix } }
  }
  const point =
    number && ({ value: number.value, validity: 'unknown', invalidBecause: null } as const)
  const window = legalWindow({ phone: point, state, zip, timezone }, channel, at)
  const { allowed, nextAllowedAt, rules } = window
  const next = nextAllowedAt === null ? null : toIso(nextAllowedAt)
  return { ok: true, value: { id, allowed, nextAllowedAt: next, rules } }
}

/** What the schema says of the line. */
function checkedQuestion(value: unknown): Question | BadLine {
  const read = questionSchema.safeParse(value)
  if (!read.success) return lineProblem(value, read.error)
  const { id = null, at: written, ...rest } = read.data
  const at = parseInstant(written)
  if (at === null) throw new Error('the schema lets no such time through')
  return { id, at, ...rest }
}

/** A time whose day every month has: what the schema would let through, too. */
const PLAIN_TIME =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/

/** A line in its plainest form, read without the schema; null for all others. Millions come. */
function plainQuestion(value: unknown): Question | null {
  if (!isRecord(value)) return null
  const { id = null, channel, at, phone, state, zip, timezone } = value
  if (id !== null && typeof id !== 'string' && typeof id !== 'number') return null
  if (channel !== 'sms' && channel !== 'email') return null
  if (typeof at !== 'string' || !PLAIN_TIME.test(at)) return null
  if (!isMaybeText(phone) || !isMaybeText(state)) return null
  if (!isMaybeText(zip) || !isMaybeText(timezone)) return null
  return {
    id,
    channel,
    at: instant(Date.parse(at)),
    phone: textOf(phone),
    state: textOf(state),
    zip: textOf(zip),
    timezone: textOf(timezone),
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function isMaybeText(value: unknown): value is string | null | undefined {
  return typeof value === 'string' || value === null || value === undefined
}

function textOf(value: string | null | undefined): string | null {
  return value?.trim() || null
}

/**
 * The number to judge the place by. One that nobody can have still says where it would be: its area
 * code counts, and a number of another country stays one.
 */
function e164Of(phone: string): Normalized<PhoneProblem> {
  if (/^\+1[2-9]\d{9}$/.test(phone)) return { ok: true, value: phone }
  const number = normalizePhone(phone)
  if (number.ok || number.code !== 'not_assignable') return number
  const digits = phone.replaceAll(/\D/g, '')
  return { ok: true, value: digits.length === 10 ? `+1${digits}` : `+${digits}` }
}
