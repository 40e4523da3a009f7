import type { FC } from 'hono/jsx'
import type { CountedOffering } from '../../store/company/offerings.ts'
import { Page } from '../layout.tsx'
import { Moment, Nothing, Table } from '../parts.tsx'
import type { View } from '../view.ts'

interface OfferingsProps {
  readonly view: View
  readonly offerings: readonly CountedOffering[]
  /** The company's IANA zone. */
  readonly zone: string
}

/** What the company offers, and which lost leads were told of it. */
export const OfferingsPage: FC<OfferingsProps> = ({ view, offerings, zone }) => (
  <Page title="Offerings" view={view} at="offerings">
    <hgroup>
      <h1>Offerings</h1>
      <p>What is new here is told to the leads that were lost for want of it, a few at a time.</p>
    </hgroup>
    {offerings.length === 0 ? (
      <Nothing>
        The catalogue is empty. <code>rekindle offerings add NAME --words …</code> adds to it.
      </Nothing>
    ) : (
      <Table head={['Offering', 'Asked for as', 'Lost leads', 'Since']}>
        {offerings.map((offering) => (
          <tr>
            <td>
              {offering.name}
              {offering.description !== null && (
                <small class="quiet"> {offering.description}</small>
              )}
            </td>
            <td>
              {offering.words.join(', ')}
              {offering.tags.map((tag) => (
                <span class="channel task"> {tag}</span>
              ))}
            </td>
            <td>
              {offering.leads.told} told, {offering.leads.waiting} waiting
            </td>
            <td>
              <Moment at={offering.created_at} zone={zone} />
            </td>
          </tr>
        ))}
      </Table>
    )}
  </Page>
)
