import { callToActionOf } from '../../templates/call-to-action.ts'
import type { Template } from '../../templates/types.ts'
import { messagesOf, waysOf } from './messages.ts'
import type { Finding, LintRule } from './types.ts'

/** Messages that ask their reader for nothing, and so lead nowhere. */
export const noCallToAction: LintRule = ({ cadence, templates }) => {
  if (templates === null) return []
  return messagesOf(cadence).flatMap(({ step, index }) =>
    waysOf(step).flatMap(({ channel, template: name }) => {
      const template = templates.find((each) => each.channel === channel && each.name === name)
      if (template === undefined) return []
      const path = ['steps', index, ...(channel === step.channel ? [] : ['fallback']), channel]
      return silentFiles(template).map(
        (file): Finding => ({
          path,
          step: step.id,
          code: 'no_call_to_action',
          message: `${file} asks its reader for nothing.`,
          fix: 'Add a link or a button, or ask for an answer: a message without one leads nowhere.',
        }),
      )
    }),
  )
}

/** The files of a template, its variants included, that call to no action. */
function silentFiles({ standard, variants }: Template): readonly string[] {
  return [standard, ...Object.values(variants)].flatMap((source) =>
    callToActionOf(source) === null ? [source.file] : [],
  )
}
