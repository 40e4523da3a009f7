import { Hono } from 'hono'
import type { CompanySettings } from '../../domain/company/company.ts'
import { type FieldProblem, invalidField, Refusal } from '../../leads/intake.ts'
import { readSettings } from '../../store/company/settings.ts'
import { actorOf, type Inside } from '../inside.ts'
import type { FormFields } from '../read-form.ts'
import type { ConsoleContext, ConsoleEnv } from '../view.ts'
import {
  closedDaysWith,
  closedDaysWithout,
  fieldsOf,
  isChecked,
  overridesWith,
  overridesWithout,
  policyBody,
} from './policy-form.ts'
import { PolicyPage, type Tried } from './policy-page.tsx'

/** What one form of the page does to the settings, and what is said when it is done. */
interface Change {
  readonly form: Tried['form']
  readonly done: string
  body(fields: FormFields, before: CompanySettings): object
}

const CHANGES: Readonly<Record<string, Change>> = {
  '/policy': {
    form: 'policy',
    done: 'The policy is changed; it holds from the next decision on.',
    body: policyBody,
  },
  '/policy/closed-days': {
    form: 'closed_day',
    done: 'The day is closed.',
    body: closedDaysWith,
  },
  '/policy/closed-days/open': {
    form: 'closed_day',
    done: 'The day is open again.',
    body: closedDaysWithout,
  },
  '/policy/overrides': {
    form: 'override',
    done: 'The override is taken. A rule is less strict now, and each decision that it changes says so.',
    body: (fields, before) => {
      if (!isChecked(fields, 'understood')) throw notUnderstood()
      return overridesWith(fields, before)
    },
  },
  '/policy/overrides/lift': {
    form: 'override',
    done: 'The override is lifted: the rule is as strict as it is shipped.',
    body: overridesWithout,
  },
}

/** How strict the company is: the same settings, checks and audit as `PATCH /v1/settings`. */
export function policyRoutes({ deps, doorway, rules }: Inside): Hono<ConsoleEnv> {
  const app = new Hono<ConsoleEnv>()

  const page = async (c: ConsoleContext, tried: Tried | null) => {
    const settings = await readSettings(deps.store.db)
    const { policy } = await rules()
    return c.html(
      <PolicyPage
        view={doorway.view(c)}
        settings={settings}
        rulesVersion={policy.version}
        fields={tried?.form === 'policy' ? tried.fields : fieldsOf(settings)}
        tried={tried}
        who={actorOf(c)}
      />,
      tried === null ? 200 : 422,
    )
  }

  app.get('/policy', (c) => page(c, null))

  for (const [path, { form, done, body }] of Object.entries(CHANGES)) {
    app.post(path, async (c) => {
      const fields = await c.req.parseBody()
      try {
        await deps.changeSettings((before) => body(fields, before), actorOf(c))
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        return page(c, { form, fields, problems: problemsOf(error) })
      }
      return doorway.redirect(c, '/policy', { tone: 'good', text: done })
    })
  }

  return app
}

function problemsOf({ message, fix, problems }: Refusal): readonly FieldProblem[] {
  return problems.length > 0 ? problems : [{ field: 'form', message, fix }]
}

function notUnderstood(): Refusal {
  return invalidField(
    'understood',
    'Nothing was changed.',
    'Tick the box if a rule is meant to be less strict.',
  )
}
