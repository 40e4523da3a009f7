import type { FC } from 'hono/jsx'
import type { VersionReport } from '../../leads/views/cadence-report.ts'
import { Page } from '../layout.tsx'
import { Nothing, plain, Table } from '../parts.tsx'
import type { View } from '../view.ts'

/** Which leads the results are about, as the form writes it. */
export interface ResultsFilter {
  readonly cadence: string | null
  /** Days "YYYY-MM-DD" of the company's zone on which they began; both belong to the span. */
  readonly from: string | null
  readonly to: string | null
}

interface ResultsProps {
  readonly view: View
  readonly items: readonly VersionReport[]
  readonly filter: ResultsFilter
  /** The names of all published cadences. */
  readonly cadences: readonly string[]
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

/** Results by version and step, of the leads that began in a span; of all when none is given. */
export const ResultsPage: FC<ResultsProps> = ({ view, items, filter, cadences }) => (
  <Page title="Results" view={view} at="results">
    <hgroup>
      <h1>Results</h1>
      <p>
        What became of the leads that began in a span, whatever happened since.{' '}
        <code>rekindle report cadence --from … --to …</code> tells the same.
      </p>
    </hgroup>
    <Filter filter={filter} cadences={cadences} />
    {items.length === 0 && <Nothing>{nothingFor(filter)}</Nothing>}
    {items.map((item) => (
      <Version item={item} />
    ))}
  </Page>
)

function nothingFor({ cadence, from, to }: ResultsFilter): string {
  return cadence === null && from === null && to === null
    ? 'No lead has begun in a cadence yet.'
    : 'No lead began then. Choose another span or another cadence.'
}

const Filter: FC<Pick<ResultsProps, 'filter' | 'cadences'>> = ({ filter, cadences }) => (
  <form class="filter" method="get" action="/cadences/results">
    <select name="cadence" aria-label="Cadence">
      <option value="">All cadences</option>
      {cadences.map((name) => (
        <option value={name} selected={name === filter.cadence}>
          {name}
        </option>
      ))}
    </select>
    <label>
      Began from <input type="date" name="from" value={filter.from ?? ''} />
    </label>
    <label>
      to <input type="date" name="to" value={filter.to ?? ''} />
    </label>
    <button type="submit" class="secondary">
      Show
    </button>
  </form>
)

const Version: FC<{ item: VersionReport }> = ({ item }) => (
  <article>
    <header>
      <h2>
        {item.cadence}, version {item.version}
      </h2>
    </header>
    <Table head={[...VERSION_COLUMNS.map(([, label]) => label)]}>
      <tr>
        {VERSION_COLUMNS.map(([key]) => (
          <td>{item[key]}</td>
        ))}
      </tr>
    </Table>
    <p class="quiet">{countWords('Dead: ', item.dead)}</p>
    <Table head={['Step', ...STEP_COLUMNS.map(([, label]) => label), 'Left out']}>
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
    </Table>
    {item.arms.length > 0 && <Arms arms={item.arms} />}
  </article>
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
  <Table head={['Split', 'Way', ...ARM_COLUMNS.map(([, label]) => label)]}>
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
  </Table>
)

function countWords(before: string, counts: Readonly<Record<string, number>>): string {
  const words = Object.entries(counts).map(([name, count]) => `${count} ${plain(name)}`)
  return words.length === 0 ? '' : `${before}${words.join(', ')}`
}
