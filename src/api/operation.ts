import { createHash } from 'node:crypto'
import { OpenAPIHono, type RouteConfig } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { z } from 'zod'
import type { EngineRules } from '../domain/company/company.ts'
import { engineRules } from '../domain/company/company.ts'
import { id, type SignalId } from '../domain/ids.ts'
import type { Instant } from '../domain/time.ts'
import { Refusal } from '../leads/intake.ts'
import { readSettings } from '../store/company/settings.ts'
import type { Executor } from '../store/executor.ts'
import { keepResponse, pruneKeys, takeKey } from '../store/idempotency.ts'
import { canonical } from '../store/ledger.ts'
import type { Ring } from '../temporal/doorbell.ts'
import type { ApiDeps } from './deps.ts'
import { validated } from './validate.ts'

/** What every /v1 handler finds on the context: whose key was given. */
export interface ApiEnv {
  Variables: { requestId: string; caller: { readonly keyId: string; readonly name: string } }
}

export type Api = OpenAPIHono<ApiEnv>

/** How one route is described, checked and shown at /docs. */
export interface Description<Body extends z.ZodType, Query extends z.ZodType> {
  readonly path: string
  readonly tag: string
  readonly summary: string
  readonly description?: string
  readonly query?: Query
  readonly body?: Body
  /** An example of the body. */
  readonly example?: unknown
  /** What the 2xx answer is, and an example of it. */
  readonly answer: string
  readonly answerExample?: unknown
}

export interface Answer {
  readonly status?: 200 | 201 | 202
  readonly body: unknown
}

interface Input<Body, Query> {
  readonly c: Context<ApiEnv>
  readonly deps: ApiDeps
  readonly body: Body
  readonly query: Query
  /** "api:<name of the key>". */
  readonly who: string
  readonly now: Instant
}

interface WriteInput<Body, Query> extends Input<Body, Query> {
  readonly rules: EngineRules
  /** Derived from the Idempotency-Key: the id of the event that the request reports. */
  readonly eventId: SignalId | null
}

export interface Written extends Answer {
  /** Leads whose plans became stale; rung after the commit. */
  readonly rings?: readonly Ring[]
  /** The answer when Temporal is away; 202 with the same body when absent. */
  readonly away?: unknown
}

/** A route that only reads. */
export function read<Query extends z.ZodType = z.ZodUndefined>(
  api: Api,
  deps: ApiDeps,
  description: Description<z.ZodUndefined, Query>,
  handle: (input: Input<undefined, z.output<Query>>) => Promise<Answer | Response>,
): void {
  register(api, 'get', description)
  api.get(description.path, async (c) => {
    const query = queryOf(c, description.query)
    const who = `api:${c.var.caller.name}`
    const answer = await handle({ c, deps, body: undefined, query, who, now: deps.now() })
    return answer instanceof Response ? answer : c.json(answer.body, answer.status ?? 200)
  })
}

/**
 * A route that writes, in one transaction. With an Idempotency-Key the same request changes
 * nothing the second time and gets the first answer; another body under the key is refused. The
 * bells are rung after the commit; while Temporal is away the answer is a 202.
 */
export function write<
  Body extends z.ZodType = z.ZodUndefined,
  Query extends z.ZodType = z.ZodUndefined,
>(
  api: Api,
  deps: ApiDeps,
  method: 'post' | 'patch' | 'put' | 'delete',
  description: Description<Body, Query>,
  handle: (trx: Executor, input: WriteInput<z.output<Body>, z.output<Query>>) => Promise<Written>,
  /** What takes long and needs no transaction; what it throws refuses the request. */
  before: (input: Input<z.output<Body>, z.output<Query>>) => Promise<void> = async () => {},
): void {
  register(api, method, description)
  api.on(method.toUpperCase(), description.path, async (c) => {
    const raw = description.body === undefined ? undefined : await jsonOf(c)
    const body = validated(description.body ?? z.undefined(), raw)
    const input = {
      c,
      deps,
      body: body as z.output<Body>,
      query: queryOf(c, description.query),
      who: `api:${c.var.caller.name}`,
      now: deps.now(),
      rules: engineRules(await readSettings(deps.store.db)),
    }
    const key = keyOf(c)
    await before(input)
    const answer = await deps.store.transaction(async (trx) => {
      if (key === null) return await handle(trx, { ...input, eventId: null })
      return await once(trx, c, key, raw, input.now, (eventId) =>
        handle(trx, { ...input, eventId }),
      )
    })
    const rings = answer.rings ?? []
    if (rings.length > 0) deps.doorbell.ring(rings)
    const away = rings.length > 0 && !deps.doorbell.healthy
    const shown = away ? (answer.away ?? answer.body) : answer.body
    return c.json(shown, away ? 202 : (answer.status ?? 200))
  })
}

async function once(
  trx: Executor,
  c: Context<ApiEnv>,
  key: string,
  raw: unknown,
  now: Instant,
  work: (eventId: SignalId) => Promise<Written>,
): Promise<Written> {
  const stored = `${c.var.caller.keyId} ${key}`
  const bodyHash = digest(`${c.req.method} ${c.req.path}\n${canonical(raw)}`)
  const taken = await takeKey(trx, stored, bodyHash, now)
  if (taken.kind === 'other_body') throw otherBody()
  if (keysTaken % KEYS_PER_PRUNING === 0) await pruneKeys(trx, now)
  keysTaken += 1
  if (taken.kind === 'repeated') {
    const { status, body } = taken.response
    return { status: status === 201 || status === 202 ? status : 200, body }
  }
  const answer = await work(id<SignalId>(`event_${digest(stored)}`))
  await keepResponse(trx, stored, { status: answer.status ?? 200, body: answer.body })
  return answer
}

/** Old answers are swept out with every so many new ones, and at the first. */
const KEYS_PER_PRUNING = 500
let keysTaken = 0

function otherBody(): Refusal {
  return new Refusal(
    422,
    'idempotency_key_reused',
    'This Idempotency-Key came before, with another request.',
    'Use a new key for each request, and the same key only to repeat one.',
  )
}

const KEY = /^[\x21-\x7e]{1,200}$/

function keyOf(c: Context): string | null {
  const key = c.req.header('Idempotency-Key')
  if (key === undefined) return null
  if (KEY.test(key)) return key
  const fix = 'Use a UUID, or another text of up to 200 letters, digits and signs.'
  throw new Refusal(422, 'invalid_idempotency_key', 'The Idempotency-Key cannot be used.', fix)
}

/** The JSON of the request's body. @throws Refusal 415, 400 */
export async function jsonOf(c: Context): Promise<unknown> {
  const type = c.req.header('Content-Type') ?? ''
  if (!/^application\/([\w.+-]+\+)?json\b/i.test(type)) {
    const fix = 'Send JSON with Content-Type: application/json.'
    throw new Refusal(415, 'not_json', 'The body is not declared as JSON.', fix)
  }
  const text = await c.req.text()
  try {
    return JSON.parse(text)
  } catch {
    const fix = 'Check quotes, commas and brackets; the docs show an example.'
    throw new Refusal(400, 'malformed_json', 'The body is not valid JSON.', fix)
  }
}

function queryOf<Query extends z.ZodType>(c: Context, schema: Query | undefined): z.output<Query> {
  const known = schema ?? z.undefined()
  const given = schema === undefined ? undefined : c.req.query()
  return validated(known, given) as z.output<Query>
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}

const PROBLEM = {
  description: 'What went wrong, where, and what to do about it.',
  content: {
    'application/problem+json': {
      schema: z.object({
        type: z.string(),
        title: z.string(),
        status: z.number(),
        code: z.string(),
        detail: z.string(),
        fix: z.string(),
        errors: z
          .array(z.object({ field: z.string(), message: z.string(), fix: z.string() }))
          .optional(),
      }),
    },
  },
}

function register(
  api: Api,
  method: RouteConfig['method'],
  description: Description<z.ZodType, z.ZodType>,
): void {
  const { path, tag, summary, body, query, example, answer, answerExample } = description
  const names = [...path.matchAll(/:(\w+)/g)].flatMap(([, name]) => name ?? [])
  api.openAPIRegistry.registerPath({
    method,
    path: path.replaceAll(/:(\w+)/g, '{$1}'),
    tags: [tag],
    summary,
    ...(description.description !== undefined && { description: description.description }),
    security: [{ key: [] }],
    request: {
      ...(names.length > 0 && {
        params: z.object(Object.fromEntries(names.map((name) => [name, z.string()]))),
      }),
      ...(query instanceof z.ZodObject && { query }),
      ...(method !== 'get' && {
        headers: z.object({ 'Idempotency-Key': z.string().optional() }),
      }),
      ...(body !== undefined && {
        body: { required: true, content: { 'application/json': { schema: body, example } } },
      }),
    },
    responses: {
      200: {
        description: answer,
        content: {
          'application/json': {
            schema: z.object({}).loose(),
            ...(answerExample !== undefined && { example: answerExample }),
          },
        },
      },
      default: PROBLEM,
    },
  })
}

/** A router whose routes join the OpenAPI description. */
export function newApi(): Api {
  return new OpenAPIHono<ApiEnv>()
}
