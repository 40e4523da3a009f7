import { Hono } from 'hono'
import { z } from 'zod'
import type { ConsentInput } from '../../leads/incoming/consents.ts'
import type { Post } from '../../leads/incoming/post.ts'
import { upsertLead } from '../../leads/incoming/upsert.ts'
import { type FieldProblem, Refusal } from '../../leads/intake.ts'
import { publishedCadences } from '../../store/company/cadences.ts'
import { actorOf, type Inside, untilPlanned } from '../inside.ts'
import type { FormFields } from '../read-form.ts'
import type { ConsoleContext, ConsoleEnv } from '../view.ts'
import { NewLeadPage } from './new-lead-page.tsx'

const text = z
  .string()
  .max(200)
  .optional()
  .transform((value) => (value === undefined || value.trim() === '' ? undefined : value.trim()))

const leadForm = z.object({
  firstName: text,
  lastName: text,
  email: text,
  phone: text,
  company: text,
  owner: text,
  state: text,
  zip: text,
  language: text,
  cadence: text,
  emailConsent: z.literal('yes').optional(),
  smsConsent: z.literal('yes').optional(),
})

/** Adding one lead by hand, by the same function that the api uses. */
export function newLeadRoutes(inside: Inside): Hono<ConsoleEnv> {
  const { deps, doorway, rules } = inside
  const { store } = deps
  const app = new Hono<ConsoleEnv>()

  const page = async (
    c: ConsoleContext,
    fields: FormFields,
    problems: readonly FieldProblem[],
    status: 200 | 422 = 200,
  ) =>
    c.html(
      <NewLeadPage
        view={doorway.view(c)}
        cadences={await publishedCadences(store.db)}
        defaultCadence={(await rules()).defaultCadence}
        fields={fields}
        problems={problems}
      />,
      status,
    )

  app.get('/leads/new', (c) => page(c, {}, []))

  app.post('/leads/new', async (c) => {
    const fields = await c.req.parseBody()
    const form = leadForm.safeParse(fields)
    if (!form.success) return page(c, fields, problemsOf(form.error), 422)
    const context = {
      hashKeys: deps.hashKeys,
      rules: await rules(),
      via: actorOf(c),
      receivedAt: deps.now(),
      begunBy: 'api' as const,
      eventId: null,
    }
    try {
      const post = postOf(form.data)
      const { lead, created, ring } = await store.transaction((trx) =>
        upsertLead(trx, post, context),
      )
      if (ring !== null) deps.doorbell.ring([ring])
      await untilPlanned(deps, lead.id)
      return doorway.redirect(c, `/leads/${lead.id}`, {
        tone: 'good',
        text: created ? 'The lead is added.' : 'This lead was known already; it is up to date now.',
      })
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      const { message, fix, problems } = error
      return page(
        c,
        fields,
        problems.length > 0 ? problems : [{ field: 'form', message, fix }],
        422,
      )
    }
  })

  return app
}

function postOf(form: z.infer<typeof leadForm>): Post {
  const { cadence, emailConsent, smsConsent, ...lead } = form
  const consent = { disclosure: null, at: null, source: 'console', ip: null }
  const consents: ConsentInput[] = [
    ...(emailConsent ? [{ ...consent, channel: 'email' as const, basis: 'express' as const }] : []),
    ...(smsConsent
      ? [{ ...consent, channel: 'sms' as const, basis: 'express_written' as const }]
      : []),
  ]
  return {
    lead: { ...lead, source: 'console' },
    consents,
    cadence: cadence ?? null,
    form: false,
    visitorId: null,
    dead: null,
  }
}

function problemsOf(error: z.ZodError): FieldProblem[] {
  return error.issues.map(({ path, message }) => ({
    field: path.join('.'),
    message,
    fix: 'Correct it.',
  }))
}
