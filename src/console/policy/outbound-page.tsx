import type { FC } from 'hono/jsx'
import type { Due } from '../../leads/stops/turn-outbound.ts'
import type { OutboundTurn } from '../../store/company/outbound.ts'
import { Page } from '../layout.tsx'
import { Moment, Nothing, PostForm, Table } from '../parts.tsx'
import type { View } from '../view.ts'

interface OutboundProps {
  readonly view: View
  readonly state: OutboundTurn
  readonly due: Due
  /** The fields of the company that still speak for the sample one. */
  readonly sample: readonly string[]
  /** The company's IANA zone. */
  readonly zone: string
}

/** The one switch: what would leave when it is turned, and what is to become of that. */
export const OutboundPage: FC<OutboundProps> = ({ view, state, due, sample, zone }) => (
  <Page title="Going live" view={view} at="outbound">
    <hgroup>
      <h1>Going live</h1>
      <p>
        Messages leave when a worker starts with <code>OUTBOUND=live</code>, or with{' '}
        <code>allowlist</code> for a few addresses first. This page says what would leave then.
      </p>
    </hgroup>
    {sample.length > 0 && (
      <p class="fix">
        The company is still the sample one ({sample.join(', ')}): no start goes live before you set
        your own.
      </p>
    )}
    {state.decision !== null && (
      <article class="alert">
        <p>
          Decided by {state.decision.by}: the next start with{' '}
          <code>OUTBOUND={state.decision.to}</code>{' '}
          {state.decision.due === 'shift'
            ? 'shifts what is due by a day'
            : 'skips the steps that are due'}
          . It stands for a day, since <Moment at={state.decision.at} zone={zone} />.
        </p>
        <PostForm view={view} action="/outbound">
          <input type="hidden" name="to" value={state.decision.to} />
          <button type="submit" name="due" value="cancel" class="secondary">
            Take it back
          </button>
        </PostForm>
      </article>
    )}
    <h2>Due within a day</h2>
    {due.total === 0 ? (
      <Nothing>No message is due within a day: nothing has to be decided.</Nothing>
    ) : (
      <>
        <DueTable due={due} zone={zone} />
        <PostForm view={view} action="/outbound" class="grid">
          <label>
            Turned to
            <select name="to">
              <option value="live">live: messages reach real people</option>
              <option value="allowlist">allowlist: only listed contact points</option>
            </select>
          </label>
          <button type="submit" name="due" value="shift">
            Shift them all by a day
          </button>
          <button type="submit" name="due" value="skip" class="secondary">
            Skip these steps
          </button>
        </PostForm>
      </>
    )}
  </Page>
)

const DueTable: FC<{ due: Due; zone: string }> = ({ due, zone }) => (
  <>
    <Table head={['When', 'By', 'Step', 'Lead']}>
      {due.some.map(({ leadId, at, channel, cadence, step }) => (
        <tr>
          <td>{at === null ? 'not planned yet' : <Moment at={at} zone={zone} />}</td>
          <td>
            <span class={`channel ${channel}`}>{channel}</span>
          </td>
          <td>
            {cadence}, {step}
          </td>
          <td>
            <a href={`/leads/${leadId}`}>its story</a>
          </td>
        </tr>
      ))}
    </Table>
    {due.total > due.some.length && <p class="quiet">… and {due.total - due.some.length} more.</p>}
  </>
)
