import type { FC } from 'hono/jsx'
import { parseInstant } from '../../domain/time.ts'
import type { KeptMail } from '../../leads/mail/kept-mail.ts'
import { Page } from '../layout.tsx'
import { Moment, Nothing, PostForm, plain } from '../parts.tsx'
import type { View } from '../view.ts'

interface MailProps {
  readonly view: View
  readonly mails: readonly KeptMail[]
  /** The page after this one; null at the end. */
  readonly next: string | null
  /** The company's IANA zone. */
  readonly zone: string
}

/** Mail that only a person can place. */
export const MailPage: FC<MailProps> = ({ view, mails, next, zone }) => (
  <Page title="Mail" view={view} at="mail">
    <hgroup>
      <h1>Mail</h1>
      <p>What came in and names no message of ours, or could not be read. Say whose it is.</p>
    </hgroup>
    {mails.length === 0 && (
      <Nothing>Nothing waits. Answers and bounces find their leads by themselves.</Nothing>
    )}
    {mails.map((mail) => (
      <article>
        <header>
          <strong>{mail.subject || 'no subject'}</strong> from {mail.from ?? 'nobody named'},{' '}
          <Received at={mail.receivedAt} zone={zone} />
          <p class="quiet">
            {plain(mail.kind)}: {mail.because}
          </p>
        </header>
        <pre class="words">{(mail.text ?? '').trim().slice(0, MOST_SHOWN)}</pre>
        <PostForm view={view} action={`/mail/${mail.id}/assign`} class="inline">
          <input
            name="lead"
            required
            value={mail.leadId ?? ''}
            aria-label="Whose mail it is"
            placeholder="id, external id, email or phone"
          />
          <button type="submit" class="small">
            It is this lead’s
          </button>
        </PostForm>
        <PostForm view={view} action={`/mail/${mail.id}/dismiss`} class="inline">
          <button type="submit" class="small outline">
            Nobody’s
          </button>
        </PostForm>
      </article>
    ))}
    {next !== null && <a href={`/mail?cursor=${encodeURIComponent(next)}`}>More</a>}
  </Page>
)

/** What a person needs to recognise it; the mailbox has the rest. */
const MOST_SHOWN = 4_000

const Received: FC<{ readonly at: string; readonly zone: string }> = ({ at, zone }) => {
  const instant = parseInstant(at)
  return instant === null ? null : <Moment at={instant} zone={zone} />
}
