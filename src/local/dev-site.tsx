import { type Context, Hono } from 'hono'
import { getCookie } from 'hono/cookie'
import type { FC } from 'hono/jsx'
import { z } from 'zod'
import { DoneWell, Home, Pricing } from './dev-site-pages.tsx'

/** Where the sample company's own server finds Rekindle, and what it shows there. */
export interface SampleSiteOptions {
  readonly publicUrl: string
  readonly privateUrl: string
  /** The company's server posts leads with it; it is never in a page. */
  readonly apiKey: string
  /** Stands in every page: it may report visits, and nothing else. */
  readonly writeKey: string
}

/** The cookie that Rekindle sets for a visitor, as its documentation names it. */
const VISITOR_COOKIE = 'rk_visitor'
/** Under which the site serves the tracker, so that its cookie is the site's own. */
const TRACKER_PATH = '/rk'
const DISCLOSURE = 'sample-site-1'

const formSchema = z.object({
  firstName: z.string().trim().max(100),
  email: z.string().trim().min(1).max(320),
  phone: z.string().trim().max(40),
  texts: z.literal('yes').optional(),
  /** Made with the page: sending it twice is one form. */
  formId: z.string().min(8).max(100),
})

/** What a problem+json answer says to people. */
const problemSchema = z.object({ detail: z.string(), fix: z.string().optional() })

/**
 * The website of a company that uses Rekindle, as small as one can be: two pages with the tracker
 * in them, a form whose server posts the lead, and the proxied path under which the tracker is
 * the site's own. It is mounted below /dev/site, in the embedded mode only.
 */
export function sampleSite(options: SampleSiteOptions): Hono {
  const app = new Hono()
  const at = (c: Context) =>
    c.req.path.replace(/(\/(pricing|contact|thanks|rk\/t(\.js)?))?\/?$/, '')
  const show = (c: Context, Page: FC<PageProps>, more: Partial<PageProps> = {}) => {
    const site = at(c)
    const tracker = { src: `${site}${TRACKER_PATH}/t.js`, key: options.writeKey }
    const page = <Page site={site} tracker={tracker} formId={crypto.randomUUID()} {...more} />
    return c.html(page, more.problem ? 422 : 200)
  }
  // The form's own origin must be told to this server: the default of the listener hides it.
  app.use(async (c, next) => {
    await next()
    c.header('Referrer-Policy', 'same-origin')
    c.header('Cache-Control', 'no-store')
  })

  app.get('/', (c) => show(c, Home))
  app.get('/pricing', (c) => show(c, Pricing))
  app.get('/thanks', (c) => show(c, DoneWell))

  app.post('/contact', async (c) => {
    const written = await c.req.parseBody()
    const fields = formSchema.safeParse(written)
    if (!fields.success) {
      return show(c, Pricing, { problem: 'Please fill in your email address.', written })
    }
    const problem = await postLead(options, {
      ...fields.data,
      visitorId: getCookie(c, VISITOR_COOKIE) ?? null,
      page: new URL(`${at(c)}/pricing`, options.privateUrl).href,
    })
    if (problem !== null) return show(c, Pricing, { problem, written })
    return c.redirect(`${at(c)}/thanks`, 303)
  })

  app.get(`${TRACKER_PATH}/t.js`, (c) => passOn(c, `${options.publicUrl}/t.js`))
  app.post(`${TRACKER_PATH}/t`, (c) => passOn(c, `${options.publicUrl}/t`))
  return app
}

export interface PageProps {
  /** The path that the site lives under. */
  readonly site: string
  readonly tracker: { readonly src: string; readonly key: string }
  readonly formId: string
  /** Why the form was not taken. */
  readonly problem?: string
  /** What was written into the form that was not taken. */
  readonly written?: Readonly<Record<string, unknown>>
}

type SentForm = z.infer<typeof formSchema> & {
  readonly visitorId: string | null
  readonly page: string
}

/** Posts the lead as a company's own server does; null when it was taken, else why not. */
async function postLead(options: SampleSiteOptions, form: SentForm): Promise<string | null> {
  const body = {
    lead: {
      firstName: form.firstName || null,
      email: form.email,
      phone: form.phone || null,
      source: 'webform',
    },
    consents: form.texts
      ? [{ channel: 'sms', basis: 'express_written', disclosure: DISCLOSURE, source: form.page }]
      : [],
    event: 'form',
    visitorId: form.visitorId,
  }
  const response = await fetch(`${options.privateUrl}/v1/leads`, {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${options.apiKey}`,
      'Content-Type': 'application/json',
      'Idempotency-Key': `sample-site-${form.formId}`,
    },
    body: JSON.stringify(body),
  })
  if (response.ok) return null
  const problem = problemSchema.safeParse(await response.json().catch(() => null))
  if (!problem.success) return 'Something went wrong. Please try again.'
  return [problem.data.detail, problem.data.fix].filter((each) => each !== undefined).join(' ')
}

/** Headers of a visitor's request that a first-party proxy hands on, and of the answer. */
const ASKED = ['content-type', 'cookie', 'origin', 'user-agent']
const ANSWERED = ['content-type', 'cache-control']

/** What nginx does with one `location` block: the visitor's browser talks to this site only. */
async function passOn(c: Context, url: string): Promise<Response> {
  const headers = new Headers()
  for (const name of ASKED) {
    const value = c.req.header(name)
    if (value !== undefined) headers.set(name, value)
  }
  const body = c.req.method === 'POST' ? await c.req.text() : null
  const answer = await fetch(url, { method: c.req.method, headers, body, redirect: 'manual' })
  const out = new Response(answer.status === 204 ? null : await answer.text(), {
    status: answer.status,
  })
  for (const name of ANSWERED) {
    const value = answer.headers.get(name)
    if (value !== null) out.headers.set(name, value)
  }
  for (const cookie of answer.headers.getSetCookie()) out.headers.append('set-cookie', cookie)
  return out
}
