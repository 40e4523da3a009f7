import type { FC } from 'hono/jsx'
import { instant } from '../../domain/time.ts'
import type { LeadView } from '../../leads/views/view.ts'
import type { LeadRow } from '../../store/leads.ts'
import { Moment, PostForm } from '../parts.tsx'
import type { View } from '../view.ts'

interface QueueProps {
  readonly view: View
  readonly lead: LeadRow
  readonly queue: LeadView['queue']
  readonly zone: string
}

/** The cadences that begin when the present one has ended, each with a button that takes it out. */
export const Queue: FC<QueueProps> = ({ view, lead, queue, zone }) => (
  <>
    {queue.map(({ id, cadence, since, by }) => (
      <div class="row">
        <span class="quiet">
          Then: <strong>{cadence}</strong>, which waits since{' '}
          <Moment at={instant(Date.parse(since))} zone={zone} show="date" /> (by {by}).
        </span>
        <PostForm view={view} action={`/leads/${lead.id}/queue/${id}/cancel`}>
          <button type="submit" class="small outline">
            Take it out
          </button>
        </PostForm>
      </div>
    ))}
  </>
)
