import { z } from 'zod'
import { LONGEST_DETAIL, WHY_ANSWERS } from '../../domain/replies/why.ts'
import type { Api } from '../operation.ts'

const TAG = 'Public: links of messages'
const token = z.object({ token: z.string() })
const page = (description: string) => ({
  description,
  content: { 'text/html': { schema: z.string() } },
})
const UNKNOWN = page('The token is none of ours, or the person was erased: a page that helps.')

/** A page that a link of a message opens, and the form on it. */
interface LinkPage {
  readonly path: string
  /** Of the page; showing it changes nothing. */
  readonly summary: string
  readonly form: {
    readonly summary: string
    readonly description: string
    readonly schema: z.ZodObject
    readonly example: Readonly<Record<string, string>>
    /** What a 200 shows. */
    readonly done: string
  }
}

const LINK_PAGES: readonly LinkPage[] = [
  {
    path: '/u/{token}',
    summary: 'The preference centre; changes nothing',
    form: {
      summary: 'Unsubscribe, choose, pause, erase',
      description:
        'A mail program posts exactly `List-Unsubscribe=One-Click` (RFC 8058). The page posts `action`: `unsubscribe`; `save` with `email`, `texts` and a `topic` for each that is wanted; `pause`; `resume`; `erase` with `confirm=yes`. Anything else changes nothing. Doing it again changes nothing more.',
      schema: z.object({
        'List-Unsubscribe': z.literal('One-Click').optional(),
        action: z.enum(['unsubscribe', 'save', 'pause', 'resume', 'erase']).optional(),
        email: z.literal('yes').optional(),
        texts: z.literal('yes').optional(),
        topic: z.array(z.string()).optional(),
        confirm: z.literal('yes').optional(),
      }),
      example: { 'List-Unsubscribe': 'One-Click' },
      done: 'Done; the page as it is now.',
    },
  },
  {
    path: '/why/{token}',
    summary: 'The one question why; changes nothing',
    form: {
      summary: 'Answer why',
      description:
        'A press counts like an answer by email: it sets the reason with its details, or hands the lead to a person (`interested`). Another press replaces the one before; the same again changes nothing.',
      schema: z.object({
        answer: z.enum(WHY_ANSWERS),
        when: z.enum(['1', '3', '6', '12']).optional(),
        detail: z.string().max(LONGEST_DETAIL).optional(),
      }),
      example: { answer: 'timing', when: '3' },
      done: 'Thanks, and room for a detail.',
    },
  },
]

/** Describes what the public listener answers to the links of messages, for whoever tests them. */
export function describePublicRoutes(api: Api, publicUrl: string): void {
  const at = { tags: [TAG], servers: [{ url: publicUrl }], security: [] }
  const { openAPIRegistry: registry } = api
  for (const { path, summary, form } of LINK_PAGES) {
    registry.registerPath({
      ...at,
      method: 'get',
      path,
      summary,
      request: { params: token, headers: z.object({ 'Accept-Language': z.string().optional() }) },
      responses: { 200: page('The page, in English or Spanish.'), 404: UNKNOWN },
    })
    const { schema, example } = form
    registry.registerPath({
      ...at,
      method: 'post',
      path,
      summary: form.summary,
      description: form.description,
      request: {
        params: token,
        body: {
          required: true,
          content: { 'application/x-www-form-urlencoded': { schema, example } },
        },
      },
      responses: {
        200: page(form.done),
        400: page('Nothing was changed: the page, and why.'),
        404: UNKNOWN,
      },
    })
  }
  registry.registerPath({
    ...at,
    method: 'get',
    path: '/r/{token}',
    summary: 'A link of a message',
    description:
      'Leads to the target that was stored with the token. A click is recorded when a person made it, and never changes a state.',
    request: { params: token },
    responses: { 302: { description: 'To the target.' }, 404: UNKNOWN },
  })
  registry.registerPath({
    ...at,
    method: 'get',
    path: '/o/{token}',
    summary: 'The picture of an email',
    description:
      'The same for every token. Only emails sent while `tracking.opens` is on have one.',
    request: { params: token },
    responses: {
      200: {
        description: 'One transparent pixel.',
        content: { 'image/gif': { schema: z.string() } },
      },
    },
  })
}
