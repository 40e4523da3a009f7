import type { FC } from 'hono/jsx'
import type { DeliveryCount, DeliveryRow, WebhookRow } from '../../store/company/webhooks.ts'
import { Page } from '../layout.tsx'
import { Moment, Nothing, PostForm, Table } from '../parts.tsx'
import type { View } from '../view.ts'

/** The states of a delivery, as they are told. */
const STATES: readonly (readonly [DeliveryRow['state'], string])[] = [
  ['due', 'due'],
  ['delivered', 'delivered'],
  ['failed', 'failed'],
  ['caught', 'caught: nothing leaves this machine'],
  ['dropped', 'dropped: it made no sense any more'],
]

interface WebhooksProps {
  readonly view: View
  readonly webhooks: readonly WebhookRow[]
  readonly counts: readonly DeliveryCount[]
  /** Steps of cadences that tell an endpoint which is not there. */
  readonly untold: readonly {
    readonly cadence: string
    readonly step: string
    readonly to: string
  }[]
  readonly zone: string
}

/** Whom cadences tell of leads, and how that goes. */
export const WebhooksPage: FC<WebhooksProps> = ({ view, webhooks, counts, untold, zone }) => (
  <Page title="Webhooks" view={view} at="webhooks">
    <hgroup>
      <h1>Webhooks</h1>
      <p>
        Endpoints of other systems. A step <code>webhook: {'{ to: NAME }'}</code> tells one of them
        that a lead came to it.
      </p>
    </hgroup>
    {untold.map(({ cadence, step, to }) => (
      <p class="fix">
        {cadence}, step <code>{step}</code>, tells <code>{to}</code>, which is not there: nobody
        hears of it. Add it with <code>PUT /v1/webhooks/{to}</code>.
      </p>
    ))}
    {webhooks.length === 0 ? (
      <Nothing>
        There is none. <code>PUT /v1/webhooks/NAME</code> adds one.
      </Nothing>
    ) : (
      <Table head={['Name', 'Where', 'Gets', 'Deliveries', 'Changed']}>
        {webhooks.map((webhook) => (
          <tr>
            <td>
              <a href={`/webhooks/${webhook.name}`}>{webhook.name}</a>
            </td>
            <td>{new URL(webhook.url).host}</td>
            <td>{webhook.contact_data ? 'names and addresses' : 'ids only'}</td>
            <td>{countWords(counts.filter((count) => count.webhook === webhook.name))}</td>
            <td>
              <Moment at={webhook.updated_at} zone={zone} />
            </td>
          </tr>
        ))}
      </Table>
    )}
  </Page>
)

function countWords(counts: readonly DeliveryCount[]): string {
  const words = STATES.flatMap(([state]) => {
    const found = counts.find((count) => count.state === state)
    return found === undefined ? [] : [`${found.count} ${state}`]
  })
  return words.join(', ') || 'none yet'
}

interface DeliveriesProps {
  readonly view: View
  readonly webhook: WebhookRow
  readonly deliveries: readonly DeliveryRow[]
  /** Only those that stand so; all when null. */
  readonly state: DeliveryRow['state'] | null
  /** The last one shown when there are more. */
  readonly next: string | null
  readonly zone: string
}

/** What one endpoint was told, the newest first, and what failed, to be tried again. */
export const DeliveriesPage: FC<DeliveriesProps> = (props) => {
  const { view, webhook, deliveries, state, next, zone } = props
  const here = `/webhooks/${webhook.name}`
  return (
    <Page title={`Webhook ${webhook.name}`} view={view} at="webhooks">
      <hgroup>
        <h1>{webhook.name}</h1>
        <p>
          {webhook.url}, added by {webhook.created_by}
        </p>
      </hgroup>
      <nav aria-label="Deliveries">
        <ul class="tabs">
          <li>
            <a href={here} {...(state === null && { 'aria-current': 'page' })}>
              All
            </a>
          </li>
          {STATES.map(([each]) => (
            <li>
              <a href={`${here}?state=${each}`} {...(each === state && { 'aria-current': 'page' })}>
                {each}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      {deliveries.length === 0 && <Nothing>There are none.</Nothing>}
      {deliveries.length > 0 && (
        <Table head={['When', 'Lead', 'Step', 'What became of it', '']}>
          {deliveries.map((delivery) => (
            <tr>
              <td>
                <Moment at={delivery.created_at} zone={zone} />
              </td>
              <td>
                <a href={`/leads/${delivery.lead_id}`}>the lead</a>
              </td>
              <td>
                <code>{delivery.step_id}</code>
              </td>
              <td>
                {outcomeWords(delivery)}
                {delivery.state === 'due' && (
                  <>
                    , next try <Moment at={delivery.due_at} zone={zone} />
                  </>
                )}
              </td>
              <td>
                {delivery.state === 'failed' && (
                  <PostForm view={view} action={`${here}/retry`}>
                    <input type="hidden" name="delivery" value={delivery.id} />
                    <button type="submit" class="small secondary">
                      Try again
                    </button>
                  </PostForm>
                )}
              </td>
            </tr>
          ))}
        </Table>
      )}
      {next !== null && (
        <p>
          <a href={`${here}?${state === null ? '' : `state=${state}&`}cursor=${next}`}>
            Older ones
          </a>
        </p>
      )}
    </Page>
  )
}

function outcomeWords({ state, attempts, because }: DeliveryRow): string {
  const words = STATES.find(([each]) => each === state)?.[1] ?? state
  const tries = attempts > 1 ? ` after ${attempts} tries` : ''
  return `${words}${tries}${because === null ? '' : ` (${because})`}`
}
