import { Hono } from 'hono'
import { z } from 'zod'
import { id, type LeadId, type SignalId } from '../../domain/ids.ts'
import { DEAD_REASONS } from '../../domain/lead.ts'
import { bestZone } from '../../domain/policy/index.ts'
import { INTENTS } from '../../domain/replies/types.ts'
import { DAY_MS } from '../../domain/time.ts'
import { type Action, act } from '../../leads/actions.ts'
import { loadPerson } from '../../leads/people.ts'
import { correctReply } from '../../leads/replies/correct-reply.ts'
import { previewLeadResume } from '../../leads/stops/resume-preview.ts'
import { explainLead } from '../../leads/views/explain.ts'
import { listLeads } from '../../leads/views/list.ts'
import { timelineOf } from '../../leads/views/timeline/timeline.ts'
import { SHOWN_STATUSES, viewLead } from '../../leads/views/view.ts'
import { publishedCadences } from '../../store/company/cadences.ts'
import { findLead, type LeadRow } from '../../store/leads.ts'
import { actorOf, clockOf, type Inside, sayRefusals, untilPlanned } from '../inside.ts'
import { readAction } from '../read-form.ts'
import { countLeads, describeLeads, openTasksOf, stepsOf } from '../reads.ts'
import type { ConsoleEnv } from '../view.ts'
import { LeadPage } from './lead-page.tsx'
import { LeadsPage } from './leads-page.tsx'

/** What a hand-written address gets wrong is left out. */
const listQuery = z.object({
  status: z.enum(SHOWN_STATUSES).optional().catch(undefined),
  reason: z.enum(DEAD_REASONS).optional().catch(undefined),
  q: z.string().max(200).optional().catch(undefined),
  stuck: z.literal('true').optional().catch(undefined),
  cursor: z.string().max(200).optional().catch(undefined),
})

const travelForm = z.union([
  z.object({ by: z.literal('next-touch') }),
  z.object({ days: z.coerce.number().int().min(1).max(800) }),
])

const optionalField = z
  .string()
  .max(1_000)
  .optional()
  .transform((text) => (text === undefined || text.trim() === '' ? null : text.trim()))

const correctionForm = z.object({
  intent: z.enum(INTENTS).catch('unknown'),
  detail: optionalField,
  because: optionalField,
})

/** The list of leads, and each lead's story with what an operator may do. */
export function leadRoutes(inside: Inside): Hono<ConsoleEnv> {
  const { deps, doorway, rules } = inside
  const { store } = deps
  const app = new Hono<ConsoleEnv>()

  app.get('/', async (c) => {
    const { stuck, cursor, ...query } = listQuery.parse(c.req.query())
    const filter = { ...query, stuck: stuck === 'true' }
    const { q, ...conditions } = query
    const page = await listLeads(store.db, {
      q,
      stuck: filter.stuck,
      filter: conditions,
      cursor,
    })
    const { company } = await rules()
    return c.html(
      <LeadsPage
        view={doorway.view(c)}
        counts={await countLeads(store.db)}
        filter={filter}
        leads={await describeLeads(store.db, page.leads)}
        cursor={page.cursor}
        zone={company.timezone}
        playable={deps.local !== null}
      />,
    )
  })

  app.get('/leads/:id', async (c) => {
    const lead = await findLead(store.db, id<LeadId>(c.req.param('id')))
    if (lead === null) return c.notFound()
    const now = await clockOf(deps, lead.id)
    const shown = await viewLead(store.db, lead)
    const isHeld = shown.holds.some(({ kind }) => OWN_HOLDS.has(kind))
    return c.html(
      <LeadPage
        view={doorway.view(c)}
        lead={lead}
        shown={shown}
        resume={isHeld ? await previewLeadResume(store.db, lead, now, await rules()) : null}
        explanation={await explainLead(store.db, lead, now, await rules())}
        entries={await timelineOf(store.db, lead.id)}
        tasks={await openTasksOf(store.db, lead.id)}
        steps={await stepsOf(store.db, lead)}
        cadences={await publishedCadences(store.db)}
        clock={{ now, aheadMs: now - deps.now() }}
        namespace={deps.temporal.namespace}
        canTravel={deps.local !== null}
      />,
    )
  })

  app.post('/leads/:id/act', async (c) => {
    const lead = await findLead(store.db, id<LeadId>(c.req.param('id')))
    if (lead === null) return c.notFound()
    const said = await sayRefusals(async () => {
      const action = readAction(
        await c.req.parseBody(),
        await zoneOf(inside, lead),
        await clockOf(deps, lead.id),
      )
      const context = {
        who: actorOf(c),
        receivedAt: deps.now(),
        rules: await rules(),
        eventId: null,
      }
      const acted = await store.transaction((trx) => act(trx, lead.id, action, context))
      deps.doorbell.ring(acted.rings)
      await untilPlanned(deps, lead.id)
      return { tone: 'good', text: DONE[action.kind] }
    })
    return doorway.redirect(c, `/leads/${lead.id}`, said)
  })

  for (const way of ['correct', 'undo'] as const) {
    app.post(`/leads/:id/replies/:signalId/${way}`, async (c) => {
      const lead = await findLead(store.db, id<LeadId>(c.req.param('id')))
      if (lead === null) return c.notFound()
      const said = await sayRefusals(async () => {
        const { intent, detail, because } = correctionForm.parse(await c.req.parseBody())
        const correction = {
          signalId: id<SignalId>(c.req.param('signalId')),
          intent: way === 'undo' ? null : intent,
          detail: way === 'undo' ? null : detail,
          because,
        }
        const context = { who: actorOf(c), receivedAt: deps.now(), eventId: null }
        const acted = await store.transaction((trx) =>
          correctReply(trx, lead.id, correction, context),
        )
        deps.doorbell.ring(acted.rings)
        await untilPlanned(deps, lead.id)
        const text = way === 'undo' ? 'It is taken back.' : 'It is corrected.'
        return { tone: 'good', text }
      })
      return doorway.redirect(c, `/leads/${lead.id}`, said)
    })
  }

  app.post('/leads/:id/fast-forward', async (c) => {
    const lead = await findLead(store.db, id<LeadId>(c.req.param('id')))
    if (lead === null || deps.local === null) return c.notFound()
    const form = travelForm.safeParse(await c.req.parseBody())
    if (!form.success) {
      const text = 'Time was not moved: the number of days is from 1 to 800.'
      return doorway.redirect(c, `/leads/${lead.id}`, { tone: 'bad', text })
    }
    const by = 'by' in form.data ? form.data.by : { ms: form.data.days * DAY_MS }
    const result = await deps.local.fastForward(lead.id, by)
    return doorway.redirect(
      c,
      `/leads/${lead.id}`,
      result.kind === 'done'
        ? { tone: 'good', text: 'Time has passed for this lead; see what happened below.' }
        : { tone: 'bad', text: result.because, fix: result.fix },
    )
  })

  return app
}

/** What a resume of the lead ends; other holds end with their cause. */
const OWN_HOLDS: ReadonlySet<string> = new Set(['paused', 'held_until', 'parked'])

/** The zone in which the lead's page told the time. */
async function zoneOf({ deps, rules }: Inside, lead: LeadRow): Promise<string> {
  const { policy } = await loadPerson(deps.store.db, lead, deps.now())
  return bestZone(policy, (await rules()).policy).zone
}

const DONE: Readonly<Record<Action['kind'], string>> = {
  enroll: 'The lead is enrolled.',
  pause: 'The lead is paused: nothing is sent until it is resumed.',
  resume: 'The lead goes on.',
  skip: 'The step is skipped.',
  jump: 'The lead was moved to that step.',
  hold: 'The lead is held until then.',
  send_now: 'The next message leaves as soon as the law allows.',
  mark_dead: 'The lead is dead, and its reason is recorded.',
  revive: 'The lead is being revived.',
  convert: 'The lead has converted.',
  disposition: 'It is recorded what sales says.',
  opt_out: 'The person is never written to again on this channel.',
  erase: 'The person is erased.',
}
