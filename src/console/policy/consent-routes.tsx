import { Hono } from 'hono'
import { z } from 'zod'
import type { Instant } from '../../domain/time.ts'
import { atLocal, dayOfDate } from '../../domain/time-zones.ts'
import { attest, defineDisclosure, withdrawAttestation } from '../../leads/evidence/disclosures.ts'
import { consentsByStrength } from '../../leads/evidence/revocations.ts'
import { allAttestations, allDisclosures } from '../../store/people/disclosures.ts'
import { newestDncList } from '../../store/people/dnc.ts'
import { suppressionCounts } from '../../store/people/suppressions.ts'
import { actorOf, type Inside, sayRefusals } from '../inside.ts'
import { day } from '../read-form.ts'
import type { ConsoleContext, ConsoleEnv, Said } from '../view.ts'
import { ConsentPage } from './consent-page.tsx'

const disclosureForm = z.object({
  id: z.string().trim().min(1).max(200),
  channel: z.enum(['sms', 'email']),
  text: z.string().trim().min(1).max(10_000),
  since: day,
})

const attestationForm = z.object({
  source: z.string().trim().min(1).max(200),
  /** "sms web-2026-03". */
  disclosure: z.string().regex(/^(sms|email) .+/),
  from: day,
  until: day,
  because: z.string().trim().min(1).max(1_000),
})

const INCOMPLETE: Said = {
  tone: 'bad',
  text: 'The form is not complete.',
  fix: 'Fill every field that is not marked as optional.',
}

/** Disclosures, attestations, and the lists of stops. */
export function consentRoutes({ deps, doorway, rules }: Inside): Hono<ConsoleEnv> {
  const { store } = deps
  const app = new Hono<ConsoleEnv>()
  const writer = (c: ConsoleContext) => ({ who: actorOf(c), at: deps.now() })
  const back = (c: ConsoleContext, said: Said) => doorway.redirect(c, '/consent', said)

  /** The midnight with which a day begins where the company is: it is told by that clock, too. */
  const beginningOf = async (date: string): Promise<Instant> =>
    atLocal(dayOfDate(date), 0, (await rules()).company.timezone)

  app.get('/consent', async (c) => {
    const { company } = await rules()
    return c.html(
      <ConsentPage
        view={doorway.view(c)}
        disclosures={await allDisclosures(store.db)}
        attestations={await allAttestations(store.db)}
        strengths={await consentsByStrength(store.db)}
        stops={await suppressionCounts(store.db)}
        dnc={await newestDncList(store.db)}
        zone={company.timezone}
        now={deps.now()}
      />,
    )
  })

  app.post('/consent/disclosures', async (c) => {
    const form = disclosureForm.safeParse(await c.req.parseBody())
    if (!form.success) return back(c, INCOMPLETE)
    const said = await sayRefusals(async () => {
      const { since } = form.data
      const input = {
        ...form.data,
        since: since === null ? deps.now() : await beginningOf(since),
      }
      const { disclosure, created } = await store.transaction((trx) =>
        defineDisclosure(trx, input, writer(c)),
      )
      const text = created
        ? `Version ${disclosure.version} of ${disclosure.id} is defined.`
        : `${disclosure.id} says this already.`
      return { tone: 'good', text }
    })
    return back(c, said)
  })

  app.post('/consent/attestations', async (c) => {
    const form = attestationForm.safeParse(await c.req.parseBody())
    const from = form.data?.from ?? null
    if (!form.success || from === null) return back(c, INCOMPLETE)
    const { source, until, because } = form.data
    const [channel = '', ...id] = form.data.disclosure.split(' ')
    const said = await sayRefusals(async () => {
      const input = {
        source,
        channel: channel === 'email' ? ('email' as const) : ('sms' as const),
        basis: 'express_written' as const,
        disclosure: id.join(' '),
        from: await beginningOf(from),
        until: until === null ? null : await beginningOf(until),
        because,
      }
      await store.transaction((trx) => attest(trx, input, writer(c)))
      return { tone: 'good', text: `${source} vouches for its leads now.` }
    })
    return back(c, said)
  })

  app.post('/consent/attestations/:id/withdraw', async (c) => {
    const said = await sayRefusals(async () => {
      const row = await store.transaction((trx) =>
        withdrawAttestation(trx, c.req.param('id'), writer(c)),
      )
      return { tone: 'good', text: `What ${row.source} vouched for counts no more.` }
    })
    return back(c, said)
  })

  return app
}
