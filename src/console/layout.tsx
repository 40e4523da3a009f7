import type { Child, FC } from 'hono/jsx'
import { STYLESHEET_PATHS } from './assets.ts'
import { Menu, Neighbours, type Place } from './menu.tsx'
import type { View } from './view.ts'

const OUTBOUND_WORDS: Readonly<Record<View['outbound'], string>> = {
  catch: 'nothing leaves this machine',
  allowlist: 'only the contact points on the allow-list are written to',
  live: 'messages reach real people',
}

/** An ember. */
const ICON =
  'data:image/svg+xml,' +
  encodeURIComponent(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path fill="#b3451a" d="M8 1c1 3 5 4.500 5 9a5 5 0 0 1-10 0c0-2 1-3 2-4 0 1.500.500 2 1.200 2.300C6 6 6.500 3 8 1z"/></svg>',
  )

interface DocumentProps {
  readonly title: string
  readonly children?: Child
}

/** The bare page: for the log-in, and around every other. */
export const Document: FC<DocumentProps> = ({ title, children }) => (
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <title>{`${title} · Rekindle`}</title>
      <link rel="icon" href={ICON} />
      {STYLESHEET_PATHS.map((path) => (
        <link rel="stylesheet" href={path} />
      ))}
    </head>
    <body>{children}</body>
  </html>
)

interface PageProps extends DocumentProps {
  readonly view: View
  readonly at: Place | null
}

/** A page of the console: banner, navigation, what was just done, and the page's own. */
export const Page: FC<PageProps> = ({ title, view, at, children }) => (
  <Document title={title}>
    <a class="skip" href="#content">
      Skip to the content
    </a>
    <p class={`outbound ${view.outbound}`} role="note">
      <strong>{view.outbound}</strong>: {OUTBOUND_WORDS[view.outbound]}{' '}
      {view.outbound !== 'live' && <a href="/outbound">Going live</a>}
    </p>
    {view.stopped.length > 0 && (
      <p class="outbound stopped" role="alert">
        <strong>Emergency stop</strong>: {view.stopped.join(', ')}.{' '}
        <a href="/emergency">What waits, and how to lift it</a>
      </p>
    )}
    <header class="top container">
      <nav aria-label="Main">
        <a class="brand" href="/">
          Rekindle
        </a>
        <Menu view={view} at={at} />
        <ul class="end">
          <li>
            <a role="button" class="small" href="/leads/new">
              New lead
            </a>
          </li>
          <li>
            <form method="post" action="/logout">
              <input type="hidden" name="token" value={view.token} />
              <button
                type="submit"
                class="link"
                title={`Logged in with the key ${view.session.key.name}`}
              >
                Log out
              </button>
            </form>
          </li>
        </ul>
      </nav>
      <Neighbours at={at} />
    </header>
    <main id="content" class="container">
      {view.said && (
        <div class={`said ${view.said.tone}`} role="status">
          <p>{view.said.text}</p>
          {view.said.fix !== undefined && <p class="fix">{view.said.fix}</p>}
        </div>
      )}
      {children}
    </main>
    <footer class="container">
      <small>
        Rekindle {view.version} · <a href="/emergency">Emergency stop</a>
      </small>
    </footer>
  </Document>
)
