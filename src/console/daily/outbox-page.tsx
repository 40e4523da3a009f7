import type { FC } from 'hono/jsx'
import type { LeadId } from '../../domain/ids.ts'
import { textSize, textSizeWords } from '../../domain/texts.ts'
import type { OutboxItem } from '../../local/outbox.ts'
import { Page } from '../layout.tsx'
import { Moment, Nothing, PostForm } from '../parts.tsx'
import { safeUrl } from '../security.ts'
import type { View } from '../view.ts'

interface OutboxProps {
  readonly view: View
  /** The newest first. */
  readonly items: readonly OutboxItem[]
  readonly to: string | null
  /** null on the last page. */
  readonly nextPage: number | null
  readonly zone: string
}

/** Every caught email and text, the newest first. */
export const OutboxPage: FC<OutboxProps> = ({ view, items, to, nextPage, zone }) => (
  <Page title="Outbox" view={view} at="outbox">
    <hgroup>
      <h1>Outbox</h1>
      <p>Emails and texts that were caught instead of sent. Open one to answer it as the lead.</p>
    </hgroup>
    <form method="get" action="/outbox" class="filter">
      <input
        type="search"
        name="to"
        value={to ?? ''}
        placeholder="Email address or phone number"
        aria-label="Recipient"
      />
      <button type="submit">Show</button>
    </form>
    {items.length === 0 ? (
      <Nothing>
        {to === null
          ? 'Nothing was sent yet. Add a lead: its first email is here within seconds.'
          : 'Nothing was sent to this contact point.'}
      </Nothing>
    ) : (
      <ul class="messages">
        {items.map((item) => (
          <li>
            <a href={`/outbox/${item.id}`}>
              <span class={`channel ${item.channel}`}>{item.channel}</span>
              <span class="to">{item.to}</span>
              <span class="words">
                {item.subject !== null && <strong>{item.subject} </strong>}
                {item.text.slice(0, 140)}
              </span>
              <Moment at={item.at} zone={zone} />
            </a>
          </li>
        ))}
      </ul>
    )}
    {nextPage !== null && (
      <p class="more">
        <a
          href={`/outbox?${new URLSearchParams({ to: to ?? '', page: String(nextPage) }).toString()}`}
        >
          Older messages →
        </a>
      </p>
    )}
  </Page>
)

/** Where a message leads to, and the words that do. */
export interface MessageLink {
  readonly href: string
  readonly words: string
}

interface MessageProps {
  readonly view: View
  readonly item: OutboxItem
  /** Whose it is, when that is known. */
  readonly leadId: LeadId | null
  readonly links: readonly MessageLink[]
  readonly zone: string
}

/** One caught message as its recipient sees it, and ways to answer. */
export const MessagePage: FC<MessageProps> = ({ view, item, leadId, links, zone }) => (
  <Page title={item.subject ?? 'Text message'} view={view} at="outbox">
    <nav aria-label="breadcrumb">
      <ul>
        <li>
          <a href="/outbox">Outbox</a>
        </li>
        <li>{item.subject ?? 'Text message'}</li>
      </ul>
    </nav>
    <div class="columns">
      <section>
        <article class="message">
          <header>
            <h1>{item.subject ?? 'Text message'}</h1>
            <p class="quiet">
              <span class={`channel ${item.channel}`}>{item.channel}</span> to {item.to},{' '}
              <Moment at={item.at} zone={zone} />
              {item.channel === 'sms' && ` · ${textSizeWords(textSize(item.text))}`}
              {leadId !== null && (
                <>
                  {' · '}
                  <a href={`/leads/${leadId}`}>the lead’s story</a>
                </>
              )}
            </p>
          </header>
          {item.html === null ? (
            <p class="bubble">{item.text}</p>
          ) : (
            <iframe
              title="The email"
              sandbox="allow-popups allow-popups-to-escape-sandbox"
              src={`/outbox/${item.id}/html`}
            />
          )}
        </article>
        <details>
          <summary>As it left: headers and plain text</summary>
          <dl class="headers">
            {Object.entries(item.headers).map(([name, value]) => (
              <>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </>
            ))}
          </dl>
          <pre>{item.text}</pre>
        </details>
      </section>
      <aside>
        <AnswerAsLead view={view} item={item} />
        <Links links={links} />
      </aside>
    </div>
  </Page>
)

const AnswerAsLead: FC<{ view: View; item: OutboxItem }> = ({ view, item }) => (
  <article>
    <header>
      <h2>Answer as the lead</h2>
    </header>
    <PostForm view={view} action={`/outbox/${item.id}/reply`}>
      <label>
        Answer
        <textarea name="text" rows={4} required placeholder="Yes, tell me more" />
      </label>
      <button type="submit">Send the answer</button>
    </PostForm>
    {item.channel === 'sms' && (
      <PostForm view={view} action={`/outbox/${item.id}/reply`}>
        <input type="hidden" name="text" value="STOP" />
        <button type="submit" class="outline danger">
          Text STOP
        </button>
      </PostForm>
    )}
  </article>
)

const Links: FC<{ links: readonly MessageLink[] }> = ({ links }) => {
  const safe = links.filter(({ href }) => safeUrl(href) !== null)
  if (safe.length === 0) return null
  return (
    <article>
      <header>
        <h2>Click as the lead</h2>
      </header>
      <ul class="links">
        {safe.map(({ href, words }) => (
          <li>
            <a href={href} target="_blank" rel="noreferrer">
              {words}
            </a>
            {words !== href && <small>{href}</small>}
          </li>
        ))}
      </ul>
    </article>
  )
}
