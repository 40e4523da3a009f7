import type { MessageStep } from '../cadence/types.ts'
import { templateContext } from '../templates/context.ts'
import { renderMessage } from '../templates/render-message.ts'
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
  const firstText = !sent.some(({ channel }) => channel === 'sms')
  const message = renderMessage(template, context, firstText)
  return message.ok ? message : { ok: false, because: message.problem.message }
}
