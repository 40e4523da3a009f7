import type { FC } from 'hono/jsx'
import type { CadenceChange } from '../../domain/cadence/versions/diff.ts'
import { instant } from '../../domain/time.ts'
import type { PublicationView } from '../../leads/publishing/publications.ts'
import type { VersionReport } from '../../leads/views/cadence-report.ts'
import { Page } from '../layout.tsx'
import { Moment, Nothing, PostForm, plain } from '../parts.tsx'
import type { View } from '../view.ts'

interface VersionsProps {
  readonly view: View
  readonly name: string
  readonly shown: { readonly version: number; readonly source: string }
  readonly versions: readonly {
    readonly version: number
    readonly checksum: string
    readonly publishedAt: string
    readonly publishedBy: string
  }[]
  /** What the shown version changed against the one before. */
  readonly changes: readonly CadenceChange[]
  readonly publications: readonly PublicationView[]
  readonly zone: string
  /** The ids of its emails and texts. */
  readonly messages: readonly string[]
}

/** All versions of a cadence; one of them with its source and what it changed. */
export const VersionsPage: FC<VersionsProps> = (props) => {
  const { view, name, shown, versions, changes, publications, zone, messages } = props
  const current = versions[0]?.version
  return (
    <Page title={`${name}: versions`} view={view} at="cadences">
      <hgroup>
        <h1>{name}</h1>
        <p>A version never changes. Leads keep the one they are in, unless they are moved.</p>
      </hgroup>
      <table>
        <thead>
          <tr>
            <th>Version</th>
            <th>Published</th>
            <th>By</th>
            <th>Checksum</th>
            <th />
          </tr>
        </thead>
        <tbody>
          {versions.map(({ version, publishedAt, publishedBy, checksum }) => (
            <tr>
              <td>
                <a href={`/cadences/${name}/versions?version=${version}`}>{version}</a>
              </td>
              <td>
                <Moment at={instant(Date.parse(publishedAt))} zone={zone} />
              </td>
              <td>{publishedBy}</td>
              <td>
                <code>{checksum.slice(0, 8)}</code>
              </td>
              <td>
                <a href={`/publish?cadence=${name}&version=${version}`}>
                  {version === current ? 'Move leads into it …' : 'Publish again …'}
                </a>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {messages.length > 0 && <TestForm view={view} name={name} messages={messages} />}
      <h2>Version {shown.version}</h2>
      <ul>
        {changes.map(({ words }) => (
          <li>{words}</li>
        ))}
      </ul>
      <pre>{shown.source}</pre>
      {publications.length > 0 && <h2>What publishing did to leads under way</h2>}
      <ul>
        {publications.map(({ id, version, policy, words }) => (
          <li>
            <a href={`/publications/${id}`}>version {version}</a>, {policy}: {words}
          </li>
        ))}
      </ul>
    </Page>
  )
}

const TestForm: FC<Pick<VersionsProps, 'view' | 'name' | 'messages'>> = ({
  view,
  name,
  messages,
}) => (
  <details>
    <summary>Send one of its messages to yourself</summary>
    <PostForm view={view} action={`/cadences/${name}/test-send`}>
      <label>
        Message
        <select name="step">
          {messages.map((id) => (
            <option value={id}>{id}</option>
          ))}
        </select>
      </label>
      <label>
        Your own address or number
        <input name="to" required maxlength={320} />
      </label>
      <label>
        <input type="checkbox" name="mine" value="yes" required /> It is mine: a test never goes to
        somebody else
      </label>
      <button type="submit">Send the test</button>
    </PostForm>
  </details>
)

interface ResultsProps {
  readonly view: View
  readonly items: readonly VersionReport[]
}

const VERSION_COLUMNS = [
  ['entered', 'Began'],
  ['movedIn', 'Moved in'],
  ['underWay', 'Under way'],
  ['sent', 'Sent'],
  ['delivered', 'Delivered'],
  ['clicked', 'Clicked'],
  ['replied', 'Replied'],
  ['optedOut', 'Opted out'],
  ['booked', 'Booked'],
  ['converted', 'Converted'],
  ['revived', 'Revived'],
] as const

const STEP_COLUMNS = [
  ['entered', 'Came to it'],
  ['waiting', 'Wait now'],
  ['sent', 'Sent'],
  ['delivered', 'Delivered'],
  ['clicked', 'Clicked'],
  ['replied', 'Replied'],
  ['optedOut', 'Opted out'],
] as const

/** Results by version and step, since the first day. */
export const ResultsPage: FC<ResultsProps> = ({ view, items }) => (
  <Page title="Results" view={view} at="cadences">
    <hgroup>
      <h1>Results</h1>
      <p>
        By version and step. <code>rekindle report cadence --from … --to …</code> tells the same of
        the leads that began in a span.
      </p>
    </hgroup>
    {items.length === 0 && <Nothing>No lead has begun in a cadence yet.</Nothing>}
    {items.map((item) => (
      <article>
        <header>
          <h2>
            {item.cadence}, version {item.version}
          </h2>
        </header>
        <table>
          <thead>
            <tr>
              {VERSION_COLUMNS.map(([, label]) => (
                <th>{label}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            <tr>
              {VERSION_COLUMNS.map(([key]) => (
                <td>{item[key]}</td>
              ))}
            </tr>
          </tbody>
        </table>
        <p class="quiet">{countWords('Dead: ', item.dead)}</p>
        <table>
          <thead>
            <tr>
              <th>Step</th>
              {STEP_COLUMNS.map(([, label]) => (
                <th>{label}</th>
              ))}
              <th>Left out</th>
            </tr>
          </thead>
          <tbody>
            {item.steps.map((step) => (
              <tr>
                <td>
                  <code>{step.step}</code>
                </td>
                {STEP_COLUMNS.map(([key]) => (
                  <td>{step[key]}</td>
                ))}
                <td>{countWords('', step.dropped)}</td>
              </tr>
            ))}
          </tbody>
        </table>
        {item.arms.length > 0 && <Arms arms={item.arms} />}
      </article>
    ))}
  </Page>
)

const ARM_COLUMNS = [
  ['entered', 'Sent this way'],
  ['clicked', 'Clicked'],
  ['replied', 'Replied'],
  ['optedOut', 'Opted out'],
  ['booked', 'Booked'],
  ['converted', 'Converted'],
] as const

const Arms: FC<Pick<VersionReport, 'arms'>> = ({ arms }) => (
  <table>
    <thead>
      <tr>
        <th>Split</th>
        <th>Way</th>
        {ARM_COLUMNS.map(([, label]) => (
          <th>{label}</th>
        ))}
      </tr>
    </thead>
    <tbody>
      {arms.map((arm) => (
        <tr>
          <td>
            <code>{arm.step}</code>
          </td>
          <td>
            <code>{arm.arm}</code>
          </td>
          {ARM_COLUMNS.map(([key]) => (
            <td>{arm[key]}</td>
          ))}
        </tr>
      ))}
    </tbody>
  </table>
)

function countWords(before: string, counts: Readonly<Record<string, number>>): string {
  const words = Object.entries(counts).map(([name, count]) => `${count} ${plain(name)}`)
  return words.length === 0 ? '' : `${before}${words.join(', ')}`
}
