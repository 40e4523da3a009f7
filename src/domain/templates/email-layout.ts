import { compile } from 'html-to-text'
import { fixedWords } from './fixed-words.ts'
import { escapeHtml } from './markdown.ts'
import type { TemplateContext } from './types.ts'

export interface EmailParts {
  readonly subject: string
  readonly preheader: string | null
  readonly bodyHtml: string
  readonly company: TemplateContext['company']
  readonly unsubscribe: string
  readonly pixel: string | null
  /** BCP 47, of the message. */
  readonly language: string
}

/** The whole HTML of an email. The footer says who writes, from where, and how to stop it. */
export function htmlEmail(parts: EmailParts): string {
  const { subject, preheader, bodyHtml, company, unsubscribe, language } = parts
  const words = fixedWords(language)
  const hidden = 'display:none;max-height:0;overflow:hidden;opacity:0'
  return `<!doctype html>
<html lang="${escapeHtml(language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeHtml(subject)}</title>
</head>
<body style="margin:0;padding:24px;background:#ffffff;color:#1c1c1c;${FONT}">
${preheader === null ? '' : `<div style="${hidden}">${escapeHtml(preheader)}</div>\n`}<div style="max-width:600px">
${bodyHtml.trim()}
<p style="margin-top:40px;padding-top:16px;border-top:1px solid #dddddd;color:#5f5f5f;font-size:13px">
${escapeHtml(identity(company))}<br>
${words.footer} <a href="${escapeHtml(unsubscribe)}" style="color:#5f5f5f">${words.unsubscribe}</a>
</p>
</div>${pictureOf(parts)}
</body>
</html>
`
}

/** What tells that the email was opened; empty where nobody asks. */
export function pictureOf({ pixel }: EmailParts): string {
  if (pixel === null) return ''
  return `\n<img src="${escapeHtml(pixel)}" width="1" height="1" alt="">`
}

/** The same email as plain text. Links stand behind their words. */
export function textEmail({ bodyHtml, company, unsubscribe, language }: EmailParts): string {
  const body = htmlToText(bodyHtml).trim()
  const words = fixedWords(language)
  return `${body}\n\n--\n${identity(company)}\n${words.footer} ${words.unsubscribe}: ${unsubscribe}\n`
}

const FONT =
  'font-family:-apple-system,Segoe UI,Helvetica,Arial,sans-serif;font-size:16px;line-height:1.5'

const htmlToText = compile({
  wordwrap: false,
  selectors: [
    { selector: 'a', options: { hideLinkHrefIfSameAsText: true, linkBrackets: ['(', ')'] } },
    ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({
      selector,
      options: { uppercase: false },
    })),
  ],
})

function identity({ name, postalAddress }: TemplateContext['company']): string {
  return `${name}, ${postalAddress}`
}
