import type { FC } from 'hono/jsx'
import type { FieldProblem } from '../../leads/intake.ts'
import { Page } from '../layout.tsx'
import { PostForm } from '../parts.tsx'
import type { FormFields } from '../read-form.ts'
import type { View } from '../view.ts'

interface NewLeadProps {
  readonly view: View
  readonly cadences: readonly { readonly name: string; readonly title: string }[]
  readonly defaultCadence: string
  /** What was written before, when it was refused. */
  readonly fields: FormFields
  readonly problems: readonly FieldProblem[]
}

/** Adds one lead by hand; everything else about a lead comes by the api. */
export const NewLeadPage: FC<NewLeadProps> = (props) => {
  const { view, cadences, defaultCadence, fields, problems } = props
  const field = { fields, problems }
  return (
    <Page title="New lead" view={view} at={null}>
      <h1>New lead</h1>
      {problems
        .filter((problem) => problem.field === 'form')
        .map(({ message, fix }) => (
          <div class="said bad" role="alert">
            <p>{message}</p>
            <p class="fix">{fix}</p>
          </div>
        ))}
      <PostForm view={view} action="/leads/new" class="sheet">
        <div class="grid-form">
          <Field {...field} name="firstName" label="First name" />
          <Field {...field} name="lastName" label="Last name" />
          <Field {...field} name="email" label="Email" type="email" />
          <Field {...field} name="phone" label="Phone" placeholder="+1 212 555 0142" />
          <Field {...field} name="company" label="Company" />
          <Field {...field} name="owner" label="Owner" placeholder="sam@acme.example" />
          <Field {...field} name="state" label="State" placeholder="NY" />
          <Field {...field} name="zip" label="ZIP" />
          <Field {...field} name="language" label="Language" placeholder="en" />
        </div>
        <label>
          Cadence
          <select name="cadence">
            {cadences.map(({ name, title }) => (
              <option value={name} selected={name === (fields.cadence ?? defaultCadence)}>
                {title}
              </option>
            ))}
            <option value="" selected={fields.cadence === ''}>
              none
            </option>
          </select>
        </label>
        <fieldset>
          <legend>Consent</legend>
          <Check {...field} name="emailConsent" label="They agreed to get emails" />
          <Check
            {...field}
            name="smsConsent"
            label="They agreed in writing to get marketing texts (without it they are never texted)"
          />
        </fieldset>
        <button type="submit">Add the lead</button>
      </PostForm>
    </Page>
  )
}

interface FieldProps {
  readonly fields: FormFields
  readonly problems: readonly FieldProblem[]
  readonly name: string
  readonly label: string
  readonly type?: string
  readonly placeholder?: string
}

const Field: FC<FieldProps> = ({
  fields,
  problems,
  name,
  label,
  type = 'text',
  placeholder = '',
}) => {
  const problem = problems.find((each) => each.field === name || each.field === `lead.${name}`)
  const value = fields[name]
  return (
    <label>
      {label}
      <input
        type={type}
        name={name}
        value={typeof value === 'string' ? value : ''}
        placeholder={placeholder}
        {...(problem && { 'aria-invalid': 'true', 'aria-describedby': `${name}-problem` })}
      />
      {problem && <small id={`${name}-problem`}>{`${problem.message} ${problem.fix}`}</small>}
    </label>
  )
}

const Check: FC<Pick<FieldProps, 'fields' | 'name' | 'label'>> = ({ fields, name, label }) => (
  <label>
    <input type="checkbox" name={name} value="yes" checked={fields[name] === 'yes'} /> {label}
  </label>
)
