import { Hono } from 'hono'
import { z } from 'zod'
import { id, type LeadId, type QueuedId } from '../../domain/ids.ts'
import { RESUME_MODES } from '../../domain/pauses.ts'
import { countLeads } from '../../leads/bulk/whom.ts'
import { cancelQueued } from '../../leads/queue.ts'
import { pauseCadence, resumeCadence, viewPause } from '../../leads/stops/cadence-pause.ts'
import { previewCadenceResume } from '../../leads/stops/resume-preview.ts'
import { openCadencePause } from '../../store/company/cadence-pauses.ts'
import { publishedCadences } from '../../store/company/cadences.ts'
import { actorOf, type Inside, sayRefusals } from '../inside.ts'
import type { ConsoleEnv } from '../view.ts'
import { PausePage } from './pause-page.tsx'

const pauseForm = z.object({ because: z.string().trim().max(500).optional() })
const resumeForm = z.object({ mode: z.enum(RESUME_MODES).default('shift') })

/** Standing a cadence still, letting it go on, and the queue of a lead. */
export function pauseRoutes({ deps, doorway, rules }: Inside): Hono<ConsoleEnv> {
  const { store } = deps
  const app = new Hono<ConsoleEnv>()

  app.get('/cadences/:name/pause', async (c) => {
    const name = c.req.param('name')
    const cadence = (await publishedCadences(store.db)).find((each) => each.name === name)
    if (cadence === undefined) return c.notFound()
    const now = deps.now()
    const engine = await rules()
    const open = await openCadencePause(store.db, name)
    const whom = { kind: 'query', filter: { cadence: name } } as const
    const judging = { now, rules: engine }
    const { count: leads } = await countLeads(store.db, { whom, knownBefore: now }, judging)
    return c.html(
      <PausePage
        view={doorway.view(c)}
        cadence={cadence}
        paused={
          open && {
            pause: viewPause(name, open),
            preview: await previewCadenceResume(store.db, name, now, engine),
          }
        }
        leads={leads}
        zone={engine.company.timezone}
      />,
    )
  })

  app.post('/cadences/:name/pause', async (c) => {
    const name = c.req.param('name')
    const { because } = pauseForm.parse(await c.req.parseBody())
    const said = await sayRefusals(async () => {
      await store.transaction((trx) =>
        pauseCadence(trx, name, because || null, actorOf(c), deps.now()),
      )
      return { tone: 'good', text: 'The cadence stands still until you let it go on.' }
    })
    return doorway.redirect(c, `/cadences/${name}/pause`, said)
  })

  app.post('/cadences/:name/resume', async (c) => {
    const name = c.req.param('name')
    const form = resumeForm.safeParse(await c.req.parseBody())
    const mode = form.success ? form.data.mode : 'shift'
    const said = await sayRefusals(async () => {
      const { woken } = await store.transaction((trx) =>
        resumeCadence(trx, name, mode, actorOf(c), deps.now()),
      )
      return { tone: 'good', text: `The cadence goes on; ${woken} leads are planned anew.` }
    })
    return doorway.redirect(c, '/bulk', said)
  })

  app.post('/leads/:id/queue/:queued/cancel', async (c) => {
    const leadId = id<LeadId>(c.req.param('id'))
    const said = await sayRefusals(async () => {
      const queued = id<QueuedId>(c.req.param('queued'))
      await store.transaction((trx) => cancelQueued(trx, leadId, queued, actorOf(c), deps.now()))
      return { tone: 'good', text: 'It does not begin any more.' }
    })
    return doorway.redirect(c, `/leads/${leadId}`, said)
  })

  return app
}
