import type { MessageStep } from '../cadence/types.ts'
import { renderEmail, renderSms } from '../templates/render.ts'
import { templateContext } from '../templates/context.ts'
import type { EmailTemplate, SmsTemplate, Template } from '../templates/types.ts'
import type { PreviewLife } from './life.ts'
import type { PreviewMessage } from './types.ts'

/** Links of a preview lead nowhere; a real message carries tokens in their place. */
const UNSUBSCRIBE = 'https://preview.invalid/unsubscribe'
const WHY = 'https://preview.invalid/why'

/** The message as the lead would read it, with every link as its author wrote it. */
export function previewMessage(life: PreviewLife, step: MessageStep): PreviewMessage {
  const { input, episode, sent } = life
  if (input.withoutMessages === true) return { ok: true, subject: null, text: '', html: null }
  const template = input.templates.find(
    ({ channel, name }) => channel === step.channel && name === step.template,
  )
  if (template === undefined) {
    return { ok: false, because: `the template ${step.template} is not there` }
  }
  const context = templateContext(life.lead, input.rules.company, episode?.from ?? null, {
    links: { unsubscribe: UNSUBSCRIBE, why: () => WHY },
    linkFor: (url) => url,
  })
  if (isEmail(template)) {
    const email = renderEmail(template, context)
    if (!email.ok) return { ok: false, because: email.problem.message }
    return { ok: true, subject: email.subject, text: email.text, html: email.html }
  }
  if (!isSms(template)) return { ok: false, because: 'the template is for another channel' }
  const firstText = !sent.some(({ channel }) => channel === 'sms')
  const sms = renderSms(template, context, { firstText })
  if (!sms.ok) return { ok: false, because: sms.problem.message }
  return { ok: true, subject: null, text: sms.text, html: null }
}

const isEmail = (template: Template): template is EmailTemplate => template.channel === 'email'
const isSms = (template: Template): template is SmsTemplate => template.channel === 'sms'
