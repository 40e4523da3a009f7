import { Hono } from 'hono'
import { pausedCadences } from '../../store/company/cadence-pauses.ts'
import { allOfferings } from '../../store/company/offerings.ts'
import { CadencesPage } from '../cadences/cadences-page.tsx'
import type { Inside } from '../inside.ts'
import { cadencesInUse, openAlerts } from '../reads.ts'
import type { ConsoleEnv } from '../view.ts'
import { AlertsPage } from './alerts-page.tsx'
import { OfferingsPage } from './offerings-page.tsx'

/** The pages about all leads at once: cadences, alerts. */
export function overviewRoutes({ deps, doorway, rules }: Inside): Hono<ConsoleEnv> {
  const { store } = deps
  const app = new Hono<ConsoleEnv>()

  app.get('/cadences', async (c) => {
    const { company } = await rules()
    const cadences = await cadencesInUse(store.db)
    const paused = new Set((await pausedCadences(store.db)).keys())
    return c.html(
      <CadencesPage
        view={doorway.view(c)}
        cadences={cadences}
        folder={(await deps.folder?.read()) ?? null}
        paused={paused}
        zone={company.timezone}
      />,
    )
  })

  app.get('/offerings', async (c) => {
    const { company } = await rules()
    const offerings = await allOfferings(store.db)
    return c.html(
      <OfferingsPage view={doorway.view(c)} offerings={offerings} zone={company.timezone} />,
    )
  })

  app.get('/alerts', async (c) => {
    const { company } = await rules()
    const alerts = await openAlerts(store.db)
    return c.html(<AlertsPage view={doorway.view(c)} alerts={alerts} zone={company.timezone} />)
  })

  return app
}
