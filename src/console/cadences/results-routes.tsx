import { Hono } from 'hono'
import { z } from 'zod'
import { atLocal, dayOfDate } from '../../domain/time-zones.ts'
import { cadenceReport } from '../../leads/views/cadence-report.ts'
import type { Inside } from '../inside.ts'
import { day } from '../read-form.ts'
import { cadencesInUse } from '../reads.ts'
import type { ConsoleEnv } from '../view.ts'
import { ResultsPage } from './results-page.tsx'

/** What a hand-written address gets wrong is left out. */
const filterQuery = z.object({
  cadence: z
    .string()
    .max(100)
    .transform((text) => text || null)
    .nullable()
    .catch(null),
  from: day.nullable().catch(null),
  to: day.nullable().catch(null),
})

/** What became of the leads that began in a span of the company's days. */
export function resultsRoutes({ deps, doorway, rules }: Inside): Hono<ConsoleEnv> {
  const { store } = deps
  const app = new Hono<ConsoleEnv>()

  app.get('/cadences/results', async (c) => {
    const filter = filterQuery.parse(c.req.query())
    const { timezone } = (await rules()).company
    const midnight = (date: string | null, after: number) =>
      date === null ? undefined : atLocal(dayOfDate(date) + after, 0, timezone)
    const span = { from: midnight(filter.from, 0), to: midnight(filter.to, 1) }
    const items = await cadenceReport(store.db, filter.cadence, span)
    const cadences = (await cadencesInUse(store.db)).map(({ cadence }) => cadence.name)
    return c.html(
      <ResultsPage view={doorway.view(c)} items={items} filter={filter} cadences={cadences} />,
    )
  })

  return app
}
