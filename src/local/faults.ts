import { z } from 'zod'
import { contactKey } from './contact-point.ts'
import { wordsOf } from './zod-words.ts'

/** How often a fault strikes before it clears itself; absent: until it is lifted. */
const times = z.number().int().positive().optional()
const ms = z.number().int().nonnegative().max(3_600_000)

const none = z.object({ kind: z.literal('none') })
/** Waits before it answers anything. */
const delay = z.object({ kind: z.literal('delay'), ms, times })

const emailFault = z.discriminatedUnion('kind', [
  none,
  delay,
  /** Refuses at RCPT, or after having read the message. */
  z.object({
    kind: z.literal('reply'),
    stage: z.enum(['rcpt', 'data']).default('rcpt'),
    code: z.number().int().min(400).max(599),
    text: z.string().default('on demand'),
    times,
  }),
  /** Resets the connection instead of answering RCPT, or while the message comes in. */
  z.object({ kind: z.literal('reset'), stage: z.enum(['rcpt', 'mid-data']), times }),
  /** Reads the whole message, keeps it or not, and resets the connection without an answer. */
  z.object({ kind: z.literal('reset-after-data'), recorded: z.boolean().default(true), times }),
  /** Keeps the message, and answers only after this long. */
  z.object({ kind: z.literal('slow'), ms, times }),
])

const smsFault = z.discriminatedUnion('kind', [
  none,
  delay,
  /** Refuses the create request with a Twilio error code. */
  z.object({
    kind: z.literal('create-error'),
    code: z.number().int().min(10_000),
    status: z.number().int().min(400).max(499).default(400),
    times,
  }),
  /** Takes the message; a later status callback reports this error. */
  z.object({
    kind: z.literal('callback-error'),
    code: z.number().int().min(10_000),
    status: z.enum(['undelivered', 'failed']).default('undelivered'),
    times,
  }),
  /** Answers with a bare HTTP status, having kept the message or not. */
  z.object({
    kind: z.literal('http'),
    status: z.number().int().min(400).max(599),
    retryAfterS: z.number().int().nonnegative().optional(),
    recorded: z.boolean().default(false),
    times,
  }),
  /** Takes the message and never answers. */
  z.object({
    kind: z.literal('timeout-after-acceptance'),
    callbacks: z.boolean().default(true),
    times,
  }),
  /** Reports these statuses in just this order: out of order, twice, or not at all. */
  z.object({
    kind: z.literal('callbacks'),
    order: z.array(z.enum(['queued', 'sending', 'sent', 'delivered', 'undelivered', 'failed'])),
    times,
  }),
])

/** What Lookup says of a number's line; with `status` it fails so. It strikes no text. */
const line = z.union([
  z.strictObject({ kind: z.literal('line'), type: z.string().regex(/^[a-zA-Z]{2,30}$/) }),
  z.strictObject({ kind: z.literal('line'), status: z.number().int().min(400).max(599) }),
])

export type LineFault = z.output<typeof line>
export type EmailFault = Exclude<z.output<typeof emailFault>, { kind: 'none' }>
export type SmsFault = Exclude<z.output<typeof smsFault>, { kind: 'none' }>

export type SetFaultResult =
  | { readonly kind: 'set' }
  | { readonly kind: 'invalid'; readonly because: string }

/** Failures on demand, one per contact point. */
export class Faults {
  readonly #email = new Map<string, EmailFault>()
  readonly #sms = new Map<string, SmsFault>()
  readonly #lines = new Map<string, LineFault>()

  /** Sets the fault of an address or number, replacing what it had; `{kind: 'none'}` lifts it. */
  set(contactPoint: string, fault: unknown): SetFaultResult {
    const asLine = line.safeParse(fault)
    if (asLine.success) {
      this.#lines.set(contactKey(contactPoint), asLine.data)
      return { kind: 'set' }
    }
    return contactPoint.includes('@')
      ? put(this.#email, contactPoint, emailFault.safeParse(fault))
      : put(this.#sms, contactPoint, smsFault.safeParse(fault))
  }

  /** The fault that strikes this attempt, if any; it counts as one of its times. */
  takeEmail(address: string): EmailFault | null {
    return take(this.#email, contactKey(address))
  }

  /** What Lookup says of a number, where that was set. */
  lineOf(number: string): LineFault | null {
    return this.#lines.get(contactKey(number)) ?? null
  }

  /** The fault that strikes this attempt, if any; it counts as one of its times. */
  takeSms(number: string): SmsFault | null {
    return take(this.#sms, contactKey(number))
  }
}

function put<Fault extends { kind: string }>(
  faults: Map<string, Exclude<Fault, { kind: 'none' }>>,
  contactPoint: string,
  parsed: z.ZodSafeParseResult<Fault>,
): SetFaultResult {
  if (!parsed.success) return { kind: 'invalid', because: wordsOf(parsed.error) }
  if (isFault(parsed.data)) faults.set(contactKey(contactPoint), parsed.data)
  else faults.delete(contactKey(contactPoint))
  return { kind: 'set' }
}

function isFault<Fault extends { kind: string }>(
  fault: Fault,
): fault is Exclude<Fault, { kind: 'none' }> {
  return fault.kind !== 'none'
}

function take<Fault extends { times?: number | undefined }>(
  faults: Map<string, Fault>,
  key: string,
): Fault | null {
  const fault = faults.get(key)
  if (!fault) return null
  if (fault.times !== undefined) {
    if (fault.times > 1) faults.set(key, { ...fault, times: fault.times - 1 })
    else faults.delete(key)
  }
  return fault
}
