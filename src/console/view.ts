import type { Context, MiddlewareHandler } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { z } from 'zod'
import { stopWords } from '../domain/policy/index.ts'
import { openStops } from '../store/company/emergency-stops.ts'
import type { ConsoleDeps } from './deps.ts'
import { type Session, Sessions } from './session.ts'

/** What every page shows around its own. */
export interface View {
  readonly session: Session
  /** Carried by every form. */
  readonly token: string
  readonly outbound: ConsoleDeps['config']['outbound']
  readonly version: string
  /** Caught messages are kept here to be read. */
  readonly hasOutbox: boolean
  readonly temporalUrl: string | null
  readonly said: Said | null
  /** What emergency stops that are on stop, in words. */
  readonly stopped: readonly string[]
}

/** What the last action led to, told on the next page. */
export interface Said {
  readonly tone: 'good' | 'bad'
  readonly text: string
  readonly fix?: string | undefined
}

export type ConsoleEnv = { Variables: { session: Session; stopped: readonly string[] } }
export type ConsoleContext = Context<ConsoleEnv>

const SESSION_COOKIE = 'rekindle_session'
const SAID_COOKIE = 'rekindle_said'

const saidSchema = z.object({
  tone: z.enum(['good', 'bad']),
  text: z.string(),
  fix: z.string().optional(),
})

/** Cookies, forms and frames of the console: what a request and its answer share. */
export class Doorway {
  readonly #deps: ConsoleDeps
  readonly #sessions: Sessions

  constructor(deps: ConsoleDeps) {
    this.#deps = deps
    this.#sessions = new Sessions(deps.sessionSecret)
  }

  /** Lets those with a session in; the others are asked to log in, and come back afterwards. */
  readonly guard: MiddlewareHandler<ConsoleEnv> = async (c, next) => {
    const session = this.#sessions.read(getCookie(c, SESSION_COOKIE), this.#deps.now())
    if (session === null || !(await this.#deps.isLive(session.key.id))) {
      const back = c.req.method === 'GET' && c.req.path !== '/' ? c.req.path : null
      return c.redirect(back === null ? '/login' : `/login?back=${encodeURIComponent(back)}`, 303)
    }
    c.set('session', session)
    if (c.req.method === 'GET')
      c.set('stopped', (await openStops(this.#deps.store.db)).map(stopWords))
    return next()
  }

  /** Refuses a form that no page of this session made. */
  readonly checkForm: MiddlewareHandler<ConsoleEnv> = async (c, next) => {
    if (c.req.method !== 'POST') return next()
    const { token } = await c.req.parseBody()
    if (typeof token !== 'string' || !this.#sessions.isFormToken(c.get('session'), token)) {
      return c.text('This form is too old. Go back, load the page again, and repeat.', 403)
    }
    return next()
  }

  logIn(c: Context, key: Session['key']): void {
    const session = this.#sessions.open(key, this.#deps.now())
    setCookie(c, SESSION_COOKIE, this.#sessions.seal(session), this.#cookie())
  }

  logOut(c: ConsoleContext): void {
    this.#sessions.end(c.get('session'), this.#deps.now())
    deleteCookie(c, SESSION_COOKIE, { path: '/' })
  }

  /** Sends the browser on, with a word about what was done. */
  redirect(c: ConsoleContext, to: string, said: Said | null = null): Response {
    if (said !== null) {
      const value = Buffer.from(JSON.stringify(said)).toString('base64url')
      setCookie(c, SAID_COOKIE, value, { ...this.#cookie(), maxAge: 60 })
    }
    return c.redirect(to, 303)
  }

  /** What the page is framed with; the last word is told once. */
  view(c: ConsoleContext): View {
    const session = c.get('session')
    const { config, catchers, temporal } = this.#deps
    const cookie = getCookie(c, SAID_COOKIE)
    if (cookie !== undefined) deleteCookie(c, SAID_COOKIE, { path: '/' })
    return {
      session,
      token: this.#sessions.formToken(session),
      outbound: config.outbound,
      version: config.version,
      hasOutbox: catchers !== null,
      temporalUrl: temporal.uiUrl,
      said: cookie === undefined ? null : readSaid(cookie),
      stopped: c.get('stopped') ?? [],
    }
  }

  #cookie() {
    const secure = this.#deps.config.privateUrl.startsWith('https:')
    return { path: '/', httpOnly: true, sameSite: 'Strict', secure } as const
  }
}

function readSaid(cookie: string): Said | null {
  try {
    return saidSchema.parse(JSON.parse(Buffer.from(cookie, 'base64url').toString()))
  } catch {
    return null
  }
}
