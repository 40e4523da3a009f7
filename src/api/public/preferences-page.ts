import type { Context } from 'hono'
import { html } from 'hono/html'
import type { Company } from '../../domain/company/company.ts'
import type { Instant } from '../../domain/time.ts'
import type { Preferences } from '../../leads/web/preferences.ts'
import { showPage } from './page.ts'
import { type Language, languageOf, type PageWords, wordsIn } from './words.ts'

export interface PreferencesPage {
  readonly company: Company
  readonly preferences: Preferences
  readonly notice?: string
  readonly status?: 200 | 400
}

/** The words of the browser's language. */
export function wordsFor(c: Context): PageWords {
  return wordsIn(languageOf(c.req.header('Accept-Language')))
}

/** Where the company is reached by whom a page cannot help. */
export function contactOf({ replyTo, from }: Company): string {
  return replyTo ?? from.email
}

/**
 * Unsubscribing first and in one press, everything finer below it. Each form posts to this very
 * address; nothing here acts on a GET.
 */
export function showPreferences(c: Context, page: PreferencesPage) {
  const language = languageOf(c.req.header('Accept-Language'))
  const words = wordsIn(language)
  const { company, preferences, notice, status = 200 } = page
  return showPage(c, status, {
    title: words.title(company.brand),
    text: words.intro(company.brand),
    language,
    ...(notice !== undefined && { notice }),
    more: html`${stopping(preferences, company, words, notice)} ${choosing(preferences, words)}
    ${resting(preferences, company, words, language)} ${forgetting(preferences, company, words)}`,
  })
}

/** What a person reads whose link is none of ours, or no longer. */
export function showUnknownLink(c: Context, company: Company) {
  const language = languageOf(c.req.header('Accept-Language'))
  const words = wordsIn(language)
  return showPage(c, 404, {
    title: words.unknownTitle,
    text: words.unknown(company.brand, contactOf(company)),
    language,
  })
}

function stopping({ email }: Preferences, { brand }: Company, words: PageWords, notice?: string) {
  if (email === 'final') return html`<p class="hint">${words.stoppedFinal(brand)}</p>`
  if (email !== 'on') {
    const stopped = words.stopped(brand)
    // Said once is enough.
    return stopped === notice ? '' : html`<p class="hint">${stopped}</p>`
  }
  return html`<form method="post">
    <button class="first" name="action" value="unsubscribe">${words.stopAll}</button>
  </form>`
}

function choosing({ email, texts, topics }: Preferences, words: PageWords) {
  return html`<section>
    <h2>${words.choose}</h2>
    <form method="post">
      <fieldset>
        <legend>${words.channels}</legend>
        ${email === 'on' || email === 'off' ? checkbox('email', 'yes', words.email, email === 'on') : ''}
        ${texts === 'none' ? '' : checkbox('texts', 'yes', words.texts, texts === 'on', texts === 'off')}
        ${texts === 'off' ? html`<p class="hint">${words.textsOff}</p>` : ''}
      </fieldset>
      ${
        topics.length === 0
          ? ''
          : html`<fieldset>
              <legend>${words.topics}</legend>
              ${topics.map(({ id, title, on }) => checkbox('topic', id, title, on))}
            </fieldset>`
      }
      <button name="action" value="save">${words.save}</button>
    </form>
  </section>`
}

function checkbox(name: string, value: string, words: string, on: boolean, disabled = false) {
  return html`<label>
    <input
      type="checkbox"
      name="${name}"
      value="${value}"
      ${on ? 'checked' : ''}
      ${disabled ? 'disabled' : ''}
    />
    ${words}
  </label>`
}

function resting(
  { pausedUntil, email, texts }: Preferences,
  { timezone }: Company,
  words: PageWords,
  language: Language,
) {
  if (pausedUntil !== null) {
    return html`<section>
      <h2>${words.rest}</h2>
      <p>${words.paused(dateIn(pausedUntil, timezone, language))}</p>
      <form method="post">
        <button name="action" value="resume">${words.resume}</button>
      </form>
    </section>`
  }
  // To whom we write nothing, there is nothing to pause.
  if (email !== 'on' && texts !== 'on') return ''
  return html`<section>
    <h2>${words.rest}</h2>
    <p class="hint">${words.restHint}</p>
    <form method="post">
      <button name="action" value="pause">${words.pause}</button>
    </form>
  </section>`
}

function forgetting({ mayErase }: Preferences, company: Company, words: PageWords) {
  return html`<section>
    <details>
      <summary>${words.forget}</summary>
      ${
        mayErase
          ? html`<form method="post">
              <p class="hint">${words.forgetHint(company.brand)}</p>
              ${checkbox('confirm', 'yes', words.forgetConfirm, false)}
              <button class="last" name="action" value="erase">${words.forgetButton}</button>
            </form>`
          : html`<p class="hint">${words.tooOld(contactOf(company))}</p>`
      }
    </details>
  </section>`
}

function dateIn(at: Instant, timeZone: string, language: Language): string {
  return new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone }).format(at)
}
