import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { type FieldProblem, Refusal } from '../leads/intake.ts'
import { StoreError } from '../store/errors.ts'

/** An error as RFC 9457 wants it, with what to do about it. */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly code: string
  readonly detail: string
  readonly fix: string
  readonly errors?: readonly FieldProblem[]
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Not authorised',
  403: 'Forbidden',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Conflict',
  413: 'Too large',
  415: 'Unsupported content',
  422: 'Not valid',
  429: 'Too many requests',
  500: 'Internal error',
  503: 'Not available',
}

/** Answers with a problem+json of this refusal. */
export function refuse(c: Context, refusal: Refusal): Response {
  const problem: Problem = {
    type: `urn:rekindle:problem:${refusal.code}`,
    title: TITLES[refusal.status] ?? 'Refused',
    status: refusal.status,
    code: refusal.code,
    detail: refusal.message,
    fix: refusal.fix,
    ...refusal.about,
    ...(refusal.problems.length > 0 && { errors: refusal.problems }),
  }
  return answerProblem(c, problem)
}

/** Whatever went wrong, as a problem; what was not foreseen tells nothing of its cause. */
export function problemOf(c: Context, error: unknown): { response: Response; foreseen: boolean } {
  if (error instanceof Refusal) return { response: refuse(c, error), foreseen: true }
  if (error instanceof HTTPException) {
    return { response: refuse(c, fromHttp(error)), foreseen: true }
  }
  if (error instanceof StoreError && error.code === 'transaction_timeout') {
    const fix = 'Try again in a moment.'
    const busy = new Refusal(503, 'store_busy', 'The store was too slow to answer.', fix)
    return { response: refuse(c, busy), foreseen: false }
  }
  const response = answerProblem(c, {
    type: 'urn:rekindle:problem:internal',
    title: 'Internal error',
    status: 500,
    code: 'internal',
    detail: 'Something went wrong here; the log has it under the request id.',
    fix: 'Try again; when it stays, give whoever runs this the X-Request-Id of the answer.',
  })
  return { response, foreseen: false }
}

/** Where no route is: 404, with where they are listed. */
export function noSuchRoute(c: Context): Response {
  const fix = 'The routes are listed at /docs and /openapi.json of the private listener.'
  return refuse(c, new Refusal(404, 'no_such_route', 'Nothing is here.', fix))
}

function fromHttp({ status }: HTTPException): Refusal {
  if (status === 413) return tooLarge()
  return new Refusal(
    status === 403 || status === 401 || status === 404 ? status : 400,
    'bad_request',
    'The request could not be read.',
    'Send JSON as the docs show it.',
  )
}

/** A body beyond the limit of its route. */
export function tooLarge(): Refusal {
  return new Refusal(413, 'too_large', 'The body is too large.', 'Send less at once.')
}

function answerProblem(c: Context, problem: Problem): Response {
  return c.body(JSON.stringify(problem), problem.status as ContentfulStatusCode, {
    'Content-Type': 'application/problem+json',
  })
}
