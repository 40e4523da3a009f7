import type { Problem } from '../cadence/problems.ts'
import { plainTypography } from '../texts.ts'
import { problemOfError } from './check.ts'
import { htmlEmail, pictureOf, textEmail } from './email-layout.ts'
import { inLayout } from './layout.ts'
import { prepare, RenderSession, withoutMarks } from './liquid.ts'
import { markdownToHtml } from './markdown.ts'
import type {
  EmailTemplate,
  RenderedLink,
  SmsTemplate,
  TemplateContext,
  TemplateText,
} from './types.ts'
import { sourceFor } from './types.ts'

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
  const source = sourceFor(template, context.dead?.reason ?? null)
  const { company, links } = context
  const { unsubscribe } = links
  const blank = missingFooterPart(context)
  if (blank !== null || unsubscribe === null) {
    const message = `An email cannot leave without ${blank ?? 'an unsubscribe link'} in its footer.`
    const fix = 'Complete the company in the settings.'
    return failure(source.file, source.body, 'company_incomplete', message, fix)
  }
  const session = new RenderSession(context.linkFor)
  const render = rendererOf(source.file, context)
  const subject = render(source.subject, (scope) => session.plain(source.subject, scope))
  if (!subject.ok) return subject
  const preheader = renderOptional(source.preheader, (text) =>
    render(text, (scope) => session.plain(text, scope)),
  )
  if (!preheader.ok) return preheader
  const body = render(source.body, (scope) => {
    const markdown = session.held(source.body, scope)
    return markdownToHtml(markdown, session, [unsubscribe])
  })
  if (!body.ok) return body
  const parts = {
    subject: oneLine(subject.value),
    preheader: preheader.value === null ? null : oneLine(preheader.value),
    bodyHtml: body.value,
    company,
    unsubscribe,
    pixel: context.pixel ?? null,
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
  const source = sourceFor(template, context.dead?.reason ?? null)
  const session = new RenderSession(context.linkFor)
  const render = rendererOf(source.file, context)
  const body = render(source.body, (scope) => session.plain(source.body, scope))
  if (!body.ok) return body
  const text = tidy(body.value)
  if (text === '') {
    const fix = 'Write words that stand also when every value is empty.'
    return failure(source.file, source.body, 'empty_message', 'The text came out empty.', fix)
  }
  const whole = options.firstText ? withIdentity(text, context.company.brand) : text
  return { ok: true, text: plainTypography(whole), links: session.links }
}

/**
 * Adds the sender's name before a text that does not hold it, and the way to stop after one that
 * does not tell it (CTIA Messaging Principles and Best Practices, May 2023: brand and opt-out).
 */
function withIdentity(text: string, brand: string): string {
  const isNamed = text.toLowerCase().includes(brand.toLowerCase())
  const tellsStop = /\b(reply|text|send)\s+"?stop\b/i.test(text)
  const named = isNamed ? text : `${brand}: ${text}`
  return tellsStop ? named : `${named} Reply STOP to opt out.`
}

type Rendered<T> = { readonly ok: true; readonly value: T } | RenderFailure

function rendererOf(file: string, context: TemplateContext) {
  return (text: TemplateText, render: (scope: object) => string): Rendered<string> => {
    try {
      return { ok: true, value: render(scopeOf(context, text)) }
    } catch (error) {
      return { ok: false, problem: problemOfError(file, text, error) }
    }
  }
}

function renderOptional(
  text: TemplateText | null,
  render: (text: TemplateText) => Rendered<string>,
): Rendered<string | null> {
  return text === null ? { ok: true, value: null } : render(text)
}

/** The variables of a template: every known one is there, so that only unknown ones fail. */
function scopeOf({ lead, company, owner, dead, links }: TemplateContext, text: TemplateText) {
  const { attributes, ...person } = lead
  const asked = prepare(text).variables.flatMap(({ path: [root, name, attribute] }) =>
    root === 'lead' && name === 'attributes' && typeof attribute === 'string' ? [attribute] : [],
  )
  const entries = asked.map((name) => [
    name,
    Object.hasOwn(attributes, name) ? (attributes[name] ?? null) : null,
  ])
  return {
    lead: { ...clean(person), attributes: clean(Object.fromEntries(entries)) },
    company: clean(company),
    owner: clean(owner ?? { name: null, email: null, phone: null }),
    dead: clean(dead ?? { reason: null, wanted: null, competitor: null }),
    links: clean(links),
  }
}

/** Without marks, and with white space alone counted as empty, so that defaults apply. */
function clean(values: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]: [string, unknown]) => {
      const unmarked = withoutMarks(value)
      return [name, typeof unmarked === 'string' && unmarked.trim() === '' ? null : unmarked]
    }),
  )
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
