import type { FC } from 'hono/jsx'
import { instant } from '../../domain/time.ts'
import type { StopHolds, StopView } from '../../leads/stops/emergency-stops.ts'
import { Page } from '../layout.tsx'
import { Moment, Nothing, PostForm } from '../parts.tsx'
import type { View } from '../view.ts'

interface EmergencyProps {
  readonly view: View
  readonly stops: readonly { readonly stop: StopView; readonly holds: StopHolds | null }[]
  readonly cadences: readonly { readonly name: string; readonly title: string }[]
  readonly states: readonly { readonly code: string; readonly name: string }[]
  /** The company's IANA zone. */
  readonly zone: string
}

/** The red buttons: stop everything, a cadence, a channel or a state, and lift it again. */
export const EmergencyPage: FC<EmergencyProps> = ({ view, stops, cadences, states, zone }) => (
  <Page title="Emergency stop" view={view} at="emergency">
    <hgroup>
      <h1>Emergency stop</h1>
      <p>
        From the moment you press the button nothing that it concerns leaves. The leads wait, and go
        on from where they were when the stop is lifted.
      </p>
    </hgroup>
    {stops.every(({ stop }) => stop.liftedAt !== null) && <Nothing>No stop is on.</Nothing>}
    {stops.map(({ stop, holds }) => (
      <article class={stop.liftedAt === null ? 'alert' : ''}>
        <header>
          <strong>{stop.stops}</strong>: {stop.because}
        </header>
        <p class="quiet">
          On since <Moment at={instant(Date.parse(stop.since))} zone={zone} />, by {stop.by}
          {stop.liftedAt !== null && (
            <>
              ; lifted <Moment at={instant(Date.parse(stop.liftedAt))} zone={zone} />
            </>
          )}
        </p>
        {holds !== null && <Holds holds={holds} zone={zone} />}
        {stop.liftedAt === null && (
          <PostForm view={view} action={`/emergency/${stop.id}/lift`}>
            <button type="submit" class="small outline">
              Lift this stop
            </button>
          </PostForm>
        )}
      </article>
    ))}
    <div class="stops-new">
      <New view={view} title="Everything" scope="global" />
      <New view={view} title="A channel" scope="channel">
        <option value="sms">texts</option>
        <option value="email">emails</option>
      </New>
      <New view={view} title="A cadence" scope="cadence">
        {cadences.map(({ name, title }) => (
          <option value={name}>{title}</option>
        ))}
      </New>
      <New view={view} title="A state" scope="state">
        {states.map(({ code, name }) => (
          <option value={code}>{name}</option>
        ))}
      </New>
    </div>
  </Page>
)

const Holds: FC<{ holds: StopHolds; zone: string }> = ({ holds, zone }) => (
  <details>
    <summary>
      Concerns {holds.leads} {holds.leads === 1 ? 'lead' : 'leads'}; {holds.waiting} wait for its
      end
    </summary>
    <ul>
      {holds.next.map(({ id, nextAt, next }) => (
        <li>
          <a href={`/leads/${id}`}>{id}</a>{' '}
          {nextAt !== null && <Moment at={instant(Date.parse(nextAt))} zone={zone} />}{' '}
          <span class="quiet">{next}</span>
        </li>
      ))}
    </ul>
  </details>
)

interface NewProps {
  readonly view: View
  readonly title: string
  readonly scope: StopView['scope']
  readonly children?: unknown
}

const New: FC<NewProps> = ({ view, title, scope, children }) => (
  <article>
    <PostForm view={view} action="/emergency">
      <h2>{title}</h2>
      <input type="hidden" name="scope" value={scope} />
      {scope !== 'global' && (
        <label>
          Which
          <select name="key" required>
            {children}
          </select>
        </label>
      )}
      <label>
        Why
        <input name="because" required maxlength={300} autocomplete="off" />
      </label>
      <button type="submit" class="stop">
        Stop {scope === 'global' ? 'everything' : 'it'} now
      </button>
    </PostForm>
  </article>
)
