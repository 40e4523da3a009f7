import { type Context, Hono } from 'hono'
import type { CompanySettings } from '../../domain/company/company.ts'
import { engineRules } from '../../domain/company/company.ts'
import type { Channel } from '../../domain/policy/types.ts'
import type { Instant } from '../../domain/time.ts'
import { type PersonTaken, takeOptOutOf } from '../../leads/person-signals.ts'
import {
  applyPreferences,
  endPause,
  erasePerson,
  hashesBehind,
  mayErase,
  pauseForAWhile,
  preferencesOf,
} from '../../leads/web/preferences.ts'
import { readToken } from '../../leads/web/tokens.ts'
import { readSettings } from '../../store/company/settings.ts'
import type { Executor } from '../../store/executor.ts'
import { consentsOf } from '../../store/people/consents.ts'
import type { TokenRow } from '../../store/people/tokens.ts'
import { findTouch } from '../../store/touches.ts'
import type { Ring } from '../../temporal/doorbell.ts'
import { limitedBody } from '../base.ts'
import type { ApiDeps } from '../deps.ts'
import type { ApiEnv } from '../operation.ts'
import { showPage } from './page.ts'
import { contactOf, showPreferences, showUnknownLink, wordsFor } from './preferences-page.ts'
import { noteGlance } from './redirect.ts'
import { languageOf, type PageWords } from './words.ts'

/**
 * Leaving, and choosing. A GET shows buttons and changes nothing, because mail scanners follow
 * links; a POST acts, be it a button's or a mail program's one click (RFC 8058). Tokens for it
 * never expire, and there is nothing to log in to.
 */
export function unsubscribeRoutes(deps: ApiDeps): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>()
  app.use('/u/*', limitedBody(10_000))
  app.get('/u/:token', async (c) => {
    const settings = await readSettings(deps.store.db)
    const token = await readToken(deps.store.db, c.req.param('token'), 'unsubscribe', deps.now())
    if (token !== null) await noteGlance(c, deps, token)
    return show(c, deps, settings, token)
  })
  app.post('/u/:token', async (c) => {
    const settings = await readSettings(deps.store.db)
    const now = deps.now()
    const form = await formOf(c)
    const token = await readToken(deps.store.db, c.req.param('token'), 'unsubscribe', now)
    if (token === null) return showUnknownLink(c, settings.company)
    const done = await act(deps, { settings, token, form, now, words: wordsFor(c) })
    if (done.rings.length > 0) deps.doorbell.ring(done.rings)
    if (done.farewell !== undefined) {
      const { brand } = settings.company
      const words = wordsFor(c)
      const language = languageOf(c.req.header('Accept-Language'))
      return showPage(c, 200, { title: words.title(brand), text: done.farewell, language })
    }
    return show(c, deps, settings, token, done)
  })
  return app
}

interface Shown {
  readonly notice?: string
  readonly status?: 200 | 400
}

async function show(
  c: Context,
  { store, now }: ApiDeps,
  settings: CompanySettings,
  token: TokenRow | null,
  { notice, status }: Shown = {},
) {
  const { company } = settings
  const preferences = token === null ? null : await preferencesOf(store.db, token, settings, now())
  if (preferences === null) return showUnknownLink(c, company)
  return showPreferences(c, {
    company,
    preferences,
    ...(notice !== undefined && { notice }),
    ...(status !== undefined && { status }),
  })
}

/** What a request asks for; a mail program's one click is exactly this body, in either encoding. */
type Form =
  | { readonly kind: 'one_click' }
  | { readonly kind: 'button'; readonly action: string; readonly fields: URLSearchParams }
  | { readonly kind: 'nothing' }

async function formOf(c: Context): Promise<Form> {
  const fields = new URLSearchParams()
  try {
    for (const [name, value] of await c.req.formData()) {
      if (typeof value === 'string') fields.append(name, value)
    }
  } catch {
    return { kind: 'nothing' }
  }
  if (fields.size === 1 && fields.get('List-Unsubscribe') === 'One-Click') {
    return { kind: 'one_click' }
  }
  const action = fields.get('action')
  // A page of another site has no business pressing our buttons, whatever token it got hold of.
  if (action === null || c.req.header('Sec-Fetch-Site') === 'cross-site') return { kind: 'nothing' }
  return { kind: 'button', action, fields }
}

interface Asked {
  readonly settings: CompanySettings
  readonly token: TokenRow
  readonly form: Form
  readonly now: Instant
  readonly words: PageWords
}

interface Done extends Shown {
  readonly rings: readonly Ring[]
  /** Told instead of the page, of which nothing is left to show. */
  readonly farewell?: string
}

async function act(deps: ApiDeps, asked: Asked): Promise<Done> {
  const { settings, token, form, now, words } = asked
  const { company } = settings
  const { store } = deps
  const nothing: Done = { rings: [], notice: words.nothingDone, status: 400 }
  if (form.kind === 'nothing') return nothing
  const action = form.kind === 'one_click' ? 'unsubscribe' : form.action
  switch (action) {
    case 'unsubscribe': {
      const how = form.kind === 'one_click' ? 'one-click unsubscribe' : 'unsubscribe page'
      const { rings } = await store.transaction((trx) => unsubscribe(trx, token, how, now))
      return { rings, notice: words.stopped(company.brand) }
    }
    case 'save': {
      const fields = form.kind === 'button' ? form.fields : new URLSearchParams()
      const wanted = {
        email: fields.has('email'),
        texts: fields.has('texts'),
        topics: fields.getAll('topic'),
      }
      const rings = await store.transaction((trx) =>
        applyPreferences(trx, token, wanted, settings, now),
      )
      return { rings, notice: words.saved }
    }
    case 'pause': {
      const leadNow = deps.leadClock === null ? now : await deps.leadClock(token.lead_id)
      const rings = await store.transaction((trx) =>
        pauseForAWhile(trx, token, company.timezone, now, leadNow),
      )
      return { rings, notice: words.saved }
    }
    case 'resume':
      return {
        rings: await store.transaction((trx) => endPause(trx, token, now)),
        notice: words.resumed,
      }
    case 'erase': {
      const confirmed = form.kind === 'button' && form.fields.get('confirm') === 'yes'
      if (!confirmed) return { rings: [], notice: words.forgetUnconfirmed, status: 400 }
      if (!mayErase(token, now)) {
        return { rings: [], notice: words.tooOld(contactOf(company)), status: 400 }
      }
      const context = { rules: engineRules(settings), receivedAt: now }
      const rings = await store.transaction((trx) => erasePerson(trx, token, context))
      return { rings, farewell: words.forgotten(company.brand) }
    }
    default:
      return nothing
  }
}

async function unsubscribe(
  trx: Executor,
  token: TokenRow,
  how: string,
  at: Instant,
): Promise<PersonTaken> {
  const touch = token.touch_id === null ? null : await findTouch(trx, token.touch_id)
  const channel: Channel = touch?.channel ?? 'email'
  const hashes = await hashesBehind(trx, token, channel)
  return await takeOptOutOf(trx, hashes, {
    id: await eventId(trx, token, hashes),
    signal: { kind: 'opt_out', payload: { channel, how, words: null } },
    via: 'unsubscribe',
    receivedAt: at,
  })
}

/** Pressing twice is one event; leaving again after having come back is another. */
async function eventId(
  trx: Executor,
  { hash }: TokenRow,
  contactHashes: readonly string[],
): Promise<string> {
  let lastConsent = 0
  for (const contactHash of contactHashes) {
    for (const { at, byLead } of await consentsOf(trx, contactHash)) {
      if (byLead) lastConsent = Math.max(lastConsent, at)
    }
  }
  return `unsubscribe:${hash}:${lastConsent}`
}
