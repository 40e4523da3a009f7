import { z } from 'zod'
import { DEFAULT_SETTINGS } from '../../../domain/company/company.ts'
import { CHANNELS } from '../../../domain/policy/index.ts'
import { readReply } from '../../../domain/replies/read-reply.ts'
import { shippedRules } from '../../../domain/replies/shipped.ts'
import type { ReplyReading, ReplyRules } from '../../../domain/replies/types.ts'
import { type Instant, instant, parseInstant } from '../../../domain/time.ts'
import { isZone } from '../../../domain/time-zones.ts'
import { EXIT, type Exit } from '../../exit.ts'
import { answerJsonLines, type LineAnswer, lineProblem } from '../../json-lines.ts'
import { readReplyRuleFiles } from '../../reply-rule-files.ts'
import type { Terminal } from '../../terminal.ts'

const questionSchema = z.object({
  id: z.union([z.string(), z.number()]).nullish(),
  channel: z.enum(CHANNELS),
  text: z.string(),
  subject: z.string().nullish(),
  /** What "tomorrow" counts from; now, in the company's zone, unless it is told. */
  at: z.iso
    .datetime({
      offset: true,
      error: 'not an ISO 8601 time with Z or an offset, such as 2026-11-22T15:04:05Z',
    })
    .nullish(),
  timezone: z.string().refine(isZone, 'not an IANA zone such as America/New_York').nullish(),
})

export interface InspectReplyOptions {
  /** A file or folder of the company's own rules. */
  readonly rules?: string
  /** Tells the rule and its version as well. */
  readonly explain?: boolean
}

/** `rekindle inspect reply`: what answers mean, asked as JSON lines. */
export async function inspectReply(
  terminal: Terminal,
  _args: readonly string[],
  { rules: path, explain = false }: InspectReplyOptions,
): Promise<Exit> {
  const rules = path === undefined ? shippedRules() : readReplyRuleFiles([path]).rules
  const now = instant(Date.now())
  const bad = await answerJsonLines(terminal, (value) => answerReply(value, rules, now, explain))
  return bad === 0 ? EXIT.ok : EXIT.no
}

function answerReply(
  value: unknown,
  rules: ReplyRules,
  now: Instant,
  explain: boolean,
): LineAnswer {
  const read = questionSchema.safeParse(value)
  if (!read.success) return lineProblem(value, read.error)
  const { id = null, channel, text, subject, at, timezone } = read.data
  const reading = readReply({ channel, text, subject: subject ?? null, auto: false }, rules, {
    at: (at == null ? null : parseInstant(at)) ?? now,
    zone: timezone ?? DEFAULT_SETTINGS.company.timezone,
  })
  return { ok: true, value: { id, ...shown(reading, explain) } }
}

function shown(reading: ReplyReading, explain: boolean): Record<string, unknown> {
  const { intent, detail, visibleText, confidence, rule, rulesVersion, facts } = reading
  const answer = { intent, detail, visibleText, confidence }
  return explain ? { ...answer, rule, rulesVersion, facts } : answer
}
