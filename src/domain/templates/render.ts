import type { Problem } from '../cadence/file/problems.ts'
import { plainTypography } from '../texts.ts'
import { buttonHtml } from './call-to-action.ts'
import { problemOfError } from './check.ts'
import { htmlEmail, pictureOf, textEmail } from './email-layout.ts'
import { fixedWords, tellsHowToStop } from './fixed-words.ts'
import { inLayout } from './layout.ts'
import { isErrorIn, type ReadyHtml, RenderSession } from './liquid.ts'
import { markdownToHtml } from './markdown.ts'
import { scopeOf } from './scope.ts'
import {
  type EmailSource,
  type EmailTemplate,
  type RenderedLink,
  type SmsTemplate,
  sharedTexts,
  sourceFor,
  type TemplateContext,
  type TemplateSource,
  type TemplateText,
} from './types.ts'
import { variablesOf } from './uses.ts'

/** A message that could not be rendered. Its words name variables and files, never values. */
export interface RenderFailure {
  readonly ok: false
  readonly problem: Problem
}

export type RenderedEmail =
  | {
      readonly ok: true
      readonly subject: string
      readonly text: string
      readonly html: string
      readonly links: readonly RenderedLink[]
    }
  | RenderFailure

export type RenderedSms =
  | { readonly ok: true; readonly text: string; readonly links: readonly RenderedLink[] }
  | RenderFailure

export interface SmsOptions {
  /** The first text to a person says who writes and how to stop it, exactly once. */
  readonly firstText: boolean
}

/**
 * An email as it leaves: the variant for the lead's dead reason, with a footer that carries the
 * company's name, its postal address and the unsubscribe link. Every web link went through
 * `context.linkFor` and is listed.
 */
export function renderEmail(template: EmailTemplate, context: TemplateContext): RenderedEmail {
  const source = sourceFor(template, context.dead?.reason ?? null, context.lead.language)
  const { company, links } = context
  const { unsubscribe } = links
  const blank = missingFooterPart(context)
  if (blank !== null || unsubscribe === null) {
    const message = `An email cannot leave without ${blank ?? 'an unsubscribe link'} in its footer.`
    const fix = 'Complete the company in the settings.'
    return failure(source.file, source.body, 'company_incomplete', message, fix)
  }
  const session = new RenderSession(context.linkFor, source.uses?.snippets)
  const render = rendererOf(source, context, session)
  const subject = render(source.subject, (scope) => session.plain(source.subject, scope))
  if (!subject.ok) return subject
  const preheader = renderOptional(source.preheader, (text) =>
    render(text, (scope) => session.plain(text, scope)),
  )
  if (!preheader.ok) return preheader
  const button = renderButton(source, render, session)
  if (!button.ok) return button
  const body = render(source.body, (scope) => {
    const { why } = session.ownLinks
    const cta = button.value === null ? {} : { cta: button.value }
    const markdown = session.held(source.body, { ...scope, ...cta })
    const html = markdownToHtml(markdown, session, [unsubscribe, ...(why === null ? [] : [why])])
    return button.value === null || placesButton(source)
      ? html
      : `${html.trim()}\n<p>${button.value.html}</p>`
  })
  if (!body.ok) return body
  const parts = {
    subject: oneLine(subject.value),
    preheader: preheader.value === null ? null : oneLine(preheader.value),
    bodyHtml: body.value,
    company,
    unsubscribe,
    pixel: context.pixel ?? null,
    language: source.language ?? 'en',
  }
  if (parts.subject === '') {
    const fix = 'Give every value in it a default: {{ lead.firstName | default: "there" }}.'
    return failure(source.file, source.subject, 'empty_message', 'The subject came out empty.', fix)
  }
  const html = render(source.layout?.html ?? source.body, (scope) =>
    source.layout?.html == null
      ? htmlEmail(parts)
      : inLayout(source.layout.html, scope, session, {
          contentHtml: parts.bodyHtml,
          subject: parts.subject,
          preheader: parts.preheader,
          last: pictureOf(parts),
        }),
  )
  if (!html.ok) return html
  const { links: used } = session
  return {
    ok: true,
    subject: parts.subject,
    text: textEmail(parts),
    html: html.value,
    links: used,
  }
}

/**
 * A text as it leaves: the variant for the lead's dead reason, without needless white space and
 * without typography that would make it dearer.
 */
export function renderSms(
  template: SmsTemplate,
  context: TemplateContext,
  options: SmsOptions,
): RenderedSms {
  const source = sourceFor(template, context.dead?.reason ?? null, context.lead.language)
  const session = new RenderSession(context.linkFor, source.uses?.snippets)
  const render = rendererOf(source, context, session)
  const body = render(source.body, (scope) => session.plain(source.body, scope))
  if (!body.ok) return body
  const text = tidy(body.value)
  if (text === '') {
    const fix = 'Write words that stand also when every value is empty.'
    return failure(source.file, source.body, 'empty_message', 'The text came out empty.', fix)
  }
  const { brand } = context.company
  const whole = options.firstText ? withIdentity(text, brand, source.language) : text
  return { ok: true, text: plainTypography(whole), links: session.links }
}

/**
 * Adds the sender's name before a text that does not hold it, and the way to stop after one that
 * does not tell it (CTIA Messaging Principles and Best Practices, May 2023: brand and opt-out).
 */
function withIdentity(text: string, brand: string, language: string | undefined): string {
  const isNamed = text.toLowerCase().includes(brand.toLowerCase())
  const named = isNamed ? text : `${brand}: ${text}`
  return tellsHowToStop(text) ? named : `${named} ${fixedWords(language).stop}`
}

/** The declared button; null for a message that has none. */
function renderButton(
  { file, cta }: EmailSource,
  render: ReturnType<typeof rendererOf>,
  session: RenderSession,
): Rendered<ReadyHtml | null> {
  if (cta?.kind !== 'button') return { ok: true, value: null }
  const label = render(cta.label, (scope) => session.plain(cta.label, scope))
  if (!label.ok) return label
  const url = render(cta.url, (scope) => session.plain(cta.url, scope))
  if (!url.ok) return url
  const button = buttonHtml(label.value, url.value, session)
  if (button !== null) return { ok: true, value: button }
  const message = 'The call to action leads to no web, mail or phone address.'
  const fix = 'Write an address that begins with https://, mailto: or tel:.'
  return failure(file, cta.url, 'invalid_value', message, fix)
}

function placesButton({ body, uses }: EmailSource): boolean {
  return variablesOf(body, uses).some(({ path: [root] }) => root === 'cta')
}

type Rendered<T> = { readonly ok: true; readonly value: T } | RenderFailure

/** Each text with the variables that it, and what it takes from other files, speaks of. */
function rendererOf(source: TemplateSource, context: TemplateContext, session: RenderSession) {
  return (text: TemplateText, render: (scope: object) => string): Rendered<string> => {
    try {
      return {
        ok: true,
        value: render(scopeOf(context, variablesOf(text, source.uses), { source, session })),
      }
    } catch (error) {
      return { ok: false, problem: problemIn(source, text, error) }
    }
  }
}

/** The place of an error is that of the file in which it happened. */
function problemIn({ file, uses }: TemplateSource, text: TemplateText, error: unknown): Problem {
  const shared = uses === undefined ? [] : sharedTexts(uses)
  const other = shared.find((each) => isErrorIn(each, error))
  return problemOfError(other?.file ?? file, other ?? text, error)
}

function renderOptional(
  text: TemplateText | null,
  render: (text: TemplateText) => Rendered<string>,
): Rendered<string | null> {
  return text === null ? { ok: true, value: null } : render(text)
}

function missingFooterPart({ company }: TemplateContext): string | null {
  if (company.name.trim() === '') return "the company's name"
  return company.postalAddress.trim() === '' ? "the company's postal address" : null
}

function failure(
  file: string,
  { line, column }: TemplateText,
  code: Problem['code'],
  message: string,
  fix: string,
): RenderFailure {
  return { ok: false, problem: { file, line, column, code, message, fix } }
}

/** No line break may reach a header. */
function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}

function tidy(text: string): string {
  return text
    .split('\n')
    .map((line) => line.replace(/[^\S\n]+/g, ' ').trim())
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
}
