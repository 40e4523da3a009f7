import { ReadyHtml, type RenderSession } from './liquid.ts'
import { escapeHtml } from './markdown.ts'
import { type CallToAction, type TemplateSource, type TemplateText, textsOf } from './types.ts'

/** How a message asks its reader to do something. */
export type Asking = 'button' | 'link' | 'answer'

/** Markdown's link, and Liquid's in texts; the one that ends the emails asks for nothing. */
const LINK = /\]\(\s*(?!\{\{-?\s*links\.unsubscribe)[^)\s]|\|\s*link\b|\{\{-?\s*links\.why\b/
const ANSWER =
  /\b(reply|replying|answer (this|with)|write back|text back|text (yes|me|us)|let (me|us) know|tell (me|us)|call (me|us)|respond[ae]|cont[eé]st[ae]|escr[ií]ba(me|nos)|d[ií]ga(me|nos))\b/i

/**
 * What a message asks for: a declared button, a link in its words, or an answer; null when it asks
 * for nothing, and so leads nowhere.
 */
export function callToActionOf(source: TemplateSource): Asking | null {
  if (source.channel === 'email' && source.cta !== undefined) {
    return source.cta.kind === 'button' ? 'button' : 'answer'
  }
  const words = [source.body, ...Object.values(source.uses?.snippets ?? {})].map(({ text }) => text)
  if (words.some((text) => LINK.test(text))) return 'link'
  return [...textsOf(source).map(({ text }) => text), ...words].some((text) => ANSWER.test(text))
    ? 'answer'
    : null
}

export type CtaReading =
  | { readonly ok: true; readonly cta: CallToAction }
  | { readonly ok: false; readonly message: string; readonly fix: string }

/** Reads `[Words](address)` or `reply`, as the head of an email declares it. */
export function readCallToAction({ text, line, column }: TemplateText): CtaReading {
  if (text === 'reply') return { ok: true, cta: { kind: 'reply' } }
  const [, label = '', url = ''] = /^\[(.+?)\]\((.+)\)$/.exec(text) ?? []
  if (label.trim() === '' || url.trim() === '') {
    const message = `"${text}" is no call to action.`
    const fix = 'Write "cta: [Pick a time](https://…)" for a button, or "cta: reply".'
    return { ok: false, message, fix }
  }
  const at = (part: string, from: number) => ({ text: part, line, column: column + from })
  const cta = { kind: 'button', label: at(label, 1), url: at(url, label.length + 3) } as const
  return { ok: true, cta }
}

/** How the head writes it. */
export function callToActionText(cta: CallToAction): string {
  return cta.kind === 'reply' ? 'reply' : `[${cta.label.text}](${cta.url.text})`
}

const BUTTON =
  'display:inline-block;padding:12px 22px;border-radius:8px;background:#1f5fd0;color:#ffffff;text-decoration:none;font-weight:600'

/**
 * The button, with its address as a click on it is told. Null for an address that a mail program
 * would not follow.
 */
export function buttonHtml(label: string, url: string, session: RenderSession): ReadyHtml | null {
  const address = url.trim()
  if (!/^(https?:\/\/|mailto:|tel:)/i.test(address)) return null
  const { why } = session.ownLinks
  const untouched = session.isLinked(address) || address === why || !/^https?:/i.test(address)
  const href = untouched ? address : session.link(address)
  const words = label.replace(/\s+/g, ' ').trim()
  const html = `<a href="${escapeHtml(href)}" style="${BUTTON}">${escapeHtml(words)}</a>`
  return new ReadyHtml(html, `${words}: ${href}`)
}
