import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import { z } from 'zod'
import type { Company } from '../../domain/company/company.ts'
import { LATER, type Later, LONGEST_DETAIL, WHY_ANSWERS } from '../../domain/replies/why.ts'
import { answerWhy, type Pressed } from '../../leads/web/answer-why.ts'
import { readToken } from '../../leads/web/tokens.ts'
import { readSettings } from '../../store/company/settings.ts'
import { findLead } from '../../store/leads.ts'
import { limitedBody } from '../base.ts'
import type { ApiDeps } from '../deps.ts'
import type { ApiEnv } from '../operation.ts'
import { showPage } from './page.ts'
import { showUnknownLink } from './preferences-page.ts'
import { noteGlance } from './redirect.ts'
import { type WhyWords, whyWordsIn } from './why-words.ts'
import { languageOf } from './words.ts'

/**
 * One question before a lead is given up. A GET shows buttons and changes nothing, because mail
 * scanners follow links; a POST is the lead's answer. There is nothing to log in to: the token is
 * good for this alone, and says nothing of whom it belongs to.
 */
export function whyRoutes(deps: ApiDeps): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>()
  app.use('/why/*', limitedBody(10_000))
  app.get('/why/:token', async (c) => {
    const { token, company } = await linkOf(c, deps)
    if (token === null) return showUnknownLink(c, company)
    await noteGlance(c, deps, token)
    return showWhy(c, company, null)
  })
  app.post('/why/:token', async (c) => {
    const { token, company } = await linkOf(c, deps)
    if (token === null) return showUnknownLink(c, company)
    const pressed = await pressedIn(c)
    const words = wordsFor(c)
    if (pressed === null) return showWhy(c, company, null, words.nothingDone, 400)
    const taken = await deps.store.transaction((trx) =>
      answerWhy(trx, deps.hashKeys, token, pressed, deps.now()),
    )
    if (taken.kind === 'nobody') return showUnknownLink(c, company)
    if (taken.kind === 'too_often') return showWhy(c, company, null, words.tooOften, 400)
    if (taken.rings.length > 0) deps.doorbell.ring(taken.rings)
    return showWhy(c, company, pressed)
  })
  return app
}

/** The link's token, unless the person behind it is not known any more. */
async function linkOf(c: Context, { store, now }: ApiDeps) {
  const { company } = await readSettings(store.db)
  const token = await readToken(store.db, c.req.param('token') ?? '', 'why', now())
  const lead = token === null ? null : await findLead(store.db, token.lead_id)
  return { token: lead === null || lead.status === 'erased' ? null : token, company }
}

const formSchema = z.object({
  answer: z.enum(WHY_ANSWERS),
  when: z.enum(Object.keys(LATER) as [Later, ...Later[]]).optional(),
  detail: z.string().trim().max(LONGEST_DETAIL).optional(),
})

/** What was pressed; null for anything but the page's own buttons. */
async function pressedIn(c: Context): Promise<Pressed | null> {
  if (c.req.header('Sec-Fetch-Site') === 'cross-site') return null
  const fields = await c.req.formData().catch(() => null)
  const form = formSchema.safeParse(Object.fromEntries(fields?.entries() ?? []))
  if (!form.success) return null
  const { answer, when, detail } = form.data
  return { answer, when: when ?? null, detail: detail ? detail : null }
}

function wordsFor(c: Context): WhyWords {
  return whyWordsIn(languageOf(c.req.header('Accept-Language')))
}

function showWhy(
  c: Context,
  { brand }: Company,
  pressed: Pressed | null,
  notice?: string,
  status: 200 | 400 = 200,
) {
  const words = wordsFor(c)
  const language = languageOf(c.req.header('Accept-Language'))
  if (pressed === null) {
    return showPage(c, status, {
      title: words.title,
      text: words.intro(brand),
      language,
      ...(notice !== undefined && { notice }),
      more: buttons(words, null),
    })
  }
  const said = pressed.when !== null || pressed.detail !== null
  return showPage(c, status, {
    title: words.answers[pressed.answer],
    text: words.thanks[pressed.answer](brand),
    language,
    ...(said && { notice: words.noted }),
    more: html`${said ? '' : asking(words, pressed)}
      <section>
        <h2>${words.another}</h2>
        ${buttons(words, pressed)}
      </section>`,
  })
}

/** One button for each answer but the one that was given. */
function buttons({ answers }: WhyWords, pressed: Pressed | null) {
  const others = WHY_ANSWERS.filter((answer) => answer !== pressed?.answer)
  return html`<form method="post" class="choices">
    ${others.map((answer) => html`<button name="answer" value="${answer}">${answers[answer]}</button>`)}
  </form>`
}

/** The detail that makes a reason worth more; whoever has none has answered all the same. */
function asking({ when, later, more, send }: WhyWords, { answer }: Pressed) {
  if (answer === 'timing') {
    return html`<section>
      <h2>${when}</h2>
      <form method="post" class="choices">
        <input type="hidden" name="answer" value="timing" />
        ${Object.entries(later).map(
          ([value, label]) => html`<button name="when" value="${value}">${label}</button>`,
        )}
      </form>
    </section>`
  }
  return html`<section>
    <form method="post">
      <input type="hidden" name="answer" value="${answer}" />
      <label class="field">
        ${more[answer]}
        <input type="text" name="detail" maxlength="${LONGEST_DETAIL}" autocomplete="off" required />
      </label>
      <button class="first">${send}</button>
    </form>
  </section>`
}
