import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { AT_HEADER } from '../../channels/stamp.ts'
import type { Clock } from '../../domain/time.ts'
import type { Faults, SmsFault } from '../faults.ts'
import { authorized, type EmulatedAccount } from './account.ts'
import { createMessage } from './create.ts'
import { listPage } from './list.ts'
import { type Message, toResource } from './message.ts'
import type { Messages } from './messages.ts'
import type { OptOuts } from './opt-outs.ts'
import { setupRoutes } from './setup.ts'

export type EmulatorParts = {
  /** Where inbound texts are posted; null: nowhere. */
  readonly inboundUrl: () => string | null
  readonly account: EmulatedAccount
  readonly messages: Messages
  readonly optOuts: OptOuts
  readonly faults: Faults
  readonly clock: Clock
  /** Keeps a created message and starts its life. */
  readonly accept: (message: Message, fault: SmsFault | null) => void
  /** Resolves when the emulator closes, at the latest after `ms`. */
  readonly wait: (ms: number) => Promise<void>
}

const FOREVER_MS = 24 * 3_600_000

/** The Messages part of Twilio's REST API, version 2010-04-01, and what tells how it is set up. */
export function emulatorApp(parts: EmulatorParts): Hono {
  const { account, messages } = parts
  const app = new Hono()
  const path = '/2010-04-01/Accounts/:account'

  app.use('*', bodyLimit({ maxSize: 64 * 1024 }))
  app.use('*', async (c, next) => {
    if (!authorized(account, c.req.header('Authorization'))) return problem(c, 401, 20003)
    return next()
  })
  app.use(`${path}/*`, async (c, next) => {
    if (c.req.param('account') !== account.accountSid) return problem(c, 404, 20404)
    return next()
  })

  app.post(`${path}/Messages.json`, (c) => create(c, parts))

  app.get(`${path}/Messages.json`, (c) => {
    const page = listPage(account, messages, new URL(c.req.url))
    return page ? c.json(page) : problem(c, 400, 20001)
  })

  app.get(`${path}/Messages/:file`, (c) => {
    const message = messageOf(c, messages)
    return message ? c.json(toResource(account.accountSid, message)) : problem(c, 404, 20404)
  })

  app.post(`${path}/Messages/:file`, async (c) => {
    const message = messageOf(c, messages)
    if (!message) return problem(c, 404, 20404)
    const { Body, Status } = await c.req.parseBody()
    if (Status === 'canceled' && !cancel(message)) return problem(c, 400, 30409)
    // Only the empty text is allowed: it redacts the message.
    if (Body !== undefined && Body !== '') return problem(c, 400, 20001)
    if (Body === '') message.body = ''
    return c.json(toResource(account.accountSid, message))
  })

  app.delete(`${path}/Messages/:file`, (c) =>
    messages.remove(sidOf(c)) ? c.body(null, 204) : problem(c, 404, 20404),
  )

  app.route('/', setupRoutes({ ...parts, problem }))

  app.notFound((c) => problem(c, 404, 20404))
  return app
}

async function create(c: Context, parts: EmulatorParts): Promise<Response> {
  const form = await c.req.parseBody()
  const fault = typeof form.To === 'string' ? parts.faults.takeSms(form.To) : null
  if (fault?.kind === 'delay') await parts.wait(fault.ms)
  if (fault?.kind === 'create-error') return problem(c, fault.status, fault.code)
  if (fault?.kind === 'http' && !fault.recorded) return bareStatus(c, fault)

  const result = createMessage({
    account: parts.account,
    optOuts: parts.optOuts,
    form,
    at: c.req.header(AT_HEADER),
    clock: parts.clock,
  })
  if (result.kind === 'refused') return problem(c, 400, result.code, result.because)
  const answer = c.json(toResource(parts.account.accountSid, result.message), 201)
  parts.accept(result.message, fault)
  if (fault?.kind === 'timeout-after-acceptance') await parts.wait(FOREVER_MS)
  if (fault?.kind === 'http') return bareStatus(c, fault)
  return answer
}

/** Only what is still waiting can be called back. */
function cancel(message: Message): boolean {
  if (!['accepted', 'scheduled', 'queued'].includes(message.status)) return false
  message.status = 'canceled'
  return true
}

function messageOf(c: Context, messages: Messages): Message | null {
  return messages.get(sidOf(c))
}

function sidOf(c: Context): string {
  return (c.req.param('file') ?? '').replace(/\.json$/, '')
}

function bareStatus(c: Context, fault: Extract<SmsFault, { kind: 'http' }>): Response {
  if (fault.retryAfterS !== undefined) c.header('Retry-After', String(fault.retryAfterS))
  const body = fault.status === 429 ? errorBody(429, 20429, 'Too Many Requests') : ''
  return c.body(
    typeof body === 'string' ? body : JSON.stringify(body),
    fault.status as ContentfulStatusCode,
  )
}

function problem(c: Context, status: number, code: number, message = 'on demand'): Response {
  return c.json(errorBody(status, code, message), status as ContentfulStatusCode)
}

function errorBody(status: number, code: number, message: string) {
  return { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status }
}
