import type { FC } from 'hono/jsx'
import type { CompanySettings } from '../../domain/company/company.ts'
import {
  CHANNELS,
  MOST_TEXTS_AND_CALLS_PER_DAY,
  OVERRIDE_NAMES,
  type OverrideName,
} from '../../domain/policy/index.ts'
import type { FieldProblem } from '../../leads/intake.ts'
import { Page } from '../layout.tsx'
import { Moment, Nothing, PostForm } from '../parts.tsx'
import type { FormFields } from '../read-form.ts'
import type { View } from '../view.ts'
import { CAP_NAMES, closedDayKey, isChecked, restName, textOf, WEEKDAYS } from './policy-form.ts'

/** A form that was sent and refused: it is shown again as it was written. */
export interface Tried {
  readonly form: 'policy' | 'closed_day' | 'override'
  readonly fields: FormFields
  readonly problems: readonly FieldProblem[]
}

interface PolicyPageProps {
  readonly view: View
  readonly settings: CompanySettings
  readonly rulesVersion: string
  /** What the main form shows. */
  readonly fields: FormFields
  readonly tried: Tried | null
  /** Who answers for what is changed here. */
  readonly who: string
}

/** How strict the company is beyond the law, and by which names less strict. */
export const PolicyPage: FC<PolicyPageProps> = (props) => (
  <Page title="Policy" view={props.view} at="policy">
    <hgroup>
      <h1>Policy</h1>
      <p>
        The law holds whatever is set here; hours, margin and caps come on top of it. Only an
        override, taken by name, makes a rule less strict. Decisions are made by version{' '}
        <code>{props.rulesVersion}</code>.
      </p>
    </hgroup>
    {props.tried !== null && (
      <div class="said bad" role="alert">
        <p>Nothing was changed.</p>
        {props.tried.problems.map(({ field, message, fix }) => (
          <p class="fix">
            {field}: {message} {fix}
          </p>
        ))}
      </div>
    )}
    <div class="columns">
      <div>
        <PolicyForm {...props} />
      </div>
      <aside>
        <ClosedDays {...props} />
        <Overrides {...props} />
      </aside>
    </div>
  </Page>
)

const CAP_LABELS: Readonly<Record<(typeof CAP_NAMES)[number], string>> = {
  textsAndCallsPerDay: `Texts and calls in 24 hours (the law: ${MOST_TEXTS_AND_CALLS_PER_DAY} at most)`,
  touchesPerDay: 'Planned touches in 24 hours',
  touchesPerWeek: 'Planned touches in 7 days',
  touchesPerEpisode: 'Planned touches in one episode',
}

const DAY_NAMES = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']

const PolicyForm: FC<PolicyPageProps> = ({ view, fields, tried }) => {
  const problems = tried?.form === 'policy' ? tried.problems : []
  const field = { fields, problems }
  return (
    <PostForm view={view} action="/policy" class="sheet">
      <fieldset>
        <legend>
          <h2>Preferred hours</h2>
        </legend>
        <p class="quiet">Manners, on the lead's clock. A cadence may set its own.</p>
        <Check {...field} name="anyHour" label="Any hour (the law still binds texts)" />
        <div class="grid">
          <Field {...field} name="preferredHours.from" label="From" />
          <Field {...field} name="preferredHours.to" label="To" />
        </div>
        <Problem problems={problems} name="preferredHours" />
        {CHANNELS.map((channel) => (
          <fieldset class="days">
            <legend>{channel === 'sms' ? 'No texts on' : 'No emails on'}</legend>
            {WEEKDAYS.map((day) => (
              <Check {...field} name={restName(channel, day)} label={DAY_NAMES[day - 1] ?? ''} />
            ))}
            <Problem problems={problems} name={`preferredHours.restDays.${channel}`} />
          </fieldset>
        ))}
      </fieldset>
      <fieldset>
        <legend>
          <h2>How close, how often</h2>
        </legend>
        <Field
          {...field}
          name="closingMargin"
          label="Texts stop before a window closes (15m, 1h)"
        />
        <Field {...field} name="minimumGap" label="Between two planned touches (4h; 0 is none)" />
        {CAP_NAMES.map((name) => (
          <Field {...field} name={`caps.${name}`} label={CAP_LABELS[name]} />
        ))}
      </fieldset>
      <fieldset>
        <legend>
          <h2>Countries</h2>
        </legend>
        <Check
          {...field}
          name="canada"
          label="Numbers in Canada may be texted, by Canada's hours"
        />
        <Problem problems={problems} name="countryPacks" />
      </fieldset>
      <button type="submit">Save</button>
    </PostForm>
  )
}

const ClosedDays: FC<PolicyPageProps> = ({ view, settings, tried }) => {
  const form = tried?.form === 'closed_day' ? tried : null
  // The day that is added stands first in what the settings were asked for.
  const problems = (form?.problems ?? []).map((one) => ({
    ...one,
    field: one.field.replace(/^closedDays\.0\.(date|states|note).*$/, '$1'),
  }))
  const field = { fields: form?.fields ?? {}, problems }
  return (
    <article>
      <header>
        <h2>Closed days</h2>
      </header>
      {settings.closedDays.length === 0 && <Nothing>None besides the legal holidays.</Nothing>}
      {settings.closedDays.map((day) => (
        <PostForm view={view} action="/policy/closed-days/open">
          <input type="hidden" name="key" value={closedDayKey(day)} />
          <p>
            <strong>{day.date}</strong> {day.states === null ? 'everywhere' : day.states.join(', ')}
            {day.note !== null && <span class="quiet"> {day.note}</span>}{' '}
            <button type="submit" class="small secondary" aria-label={`Open ${closedDayKey(day)}`}>
              Open again
            </button>
          </p>
        </PostForm>
      ))}
      <PostForm view={view} action="/policy/closed-days">
        <Field {...field} name="date" label="Day without texts" type="date" />
        <Field {...field} name="states" label="Only in these states (LA, NY; empty: everywhere)" />
        <Field {...field} name="note" label="Note (may be empty)" />
        <button type="submit">Close the day</button>
      </PostForm>
    </article>
  )
}

const OVERRIDES: Readonly<Record<OverrideName, string>> = {
  'address-over-area-code':
    'Where the address names a state, the state and hours of the area code no longer count.',
  'consented-texts-federal-hours':
    'A text under written consent keeps the federal hours alone, without state hours and holidays. Not in Florida, Maryland, Louisiana and Canada.',
}

const Overrides: FC<PolicyPageProps> = (props) => (
  <article>
    <header>
      <h2>Less strict, by name</h2>
    </header>
    {OVERRIDE_NAMES.map((name) => (
      <Override {...props} name={name} />
    ))}
  </article>
)

const Override: FC<PolicyPageProps & { readonly name: OverrideName }> = (props) => {
  const { view, settings, tried, who, name } = props
  const taken = settings.overrides.find((one) => one.name === name)
  const mine = tried?.form === 'override' && textOf(tried.fields, 'name') === name ? tried : null
  const problems = (mine?.problems ?? []).map((one) => ({
    ...one,
    field: one.field.replace(/^overrides\.0\./, ''),
  }))
  const field = { fields: mine?.fields ?? {}, problems }
  return (
    <section>
      <h3>
        <code>{name}</code>
      </h3>
      <p>{OVERRIDES[name]}</p>
      {taken === undefined ? (
        <PostForm view={view} action="/policy/overrides">
          <input type="hidden" name="name" value={name} />
          <p class="late">This makes a rule less strict than it is shipped.</p>
          <Field {...field} name="why" label="Why, and who decided it" />
          <Check {...field} name="understood" label="I know that it makes a rule less strict" />
          <Problem problems={problems} name="understood" />
          <button type="submit" class="secondary">
            Take it
          </button>
          <p class="quiet">It is written to the audit log as taken by {who}.</p>
        </PostForm>
      ) : (
        <PostForm view={view} action="/policy/overrides/lift">
          <input type="hidden" name="name" value={name} />
          <p>
            <span class="late">In force: a rule is less strict.</span> Taken by {taken.by} on{' '}
            <Moment at={taken.at} zone={settings.company.timezone} show="date" />: {taken.why}
          </p>
          <button type="submit">Lift it</button>
        </PostForm>
      )}
    </section>
  )
}

interface FieldProps {
  readonly fields: FormFields
  readonly problems: readonly FieldProblem[]
  readonly name: string
  readonly label: string
  readonly type?: string
}

const Field: FC<FieldProps> = ({ fields, problems, name, label, type = 'text' }) => (
  <label>
    {label}
    <input
      type={type}
      name={name}
      value={textOf(fields, name)}
      {...(problems.some((one) => one.field === name) && {
        'aria-invalid': 'true',
        'aria-describedby': `${name}-problem`,
      })}
    />
    <Problem problems={problems} name={name} />
  </label>
)

const Check: FC<Pick<FieldProps, 'fields' | 'name' | 'label'>> = ({ fields, name, label }) => (
  <label>
    <input type="checkbox" name={name} value="yes" checked={isChecked(fields, name)} /> {label}
  </label>
)

const Problem: FC<Pick<FieldProps, 'problems' | 'name'>> = ({ problems, name }) => {
  const problem = problems.find((one) => one.field === name)
  if (problem === undefined) return null
  return <small id={`${name}-problem`} class="late">{`${problem.message} ${problem.fix}`}</small>
}
