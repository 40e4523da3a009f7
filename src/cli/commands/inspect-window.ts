import { z } from 'zod'
import { normalizePhone } from '../../domain/contact.ts'
import { CHANNELS, legalWindow } from '../../domain/policy/index.ts'
import { parseInstant, toIso } from '../../domain/time.ts'
import { EXIT, type Exit } from '../exit.ts'
import { answerJsonLines, type LineAnswer, lineProblem } from '../json-lines.ts'
import type { Terminal } from '../terminal.ts'

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

function answerWindow(value: unknown): LineAnswer {
  const read = questionSchema.safeParse(value)
  if (!read.success) return lineProblem(value, read.error)
  const { id = null, channel, phone, state, zip, timezone } = read.data
  const at = parseInstant(read.data.at)
  const number = phone === null ? null : normalizePhone(phone)
  if (number !== null && !number.ok) {
    const { because: message, fix } = number
    return { ok: false, id, problem: { code: 'invalid_phone', message: `phone: ${message}`, fix } }
  }
  if (at === null) throw new Error('the schema lets no such time through')
  const point =
    number && ({ value: number.value, validity: 'unknown', invalidBecause: null } as const)
  const window = legalWindow({ phone: point, state, zip, timezone }, channel, at)
  const { allowed, nextAllowedAt, rules } = window
  const next = nextAllowedAt === null ? null : toIso(nextAllowedAt)
  return { ok: true, value: { id, allowed, nextAllowedAt: next, rules } }
}
