import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { HOUR_MS, type Instant, instant, plus } from '../domain/time.ts'
import type { KeyHolder } from './deps.ts'

/** One log-in. It lives in a signed cookie only; nothing of it is stored. */
export interface Session {
  /** Random; forms are tied to it. */
  readonly id: string
  readonly key: KeyHolder
  readonly until: Instant
}

const SESSION_LIFE_MS = 12 * HOUR_MS

const sessionSchema = z.object({
  id: z.string().min(1),
  key: z.object({ id: z.string(), name: z.string() }),
  until: z.number().transform(instant),
})

/** Opens, reads and ends sessions, and makes the tokens that tie forms to them. */
export class Sessions {
  readonly #secret: Buffer
  /** Ended by log-out, until they would have ended anyway. */
  readonly #ended = new Map<string, Instant>()

  constructor(secret: Buffer) {
    this.#secret = secret
  }

  open(key: KeyHolder, now: Instant): Session {
    const id = randomBytes(18).toString('base64url')
    return { id, key, until: plus(now, SESSION_LIFE_MS) }
  }

  /** The cookie's value. */
  seal(session: Session): string {
    const body = Buffer.from(JSON.stringify(session)).toString('base64url')
    return `${body}.${this.#sign('session', body)}`
  }

  /** The session in a cookie; null when it is forged, over or ended. */
  read(cookie: string | undefined, now: Instant): Session | null {
    const [body, signature] = cookie?.split('.') ?? []
    if (body === undefined || signature === undefined) return null
    if (!equal(signature, this.#sign('session', body))) return null
    const parsed = sessionSchema.safeParse(parseJson(Buffer.from(body, 'base64url').toString()))
    if (!parsed.success || parsed.data.until <= now) return null
    return this.#ended.has(parsed.data.id) ? null : parsed.data
  }

  /** From now on this session is over, whoever still has its cookie. */
  end({ id, until }: Session, now: Instant): void {
    for (const [ended, over] of this.#ended) if (over <= now) this.#ended.delete(ended)
    this.#ended.set(id, until)
  }

  /** What every form of this session carries. */
  formToken({ id }: Session): string {
    return this.#sign('form', id)
  }

  isFormToken(session: Session, token: string): boolean {
    return equal(token, this.formToken(session))
  }

  #sign(purpose: 'session' | 'form', text: string): string {
    return createHmac('sha256', this.#secret)
      .update(`console ${purpose}\n${text}`)
      .digest('base64url')
  }
}

function equal(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)]
  return a.length === b.length && timingSafeEqual(a, b)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
