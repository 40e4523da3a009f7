import { describeCondition } from '../conditions/condition-words.ts'
import { writeDuration } from '../duration.ts'
import type { EndStep, FlowStep, LeadUpdate, WaitForStep, WaitStep } from '../flow-types.ts'
import type { CadenceEnd, Step } from '../types.ts'
import { weekdayWords } from '../weekdays.ts'

/** What any step does, in a few words: "an email", "a call", "waits for a visit …". */
export function describeStep(step: Step): string {
  switch (step.kind) {
    case 'message':
      return step.channel === 'email' ? 'an email' : 'a text'
    case 'task':
      return step.task === 'other' ? 'a task for a person' : `a ${step.task} for a person`
    default:
      return describeFlowStep(step)
  }
}

/** What a step that writes to nobody does, in words: for pages, terminals and comparisons. */
export function describeFlowStep(step: FlowStep): string {
  switch (step.kind) {
    case 'wait':
      return waitWords(step)
    case 'wait-for':
      return waitForWords(step)
    case 'branch': {
      const arms = step.arms.map(({ when, goto }) => `${goto} when ${describeCondition(when)}`)
      return `goes to ${arms.join('; to ')}; else ${nextWords(step.otherwise)}`
    }
    case 'split': {
      const whole = step.arms.reduce((sum, { weight }) => sum + weight, 0)
      const shares = step.arms.map(({ arm, weight, goto }) => {
        const share = `${Math.round((100 * weight) / whole)} % ${arm}`
        return arm === goto ? share : `${share} (to ${goto})`
      })
      return `draws one for each lead: ${shares.join(', ')}`
    }
    case 'webhook':
      return `tells ${step.to}`
    case 'update':
      return updateWords(step.update)
    case 'goto':
      return step.atMost === null
        ? `goes on to ${step.to}`
        : `goes back to ${step.to}, at most ${times(step.atMost)}, then on`
    case 'end':
      return `ends here: ${endWords(step.end)}`
  }
}

/** What becomes of a lead at an end. */
export function endWords(end: CadenceEnd): string {
  switch (end.outcome) {
    case 'dead':
      return `dead, ${end.reason.replaceAll('_', ' ')}`
    case 'back_to_dead':
      return 'dead again, for the reason it was dead before'
    case 'handed_over':
      return `handed to a person: ${end.title}`
  }
}

/** Why a cadence has ended: at a step of its own, or after its last. */
export function whyEnded(step: EndStep | undefined): string {
  return step === undefined
    ? 'the cadence ended without an answer'
    : `the cadence ended at step ${step.id}`
}

/** What a wait-for waits for: "a visit", "a custom signal demo", "until lead.tags has hot". */
function awaitedWords({ awaited }: Pick<WaitForStep, 'awaited'>): string {
  if (awaited.kind === 'condition') return `until ${describeCondition(awaited.when)}`
  const signals = awaited.signals.map((signal) => signal.replaceAll('_', ' ')).join(' or ')
  return `for a ${signals}${awaited.name === null ? '' : ` "${awaited.name}"`}`
}

/** What an update changes, one part after the other. */
function updateWords(update: LeadUpdate): string {
  const { attributes, score, owner, addTags, removeTags } = update
  const parts = [
    ...Object.entries(attributes).map(([name, value]) =>
      value === null ? `takes ${name} away` : `sets ${name} to ${value}`,
    ),
    ...(score === 0 ? [] : [`${score > 0 ? 'gives' : 'takes'} ${Math.abs(score)} points`]),
    ...(owner === undefined ? [] : [`sets the owner to ${owner ?? 'nobody'}`]),
    ...(addTags.length === 0 ? [] : [`tags it ${addTags.join(', ')}`]),
    ...(removeTags.length === 0 ? [] : [`takes the tags ${removeTags.join(', ')} away`]),
  ]
  return parts.join(', ')
}

function waitWords({ until }: WaitStep): string {
  if (until === null) return 'waits'
  const { weekdays, slots } = until
  const day = weekdays.length === 0 ? '' : ` a ${weekdayWords(weekdays).replace(' and ', ' or ')}`
  const hours = slots.map(({ from, to }) => `${from}–${to}`).join(' or ')
  return `then waits for${day}${day !== '' && hours !== '' ? ',' : ''}${hours === '' ? '' : ` ${hours}`}`
}

function waitForWords(step: WaitForStep): string {
  const { timeoutMs, whenItCame, whenNot } = step
  const outcomes =
    whenItCame === null && whenNot === null
      ? 'then goes on either way'
      : `when it comes, ${nextWords(whenItCame)}; when not, ${nextWords(whenNot)}`
  return `waits ${awaitedWords(step)}, at most ${writeDuration(timeoutMs)}; ${outcomes}`
}

function nextWords(stepId: string | null): string {
  return stepId === null ? 'to the next step' : `to ${stepId}`
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`
}
