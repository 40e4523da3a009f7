import type { Child, FC } from 'hono/jsx'
import type { DeadReason, LeadStatus } from '../domain/lead.ts'
import { type Instant, toIso } from '../domain/time.ts'
import { localTime } from '../domain/time-zones.ts'
import type { View } from './view.ts'

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')

/** "Tue 24 Nov 2026" on the wall of a zone. */
export function dateWords(at: Instant, zone: string): string {
  const { weekday, dayOfMonth, month, year } = localTime(at, zone)
  return `${WEEKDAYS[weekday - 1]} ${dayOfMonth} ${MONTHS[month - 1]} ${year}`
}

/** "10:05" on the wall of a zone. */
function clockWords(at: Instant, zone: string): string {
  const { hour, minute } = localTime(at, zone)
  return `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`
}

/** "New York" for America/New_York. */
export function placeWords(zone: string): string {
  return zone.slice(zone.lastIndexOf('/') + 1).replaceAll('_', ' ')
}

const SPANS = [
  ['year', 365.25],
  ['month', 30.44],
  ['day', 1],
  ['hour', 1 / 24],
  ['minute', 1 / 1440],
] as const

/** A span in its one or two largest units: "14 months", "3 days", "25 minutes". */
export function spanWords(ms: number): string {
  const days = Math.abs(ms) / 86_400_000
  // 14 months say more than one year.
  const units = days < 730 ? SPANS.slice(1) : SPANS
  const [unit, size] = units.find(([, least]) => days >= least) ?? ['minute', 1 / 1440]
  const count = Math.max(1, Math.round(days / size))
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}

interface MomentProps {
  readonly at: Instant
  /** IANA zone of the reader's interest; UTC is told on hover. */
  readonly zone: string
  readonly show?: 'all' | 'date' | 'clock'
}

/** An instant in local words; the exact instant in UTC shows on hover. */
export const Moment: FC<MomentProps> = ({ at, zone, show = 'all' }) => (
  <time datetime={toIso(at)} title={`${toIso(at)} (UTC)`}>
    {show === 'clock' ? clockWords(at, zone) : dateWords(at, zone)}
    {show === 'all' && ` ${clockWords(at, zone)} ${placeWords(zone)}`}
  </time>
)

/** Underscores are for machines. */
export function plain(word: string): string {
  return word.replaceAll('_', ' ')
}

interface StatusProps {
  readonly status: LeadStatus
  readonly reason?: DeadReason | null
  readonly held?: boolean
}

export const StatusBadge: FC<StatusProps> = ({ status, reason = null, held = false }) => (
  <span class={`badge ${held && status === 'nurturing' ? 'held' : status}`}>
    {held && status === 'nurturing' ? 'held' : status}
    {reason !== null && `: ${plain(reason)}`}
  </span>
)

interface PostFormProps {
  readonly view: View
  readonly action: string
  readonly class?: string
  readonly children?: Child
}

/** A form that changes something; it carries the session's token. */
export const PostForm: FC<PostFormProps> = ({ view, action, children, ...rest }) => (
  <form method="post" action={action} {...(rest.class !== undefined && { class: rest.class })}>
    <input type="hidden" name="token" value={view.token} />
    {children}
  </form>
)

interface TableProps {
  /** One word for each column; empty over buttons. */
  readonly head: readonly string[]
  readonly children?: Child
}

/** A table under its head; on a small screen it scrolls, and not the page. */
export const Table: FC<TableProps> = ({ head, children }) => (
  <div class="overflow-auto">
    <table>
      <thead>
        <tr>
          {head.map((label) => (
            <th scope="col">{label}</th>
          ))}
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  </div>
)

/** Said where a list has nothing to show. */
export const Nothing: FC<{ children?: Child }> = ({ children }) => <p class="nothing">{children}</p>
