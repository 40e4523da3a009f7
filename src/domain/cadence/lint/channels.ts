import { channelWords, messagesOf, waysOf } from './messages.ts'
import type { LintRule } from './types.ts'

/** So many messages on one channel alone are an appeal to somebody who may never see it. */
const MOST_ON_ONE = 3

/** A cadence that writes by email only, or by text only. */
export const oneChannel: LintRule = ({ cadence }) => {
  const messages = messagesOf(cadence)
  const channels = new Set(
    messages.flatMap(({ step }) => waysOf(step).map(({ channel }) => channel)),
  )
  const [only, another] = channels
  if (messages.length < MOST_ON_ONE || only === undefined || another !== undefined) return []
  const other = only === 'email' ? 'sms' : 'email'
  return [
    {
      path: ['steps'],
      step: null,
      code: 'one_channel',
      message: `All ${messages.length} messages are ${channelWords(only)}: who does not read those is never reached.`,
      fix: `Make one of them ${other === 'sms' ? 'a text' : 'an email'}, or give it a fallback: { ${other}: … }.`,
    },
  ]
}

/** Steps that are left out for every lead, because their channel has no provider. */
export const channelNotConfigured: LintRule = ({ cadence, channels }) => {
  if (channels === null) return []
  return messagesOf(cadence)
    .filter(({ step }) => !waysOf(step).some(({ channel }) => channels.includes(channel)))
    .map(({ step, index }) => ({
      path: ['steps', index, step.channel],
      step: step.id,
      code: 'channel_not_configured' as const,
      message: `No provider is set for ${channelWords(step.channel)}: the step is skipped for every lead.`,
      fix: 'Set the provider (see docs/going-live.md), or take the step out.',
    }))
}
