import { html } from 'hono/html'
import type { Context } from 'hono'

export interface Page {
  readonly title: string
  readonly text: string
  /** A button that posts to this very address. */
  readonly button?: string
}

const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'"

/** A small page without scripts, that no cache keeps and no search engine lists. */
export function showPage(c: Context, status: 200 | 404, { title, text, button }: Page) {
  c.header('Content-Security-Policy', POLICY)
  c.header('Cache-Control', 'no-store')
  c.header('X-Robots-Tag', 'noindex')
  return c.html(
    html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <title>${title}</title>
          <style>
            body {
              font: 1.1rem/1.5 system-ui, sans-serif;
              max-width: 32rem;
              margin: 15vh auto;
              padding: 0 1rem;
            }
            button {
              font: inherit;
              padding: 0.6rem 1.2rem;
            }
          </style>
        </head>
        <body>
          <h1>${title}</h1>
          <p>${text}</p>
          ${
            button === undefined
              ? ''
              : html`<form method="post"><button type="submit">${button}</button></form>`
          }
        </body>
      </html>`,
    status,
  )
}
