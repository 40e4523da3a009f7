import type { FC } from 'hono/jsx'
import type { Selectable } from 'kysely'
import type { AlertsTable } from '../../store/schema.ts'
import { Page } from '../layout.tsx'
import { Moment, Nothing, plain } from '../parts.tsx'
import type { View } from '../view.ts'

interface AlertsProps {
  readonly view: View
  readonly alerts: readonly Selectable<AlertsTable>[]
  /** The company's IANA zone. */
  readonly zone: string
}

/** What is broken, and what to do about it. */
export const AlertsPage: FC<AlertsProps> = ({ view, alerts, zone }) => (
  <Page title="Alerts" view={view} at="alerts">
    <hgroup>
      <h1>Alerts</h1>
      <p>
        What is broken now, and what mends it. An alert closes by itself when its cause is gone.
      </p>
    </hgroup>
    {alerts.length === 0 && <Nothing>All is well.</Nothing>}
    {alerts.map((alert) => (
      <article class="alert">
        <header>
          <strong>{plain(alert.kind)}</strong> since <Moment at={alert.at} zone={zone} />
          {alert.lead_id !== null && (
            <>
              {' · '}
              <a href={`/leads/${alert.lead_id}`}>the lead</a>
            </>
          )}
        </header>
        <p>{alert.because}</p>
        <p class="fix">{alert.fix}</p>
      </article>
    ))}
  </Page>
)
