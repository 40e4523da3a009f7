import type { FC } from 'hono/jsx'
import type { DeadReason } from '../../domain/lead.ts'
import type { ShownStatus } from '../../leads/views/view.ts'
import { Page } from '../layout.tsx'
import { Moment, Nothing, plain, StatusBadge, Table } from '../parts.tsx'
import type { LeadCounts, ListedLead } from '../reads.ts'
import type { View } from '../view.ts'
import { Tour } from './tour.tsx'

/** What the list is narrowed to. */
export interface Filter {
  readonly status?: ShownStatus | undefined
  readonly reason?: DeadReason | undefined
  readonly q?: string | undefined
  readonly stuck?: boolean | undefined
}

interface LeadsProps {
  readonly view: View
  readonly counts: LeadCounts
  readonly filter: Filter
  readonly leads: readonly ListedLead[]
  /** Asks for the next page; null on the last. */
  readonly cursor: string | null
  /** The company's IANA zone. */
  readonly zone: string
  /** The sample site is there to play with. */
  readonly playable: boolean
}

const TABS = ['nurturing', 'held', 'engaged', 'converted', 'dead', 'erased'] as const

/** The leads by status, with search. */
export const LeadsPage: FC<LeadsProps> = (props) => {
  const { view, counts, filter, leads, cursor, zone, playable } = props
  return (
    <Page title="Leads" view={view} at="leads">
      <h1>Leads</h1>
      {playable && <Tour open={counts.all === 0} />}
      <nav aria-label="Status">
        <ul class="tabs">
          <Tab label="All" count={counts.all} to={{ q: filter.q }} on={isUnfiltered(filter)} />
          {TABS.map((status) => (
            <Tab
              label={status}
              count={counts.byStatus[status]}
              to={{ status, q: filter.q }}
              on={filter.status === status}
            />
          ))}
          {(counts.stuck > 0 || filter.stuck === true) && (
            <Tab
              label="stuck"
              count={counts.stuck}
              to={{ stuck: true }}
              on={filter.stuck === true}
            />
          )}
        </ul>
      </nav>
      {filter.status === 'dead' && counts.byReason.size > 0 && (
        <nav aria-label="Dead reason">
          <ul class="tabs reasons">
            {[...counts.byReason].map(([reason, count]) => (
              <Tab
                label={plain(reason)}
                count={count}
                to={{ status: 'dead', reason, q: filter.q }}
                on={filter.reason === reason}
              />
            ))}
          </ul>
        </nav>
      )}
      <form method="get" action="/" class="filter">
        {filter.status !== undefined && <input type="hidden" name="status" value={filter.status} />}
        {filter.reason !== undefined && <input type="hidden" name="reason" value={filter.reason} />}
        <input
          type="search"
          name="q"
          value={filter.q ?? ''}
          placeholder="Name, company, email, phone or external id"
          aria-label="Search leads"
        />
        <button type="submit">Search</button>
      </form>
      {leads.length === 0 ? (
        <Nothing>{emptyWords(counts, filter)}</Nothing>
      ) : (
        <LeadTable leads={leads} zone={zone} />
      )}
      {cursor !== null && (
        <p class="more">
          <a href={addressOf({ ...filter, cursor })}>Older leads →</a>
        </p>
      )}
    </Page>
  )
}

const LeadTable: FC<{ leads: readonly ListedLead[]; zone: string }> = ({ leads, zone }) => (
  <Table head={['Lead', 'Status', 'What comes next', 'Source', 'Owner', 'Since']}>
    {leads.map(({ lead, name, held, email, phone }) => (
      <tr>
        <td>
          <a class="name" href={`/leads/${lead.id}`}>
            {name}
          </a>
          <br />
          <small class="quiet">{[email, phone].filter((each) => each !== null).join(' · ')}</small>
        </td>
        <td>
          <StatusBadge status={lead.status} reason={lead.dead_reason} held={held} />
        </td>
        <td>{lead.next_kind === 'unplanned' ? 'being planned' : lead.next_words}</td>
        <td>{lead.source}</td>
        <td>{lead.owner ?? '–'}</td>
        <td>
          <Moment at={lead.created_at} zone={zone} show="date" />
        </td>
      </tr>
    ))}
  </Table>
)

interface TabProps {
  readonly label: string
  readonly count: number
  readonly to: Filter
  readonly on: boolean
}

const Tab: FC<TabProps> = ({ label, count, to, on }) => (
  <li>
    <a href={addressOf(to)} {...(on && { 'aria-current': 'page' })}>
      {label} <span class="count">{count}</span>
    </a>
  </li>
)

function isUnfiltered({ status, stuck }: Filter): boolean {
  return status === undefined && stuck !== true
}

function addressOf({ status, reason, q, stuck, cursor }: Filter & { cursor?: string }): string {
  const query = new URLSearchParams({
    ...(status !== undefined && { status }),
    ...(reason !== undefined && { reason }),
    ...(q !== undefined && q !== '' && { q }),
    ...(stuck === true && { stuck: 'true' }),
    ...(cursor !== undefined && { cursor }),
  }).toString()
  return query === '' ? '/' : `/?${query}`
}

function emptyWords({ all }: LeadCounts, { q }: Filter): string {
  if (all === 0) return 'No leads yet. Post one to /v1/leads, import a file, or add one by hand.'
  return q === undefined || q === '' ? 'No lead is in this state.' : 'No lead matches this search.'
}
