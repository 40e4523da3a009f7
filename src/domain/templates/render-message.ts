import { type RenderFailure, renderEmail, renderSms } from './render.ts'
import type { EmailTemplate, SmsTemplate, Template, TemplateContext } from './types.ts'

/** What a person reads, by whichever channel. */
export interface RenderedMessage {
  readonly ok: true
  /** Of an email. */
  readonly subject: string | null
  readonly text: string
  readonly html: string | null
}

/** Renders an email or a text. `firstText`: the first text to this person says how to stop. */
export function renderMessage(
  template: Template,
  context: TemplateContext,
  firstText: boolean,
): RenderedMessage | RenderFailure {
  if (isEmail(template)) {
    const email = renderEmail(template, context)
    return email.ok
      ? { ok: true, subject: email.subject, text: email.text, html: email.html }
      : email
  }
  if (!isSms(template)) throw new Error('a template for neither email nor text')
  const sms = renderSms(template, context, { firstText })
  return sms.ok ? { ok: true, subject: null, text: sms.text, html: null } : sms
}

const isEmail = (template: Template): template is EmailTemplate => template.channel === 'email'
const isSms = (template: Template): template is SmsTemplate => template.channel === 'sms'
