import type { FC } from 'hono/jsx'
import { PUBLISH_POLICIES, type PublishPolicy } from '../../domain/cadence/versions/policy.ts'
import { instant } from '../../domain/time.ts'
import type { PublicationView } from '../../leads/publishing/publications.ts'
import type { CadencePlan, PublishPlan, TemplatePlan } from '../../leads/publishing/publish-plan.ts'
import { Page } from '../layout.tsx'
import { Moment, PostForm, Table } from '../parts.tsx'
import type { View } from '../view.ts'

interface PublishProps {
  readonly view: View
  readonly plan: PublishPlan
  /** What the form carries on: which draft, or which older version. */
  readonly what: Readonly<Record<string, string>>
}

const POLICY_WORDS: Readonly<Record<PublishPolicy, string>> = {
  pin: 'They keep the version they are in, to its end.',
  move: 'They go on in the new version; a wait that has begun keeps its date.',
  're-time': 'They go on in the new version; a wait that has begun is counted anew.',
}

/** Before publishing: what changes, for how many leads at which step, and the choice. */
export const PublishPage: FC<PublishProps> = ({ view, plan, what }) => {
  const templates = plan.templates.filter(({ changed }) => changed)
  const leads = plan.cadences.reduce((sum, each) => sum + each.leads, 0)
  const ahead = templates.reduce((sum, each) => sum + each.leads, 0)
  return (
    <Page title="Publish" view={view} at="cadences">
      <h1>Publish</h1>
      {plan.cadences.map((each) => (
        <WhatChanges plan={each} />
      ))}
      {templates.map((each) => (
        <WhatIsReworded plan={each} />
      ))}
      <PostForm view={view} action="/publish">
        {Object.entries(what).map(([name, value]) => (
          <input type="hidden" name={name} value={value} />
        ))}
        <input
          type="hidden"
          name="expect"
          value={JSON.stringify(
            Object.fromEntries(plan.cadences.map(({ name, from }) => [name, from ?? 0])),
          )}
        />
        {leads > 0 ? (
          <fieldset>
            <legend>
              {leads} {leads === 1 ? 'lead is' : 'leads are'} under way in other versions
            </legend>
            {PUBLISH_POLICIES.map((policy) => (
              <article>
                <label>
                  <input type="radio" name="policy" value={policy} checked={policy === 'pin'} />{' '}
                  <strong>{policy}</strong>: {POLICY_WORDS[policy]}
                </label>
                <Impact cadences={plan.cadences} policy={policy} />
              </article>
            ))}
          </fieldset>
        ) : (
          <p>No lead is under way in another version.</p>
        )}
        {ahead > 0 && (
          <fieldset>
            <legend>Messages that were not sent yet, of {ahead} leads under way</legend>
            <label>
              <input type="radio" name="unsent" value="new" checked /> use the new words
            </label>
            <label>
              <input type="radio" name="unsent" value="old" /> keep the old ones
            </label>
          </fieldset>
        )}
        <button type="submit">Publish</button>
      </PostForm>
    </Page>
  )
}

const WhatChanges: FC<{ plan: CadencePlan }> = ({ plan }) => (
  <article>
    <header>
      <h2>{plan.title}</h2>
      <p class="quiet">
        <code>{plan.name}</code>: {versionWords(plan)}
      </p>
    </header>
    <ul>
      {plan.changes.map(({ words }) => (
        <li>{words}</li>
      ))}
    </ul>
  </article>
)

function versionWords({ from, version, changed }: CadencePlan): string {
  if (from === null) return 'new'
  return changed ? `version ${from} becomes ${version}` : `version ${version}, as it is`
}

const WhatIsReworded: FC<{ plan: TemplatePlan }> = ({ plan }) => (
  <article>
    <header>
      <strong>{plan.name}</strong>{' '}
      <span class="quiet">{plan.from === null ? 'new' : `version ${plan.version}`}</span>
    </header>
    {plan.files.map(({ words, removed, added }) => (
      <details>
        <summary>{words}</summary>
        <pre>
          {[...removed.map((line) => `- ${line}`), ...added.map((line) => `+ ${line}`)].join('\n')}
        </pre>
      </details>
    ))}
  </article>
)

const Impact: FC<{ cadences: readonly CadencePlan[]; policy: PublishPolicy }> = ({
  cadences,
  policy,
}) => (
  <Table head={['Cadence', 'Version', 'Stands at', 'Leads', 'What becomes of them']}>
    {cadences.flatMap(({ name, impact }) =>
      impact[policy].map((row) => (
        <tr>
          <td>{name}</td>
          <td>{row.version}</td>
          <td>{row.step ?? 'the end'}</td>
          <td>{row.leads}</td>
          <td>{row.words}</td>
        </tr>
      )),
    )}
  </Table>
)

interface PublicationProps {
  readonly view: View
  readonly publication: PublicationView
  readonly zone: string
}

/** How far leads are moved; while they are, the page is loaded again by itself. */
export const PublicationPage: FC<PublicationProps> = ({ view, publication, zone }) => (
  <Page title="Publication" view={view} at="cadences">
    <hgroup>
      <h1>
        {publication.cadence}, version {publication.version}
      </h1>
      <p>{publication.words}</p>
    </hgroup>
    <progress value={publication.moved + publication.failed} max={Math.max(publication.leads, 1)} />
    <p class="quiet">
      {publication.policy}, by {publication.by}, since{' '}
      <Moment at={instant(Date.parse(publication.startedAt))} zone={zone} />
    </p>
    {publication.state === 'running' && (
      <PostForm view={view} action={`/publications/${publication.id}/cancel`}>
        <button type="submit" class="small outline">
          Stop here
        </button>
      </PostForm>
    )}
    <p>
      <a href="/cadences">Cadences</a>
    </p>
  </Page>
)
