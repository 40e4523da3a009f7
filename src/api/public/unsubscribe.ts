import { Hono } from 'hono'
import { consentsOf } from '../../store/consents.ts'
import type { Executor } from '../../store/executor.ts'
import { readSettings } from '../../store/settings.ts'
import type { TokenRow } from '../../store/tokens.ts'
import { findTouch } from '../../store/touches.ts'
import { type PersonTaken, takeOptOutOf } from '../../leads/person-signals.ts'
import { hashesOf } from '../../leads/stops.ts'
import { readToken } from '../../leads/tokens.ts'
import type { Company } from '../../domain/company.ts'
import type { Instant } from '../../domain/time.ts'
import type { Channel } from '../../domain/policy/types.ts'
import type { ApiDeps } from '../deps.ts'
import { limitedBody } from '../base.ts'
import type { ApiEnv } from '../operation.ts'
import { showPage } from './page.ts'

/**
 * Leaving. A GET shows a button and changes nothing, because mail scanners follow links; a POST
 * acts, be it the button's or a mail program's one click (RFC 8058).
 */
export function unsubscribeRoutes(deps: ApiDeps): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>()
  app.use('/u/*', limitedBody(10_000))
  app.get('/u/:token', async (c) => {
    const { company } = await readSettings(deps.store.db)
    const token = await readToken(deps.store.db, c.req.param('token'), 'unsubscribe', deps.now())
    if (token === null) return showPage(c, 404, unknownLink(company))
    return showPage(c, 200, {
      title: `Emails from ${company.brand}`,
      text: `Press the button, and ${company.brand} sends you no more marketing emails.`,
      button: 'Unsubscribe',
    })
  })
  app.post('/u/:token', async (c) => {
    const { company } = await readSettings(deps.store.db)
    const oneClick = /\bOne-Click\b/.test(await c.req.text())
    const how = oneClick ? 'one-click unsubscribe' : 'unsubscribe page'
    const now = deps.now()
    const taken = await deps.store.transaction(async (trx) => {
      const token = await readToken(trx, c.req.param('token'), 'unsubscribe', now)
      return token === null ? null : await unsubscribe(trx, token, how, now)
    })
    if (taken === null) return showPage(c, 404, unknownLink(company))
    if (taken.rings.length > 0) deps.doorbell.ring(taken.rings)
    return showPage(c, 200, {
      title: 'Unsubscribed',
      text: `Done: ${company.brand} sends you no more marketing emails.`,
    })
  })
  return app
}

async function unsubscribe(
  trx: Executor,
  token: TokenRow,
  how: string,
  at: Instant,
): Promise<PersonTaken> {
  const touch = token.touch_id === null ? null : await findTouch(trx, token.touch_id)
  const channel: Channel = touch?.channel ?? 'email'
  // The address that got the message, and the one that the person has now.
  const own = touch === null ? [] : [touch.contact_hash]
  const hashes = [...new Set([...own, ...(await hashesOf(trx, token.lead_id, channel))])]
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

function unknownLink({ brand, replyTo, from }: Company) {
  return {
    title: 'This link is not known',
    text: `It may be incomplete. To get no more emails from ${brand}, answer one of them with the word "unsubscribe", or write to ${replyTo ?? from.email}.`,
  }
}
