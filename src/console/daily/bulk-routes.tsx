import { Hono } from 'hono'
import { z } from 'zod'
import { type BulkId, id } from '../../domain/ids.ts'
import { previewBulk, startBulk } from '../../leads/bulk/start.ts'
import { BULK_TURNS, turn } from '../../leads/bulk/turn.ts'
import { lastsWords, viewBulk, workWords } from '../../leads/bulk/view.ts'
import { publishedCadences } from '../../store/company/cadences.ts'
import { allSegments } from '../../store/company/segments.ts'
import { findLead } from '../../store/leads.ts'
import { listBulk } from '../../store/work/bulk-runs.ts'
import { actorOf, type Inside, sayRefusals } from '../inside.ts'
import { nameOf } from '../reads.ts'
import type { ConsoleEnv, Said } from '../view.ts'
import { BulkPage, BulkPreviewPage } from './bulk-page.tsx'
import { readBulk } from './read-bulk.ts'

const LISTED = 20
const fieldsForm = z
  .record(z.string(), z.unknown())
  .transform((fields) =>
    Object.fromEntries(
      Object.entries(fields).flatMap(([name, value]) =>
        typeof value === 'string' && name !== 'token' ? [[name, value] as const] : [],
      ),
    ),
  )
const expectedForm = z.object({ expected: z.coerce.number().int().min(0) })

const DONE = {
  pause: 'It stands still.',
  resume: 'It goes on.',
  cancel: 'It has come to its end; what it has done stays done.',
} as const

/** One thing done to many leads: looked at first, begun, watched, stopped. */
export function bulkRoutes({ deps, doorway, rules }: Inside): Hono<ConsoleEnv> {
  const { store } = deps
  const app = new Hono<ConsoleEnv>()

  app.get('/bulk', async (c) => {
    const { company } = await rules()
    return c.html(
      <BulkPage
        view={doorway.view(c)}
        runs={(await listBulk(store.db, LISTED)).map(viewBulk)}
        cadences={await publishedCadences(store.db)}
        segments={await allSegments(store.db)}
        zone={company.timezone}
      />,
    )
  })

  app.post('/bulk/preview', async (c) => {
    const fields = fieldsForm.parse(await c.req.parseBody())
    const engine = await rules()
    let page: Response | null = null
    const said = await sayRefusals(async (): Promise<Said> => {
      const judging = { now: deps.now(), rules: engine }
      const wanted = readBulk(fields, engine.company.timezone, deps.now())
      const { count, exact, sample, lastsMs } = await previewBulk(store.db, wanted, judging)
      const leads = []
      for (const leadId of sample) {
        const lead = await findLead(store.db, leadId)
        if (lead) leads.push({ id: leadId, name: nameOf(lead), next: lead.next_words ?? '' })
      }
      page = await c.html(
        <BulkPreviewPage
          view={doorway.view(c)}
          what={workWords(wanted.work)}
          count={count}
          exact={exact}
          lasts={lastsWords(lastsMs)}
          sample={leads}
          fields={fields}
        />,
      )
      return { tone: 'good', text: '' }
    })
    return page ?? doorway.redirect(c, '/bulk', said)
  })

  app.post('/bulk', async (c) => {
    const fields = fieldsForm.parse(await c.req.parseBody())
    const engine = await rules()
    const said = await sayRefusals(async () => {
      const { expected } = expectedForm.parse(fields)
      const wanted = readBulk(fields, engine.company.timezone, deps.now())
      const judging = { now: deps.now(), rules: engine }
      const run = await store.transaction((trx) =>
        startBulk(trx, wanted, expected, actorOf(c), judging),
      )
      return { tone: 'good', text: `It has begun: ${run.total} leads.` }
    })
    return doorway.redirect(c, '/bulk', said)
  })

  for (const how of BULK_TURNS) {
    app.post(`/bulk/:id/${how}`, async (c) => {
      const bulkId = id<BulkId>(c.req.param('id'))
      const said = await sayRefusals(async () => {
        await store.transaction((trx) => turn(trx, bulkId, how, actorOf(c), deps.now()))
        return { tone: 'good', text: DONE[how] }
      })
      return doorway.redirect(c, '/bulk', said)
    })
  }

  return app
}
