import type { FC } from 'hono/jsx'
import type { CadenceChange } from '../../domain/cadence/versions/diff.ts'
import { instant } from '../../domain/time.ts'
import type { PublicationView } from '../../leads/publishing/publications.ts'
import { Page } from '../layout.tsx'
import { Moment, PostForm, Table } from '../parts.tsx'
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
      <Table head={['Version', 'Published', 'By', 'Checksum', '']}>
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
      </Table>
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
