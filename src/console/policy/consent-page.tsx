import type { FC } from 'hono/jsx'
import { DAY_MS, type Instant } from '../../domain/time.ts'
import type { AttestationRow, DisclosureRow } from '../../store/people/disclosures.ts'
import { Page } from '../layout.tsx'
import { dateWords, Moment, Nothing, PostForm, plain } from '../parts.tsx'
import type { View } from '../view.ts'

export interface ConsentPageProps {
  readonly view: View
  readonly disclosures: readonly DisclosureRow[]
  readonly attestations: readonly AttestationRow[]
  /** Written consents to texts, by how well they could be proved. */
  readonly strengths: readonly { readonly label: string; readonly count: number }[]
  readonly stops: readonly {
    readonly channel: string
    readonly cause: string
    readonly contactPoints: number
  }[]
  /** The newest whole do-not-call list. */
  readonly dnc: { readonly as_of: Instant; readonly numbers: number } | null
  readonly zone: string
  readonly now: Instant
}

/** What people agree to, how well that could be shown, and who is never written to. */
export const ConsentPage: FC<ConsentPageProps> = (props) => {
  const { view, disclosures, attestations, strengths, zone } = props
  return (
    <Page title="Consent" view={view} at="consent">
      <hgroup>
        <h1>Consent</h1>
        <p>A text that we plan needs written consent, given to words that can be shown later.</p>
      </hgroup>
      <div class="columns">
        <div>
          <h2>Disclosures</h2>
          {disclosures.length === 0 && (
            <Nothing>None is defined. Write down what your form says beside its box.</Nothing>
          )}
          {disclosures.map((each) => (
            <article>
              <header>
                <code>{each.id}</code> · version {each.version} ·{' '}
                {each.channel === 'sms' ? 'texts' : 'email'} · shown since{' '}
                <Moment at={each.since_at} zone={zone} show="date" />
              </header>
              <blockquote class="ours">{each.text}</blockquote>
              <p class="because">defined by {each.created_by}; a version never changes</p>
            </article>
          ))}
          <h2>Sources that vouch for their leads</h2>
          {attestations.length === 0 && <Nothing>None does.</Nothing>}
          {attestations.map((each) => (
            <Attestation view={view} row={each} zone={zone} />
          ))}
        </div>
        <aside>
          <DefineForm view={view} />
          {disclosures.length > 0 && <AttestForm view={view} disclosures={disclosures} />}
          <article>
            <header>
              <h2>Written consents to texts</h2>
            </header>
            {strengths.length === 0 && <Nothing>There are none yet.</Nothing>}
            {strengths.map(({ label, count }) => (
              <p>
                <strong>{count}</strong> with {label} evidence
              </p>
            ))}
            <p class="quiet">
              Weak: nobody has defined what was shown. Fair: it is defined. Strong: with a proof, or
              page and IP address.
            </p>
          </article>
          <Stops {...props} />
        </aside>
      </div>
    </Page>
  )
}

const Attestation: FC<{ view: View; row: AttestationRow; zone: string }> = ({
  view,
  row,
  zone,
}) => (
  <article>
    <header>
      <strong>{row.source}</strong> · {plain(row.basis)} consent to{' '}
      {row.channel === 'sms' ? 'texts' : 'email'} under <code>{row.disclosure}</code>
    </header>
    <p>
      Leads that came from {dateWords(row.from_at, zone)}
      {row.until_at === null ? ' on' : ` to ${dateWords(row.until_at, zone)}`}. {row.because}
    </p>
    {row.withdrawn_at === null ? (
      <PostForm view={view} action={`/consent/attestations/${row.id}/withdraw`}>
        <button type="submit" class="small secondary">
          Withdraw
        </button>
      </PostForm>
    ) : (
      <p class="because">
        withdrawn by {row.withdrawn_by} on <Moment at={row.withdrawn_at} zone={zone} show="date" />
      </p>
    )}
  </article>
)

const DefineForm: FC<{ view: View }> = ({ view }) => (
  <article>
    <header>
      <h2>Define a disclosure</h2>
    </header>
    <PostForm view={view} action="/consent/disclosures">
      <label>
        Id
        <input name="id" required maxlength={200} placeholder="web-2026-03" />
      </label>
      <label>
        For
        <select name="channel">
          <option value="sms">texts</option>
          <option value="email">email</option>
        </select>
      </label>
      <label>
        The words, as they are shown
        <textarea name="text" required maxlength={10_000} rows={5} />
      </label>
      <label>
        Shown since
        <input name="since" type="date" />
      </label>
      <button type="submit">Define</button>
    </PostForm>
    <p class="quiet">The same id with other words makes the next version.</p>
  </article>
)

const AttestForm: FC<{ view: View; disclosures: readonly DisclosureRow[] }> = ({
  view,
  disclosures,
}) => (
  <article>
    <header>
      <h2>Let a source vouch</h2>
    </header>
    <PostForm view={view} action="/consent/attestations">
      <label>
        Source, as its leads name it
        <input name="source" required maxlength={200} />
      </label>
      <label>
        Disclosure
        <select name="disclosure">
          {[...new Set(disclosures.map(({ id, channel }) => `${channel} ${id}`))].map((each) => (
            <option value={each}>{each}</option>
          ))}
        </select>
      </label>
      <label>
        For leads from
        <input name="from" type="date" required />
      </label>
      <label>
        Until (left out: until withdrawn)
        <input name="until" type="date" />
      </label>
      <label>
        What it rests on
        <input name="because" required maxlength={1_000} placeholder="contract, certificates" />
      </label>
      <button type="submit">Record it</button>
    </PostForm>
    <p class="quiet">Written consent, as the source states it. It lifts no stop.</p>
  </article>
)

const FRESH_DAYS = 31

const Stops: FC<ConsentPageProps> = ({ stops, dnc, now, zone }) => {
  const ageDays = dnc === null ? 0 : Math.floor((now - dnc.as_of) / DAY_MS)
  return (
    <article>
      <header>
        <h2>Never written to</h2>
      </header>
      {stops.length === 0 && <Nothing>Nobody has said stop.</Nothing>}
      {stops.map(({ channel, cause, contactPoints }) => (
        <p>
          <strong>{contactPoints}</strong> {channel === 'all' ? 'on every channel' : channel},{' '}
          {plain(cause)}
        </p>
      ))}
      <p class="quiet">
        {dnc === null
          ? 'No national do-not-call list is loaded: it counts as not asked.'
          : `The national do-not-call list is of ${dateWords(dnc.as_of, zone)}, with ${dnc.numbers} numbers${ageDays > FRESH_DAYS ? '; it is too old and counts as not asked' : ''}.`}{' '}
        <code>rekindle suppressions import FILE.csv</code> loads lists.
      </p>
    </article>
  )
}
