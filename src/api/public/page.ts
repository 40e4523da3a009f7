import type { Context } from 'hono'
import { html, raw } from 'hono/html'
import type { Language } from './words.ts'

type Html = ReturnType<typeof html>

export interface Page {
  readonly title: string
  readonly text: string
  readonly language?: Language
  /** What just happened, told before everything else. */
  readonly notice?: string
  /** More of the page, below the text. */
  readonly more?: Html
}

const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

/** A small page without scripts, that no cache keeps and no search engine lists. */
export function showPage(c: Context, status: 200 | 400 | 404, page: Page) {
  const { title, text, language = 'en', notice, more } = page
  const refused = status === 400
  c.header('Content-Security-Policy', POLICY)
  c.header('Cache-Control', 'no-store')
  c.header('X-Robots-Tag', 'noindex')
  c.header('Content-Language', language)
  return c.html(
    html`<!doctype html>
      <html lang="${language}">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="color-scheme" content="light dark" />
          <title>${title}</title>
          <style>
            ${raw(STYLE)}
          </style>
        </head>
        <body>
          <main>
            ${notice === undefined ? '' : html`<p class="notice ${refused ? 'refused' : ''}" role="${refused ? 'alert' : 'status'}">${notice}</p>`}
            <h1>${title}</h1>
            <p>${text}</p>
            ${more ?? ''}
          </main>
        </body>
      </html>`,
    status,
  )
}

const STYLE = `
:root { --ink: #1d2433; --soft: #5b6475; --line: #dde1e8; --page: #f3f5f8; --card: #fff;
  --main: #1f5fd0; --on-main: #fff; --good: #e6f4ea; --good-ink: #14532d; --bad: #b3261e;
  --warn: #fdecea; --warn-ink: #7a1a14 }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8eaf0; --soft: #a6aebd; --line: #3a4150; --page: #14171d; --card: #1d222b;
    --main: #7fb0ff; --on-main: #10141b; --good: #173325; --good-ink: #c4ecd0; --bad: #ff9d94;
    --warn: #40201d; --warn-ink: #ffd3ce }
}
* { box-sizing: border-box }
body { margin: 0; padding: 1rem; background: var(--page); color: var(--ink);
  font: 1.0625rem/1.55 system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif }
main { max-width: 34rem; margin: 4vh auto; padding: 1.5rem; background: var(--card);
  border: 1px solid var(--line); border-radius: 1rem }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .5rem }
h2 { font-size: 1.0625rem; margin: 0 0 .25rem }
p { margin: 0 0 1rem }
section { border-top: 1px solid var(--line); margin-top: 1.5rem; padding-top: 1.25rem }
fieldset { border: 0; margin: 0 0 1rem; padding: 0 }
legend { padding: 0; color: var(--soft); font-size: .9375rem }
label { display: flex; gap: .75rem; align-items: center; min-height: 2.75rem }
input[type=checkbox] { width: 1.375rem; height: 1.375rem; flex: none; margin: 0;
  accent-color: var(--main) }
.choices { display: grid; gap: .6rem }
.choices button { width: 100%; text-align: left }
.field { display: block; margin: 0 0 1rem }
input[type=text] { font: inherit; width: 100%; min-height: 3rem; padding: .6rem .8rem; margin-top: .4rem;
  border: 1px solid var(--soft); border-radius: .6rem; background: var(--card); color: var(--ink) }
.hint { color: var(--soft); font-size: .9375rem }
button { font: inherit; font-weight: 600; width: 100%; min-height: 3rem; padding: .6rem 1rem;
  border-radius: .6rem; border: 1px solid var(--main); background: transparent; color: var(--main);
  cursor: pointer }
button.first { background: var(--main); color: var(--on-main) }
button.last { border-color: var(--bad); color: var(--bad) }
summary { cursor: pointer; min-height: 2.75rem; display: flex; align-items: center;
  color: var(--soft); text-decoration: underline }
:focus-visible { outline: 3px solid var(--main); outline-offset: 2px }
.notice { background: var(--good); color: var(--good-ink); border-radius: .6rem;
  padding: .75rem 1rem; font-weight: 600 }
.notice.refused { background: var(--warn); color: var(--warn-ink) }
@media (min-width: 30rem) { main { padding: 2rem 2.25rem } button { width: auto } }
`
