import { Marked, type Renderer, type Tokens } from 'marked'
import type { RenderSession } from './liquid.ts'

/** Addresses a link in a message may have. */
const SAFE_ADDRESS = /^(https?:\/\/|mailto:|tel:)/i

/**
 * Markdown, with the session's values still held back, as HTML with the values in. Values are
 * escaped; links to the web go through the session's `link` unless they did already, but for
 * `untouched`; a link whose address is no web, mail or phone address keeps its words only.
 */
export function markdownToHtml(
  markdown: string,
  session: RenderSession,
  untouched: readonly string[],
): string {
  const addressOf = (written: string): string | null => {
    const address = session.release(written)
    if (!SAFE_ADDRESS.test(address)) return null
    const isOurs = session.isLinked(address) || untouched.includes(address)
    return isOurs || !/^https?:/i.test(address) ? address : session.link(address)
  }
  const marked = new Marked({
    breaks: true,
    renderer: {
      link(this: Renderer, { href, tokens }: Tokens.Link): string {
        const words = this.parser.parseInline(tokens)
        const address = addressOf(href)
        return address === null ? words : `<a href="${escapeHtml(address)}">${words}</a>`
      },
      image({ href, text }: Tokens.Image): string {
        const address = session.release(href)
        if (!/^https?:/i.test(address)) return text
        return `<img src="${escapeHtml(address)}" alt="${escapeHtml(text)}">`
      },
    },
  })
  return session.release(marked.parse(markdown, { async: false }), escapeHtml)
}

/** Text that means nothing in HTML, also inside a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character)
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
