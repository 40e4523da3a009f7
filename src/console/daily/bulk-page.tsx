import type { FC } from 'hono/jsx'
import { DEAD_REASONS } from '../../domain/lead.ts'
import { RESUME_MODES } from '../../domain/pauses.ts'
import { instant } from '../../domain/time.ts'
import type { BulkView } from '../../leads/bulk/view.ts'
import { SHOWN_STATUSES } from '../../leads/views/view.ts'
import { Page } from '../layout.tsx'
import { Death } from '../leads/death.tsx'
import { Moment, Nothing, PostForm, placeWords, plain } from '../parts.tsx'
import type { View } from '../view.ts'

interface BulkPageProps {
  readonly view: View
  readonly runs: readonly BulkView[]
  readonly cadences: readonly { readonly name: string; readonly title: string }[]
  readonly segments: readonly { readonly name: string }[]
  /** The company's IANA zone. */
  readonly zone: string
}

/** One thing done to many leads: what is under way, and the form for another. */
export const BulkPage: FC<BulkPageProps> = ({ view, runs, cadences, segments, zone }) => (
  <Page title="Many leads" view={view} at="bulk">
    <hgroup>
      <h1>Many leads at once</h1>
      <p>
        Each lead passes the same gates as one alone. Nothing happens before you have seen how many
        there are. <a href="/bulk">Look again</a>
      </p>
    </hgroup>
    {runs.length === 0 && <Nothing>Nothing was done to many leads yet.</Nothing>}
    {runs.map((run) => (
      <Run view={view} run={run} zone={zone} />
    ))}
    <NewRun view={view} cadences={cadences} segments={segments} zone={zone} />
  </Page>
)

const Run: FC<{ view: View; run: BulkView; zone: string }> = ({ view, run, zone }) => (
  <article class="run">
    <header>
      <strong>{run.what}</strong>: {run.whom} <span class="badge">{run.state}</span>
    </header>
    <progress value={run.done + run.passed} max={Math.max(run.total, run.done + run.passed, 1)} />
    <p class="quiet">
      {run.done} of {run.total} done
      {run.passed > 0 && `, ${run.passed} passed over`} · {run.pace} · {run.because} · by {run.by},{' '}
      <Moment at={instant(Date.parse(run.createdAt))} zone={zone} />
    </p>
    {run.finishedAt === null && (
      <div class="row">
        {run.state === 'running' ? (
          <Turn view={view} run={run} how="pause" label="Pause" />
        ) : (
          <Turn view={view} run={run} how="resume" label="Go on" />
        )}
        <Turn view={view} run={run} how="cancel" label="Cancel" />
      </div>
    )}
  </article>
)

interface TurnProps {
  readonly view: View
  readonly run: BulkView
  readonly how: string
  readonly label: string
}

const Turn: FC<TurnProps> = ({ view, run, how, label }) => (
  <PostForm view={view} action={`/bulk/${run.id}/${how}`}>
    <button type="submit" class="small outline">
      {label}
    </button>
  </PostForm>
)

type NewRunProps = Omit<BulkPageProps, 'runs'>

const ACTIONS = [
  ['pause', 'Pause'],
  ['resume', 'Resume'],
  ['enroll', 'Put into a cadence'],
  ['skip', 'Skip the planned step'],
  ['jump', 'Go to a step'],
  ['hold', 'Hold until a date'],
  ['send_now', 'Send the planned message now'],
  ['mark_dead', 'Give up'],
  ['revive', 'Revive'],
] as const

const NewRun: FC<NewRunProps> = ({ view, cadences, segments, zone }) => (
  <article>
    <header>
      <h2>Do something to many leads</h2>
    </header>
    <PostForm view={view} action="/bulk/preview">
      <fieldset>
        <legend>To whom: all that you fill in must hold</legend>
        <div class="grid">
          <Choice name="whomStatus" label="Status" values={SHOWN_STATUSES} />
          <Choice name="whomReason" label="Dead because" values={DEAD_REASONS} />
          <Choice name="whomCadence" label="In" values={cadences.map(({ name }) => name)} />
          <Field name="whomStep" label="At the step" />
        </div>
        <div class="grid">
          <Field name="whomSource" label="Source" />
          <Field name="whomOwner" label="Owner" />
          <Field name="whomTag" label="Tag" />
          <Field name="whomState" label="State" />
          {segments.length > 0 && (
            <Choice name="whomSegment" label="Segment" values={segments.map(({ name }) => name)} />
          )}
        </div>
        <label>
          <input type="checkbox" name="everyone" value="yes" /> everybody, when nothing is filled in
        </label>
      </fieldset>
      <fieldset class="what">
        <legend>What</legend>
        <label>
          Do
          <select name="kind" required class="kind">
            {ACTIONS.map(([kind, label]) => (
              <option value={kind}>{label}</option>
            ))}
          </select>
        </label>
        <div class="if-cadence">
          <Choice name="cadence" label="Cadence" values={cadences.map(({ name }) => name)} />
          <label>
            <input type="checkbox" name="replace" value="yes" /> whatever the priorities say
          </label>
        </div>
        <div class="if-mode">
          <Choice name="mode" label="What becomes of the time" values={RESUME_MODES} />
        </div>
        <div class="if-step">
          <Field name="step" label="Step" />
        </div>
        <div class="if-until">
          <label>
            Until ({placeWords(zone)} time)
            <input type="datetime-local" name="until" />
          </label>
        </div>
        <div class="if-dead">
          <Death />
        </div>
      </fieldset>
      <fieldset class="grid">
        <Field name="runBecause" label="Why" />
        <label>
          How fast
          <input type="number" name="paceCount" min="1" max="100000" value="300" />
        </label>
        <label>
          &nbsp;
          <select name="paceUnit">
            <option value="per_minute">a minute</option>
            <option value="per_day">a day, in the company’s hours</option>
          </select>
        </label>
      </fieldset>
      <button type="submit">Look whom it concerns</button>
    </PostForm>
  </article>
)

const Field: FC<{ name: string; label: string }> = ({ name, label }) => (
  <label>
    {label}
    <input name={name} maxlength={300} autocomplete="off" />
  </label>
)

interface ChoiceProps {
  readonly name: string
  readonly label: string
  readonly values: readonly string[]
}

const Choice: FC<ChoiceProps> = ({ name, label, values }) => (
  <label>
    {label}
    <select name={name}>
      <option value="">—</option>
      {values.map((value) => (
        <option value={value}>{plain(value)}</option>
      ))}
    </select>
  </label>
)

interface PreviewProps {
  readonly view: View
  readonly what: string
  readonly count: number
  /** False: about so many. */
  readonly exact: boolean
  readonly lasts: string
  readonly sample: readonly { readonly id: string; readonly name: string; readonly next: string }[]
  /** Carried on to the form that begins it. */
  readonly fields: Readonly<Record<string, string>>
}

/** Whom a run would concern, and the button that begins it. */
export const BulkPreviewPage: FC<PreviewProps> = (props) => {
  const { view, what, count, exact, lasts, sample, fields } = props
  return (
    <Page title="Many leads" view={view} at="bulk">
      <hgroup>
        <h1>{what}</h1>
        <p>
          {exact ? '' : 'About '}
          {count === 1 ? 'One lead' : `${count} leads`}, in {lasts} at the least. Nothing has
          happened yet. <a href="/bulk">Back</a>
        </p>
      </hgroup>
      <ul>
        {sample.map(({ id, name, next }) => (
          <li>
            <a href={`/leads/${id}`}>{name}</a> <span class="quiet">{next}</span>
          </li>
        ))}
        {count > sample.length && <li class="quiet">… and {count - sample.length} more</li>}
      </ul>
      {count > 0 && (
        <PostForm view={view} action="/bulk">
          {Object.entries(fields).map(([name, value]) => (
            <input type="hidden" name={name} value={value} />
          ))}
          <input type="hidden" name="expected" value={String(count)} />
          <button type="submit">Do it to {count === 1 ? 'this lead' : `these ${count}`}</button>
        </PostForm>
      )}
    </Page>
  )
}
