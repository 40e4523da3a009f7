import { closedBecause, locate, STATE_NAMES } from '../../policy/index.ts'
import { constraintsOf, lawsOf } from '../../policy/laws.ts'
import type { PolicyRules } from '../../policy/types.ts'
import {
  dayWindow,
  everyDay,
  nextAllowedAt,
  type Week,
  type WindowConstraint,
} from '../../policy/windows.ts'
import { DAY_MS, instant } from '../../time.ts'
import { localDay } from '../../time-zones.ts'
import type { Cadence, MessageStep } from '../types.ts'
import { messagesOf } from './messages.ts'
import type { LintRule } from './types.ts'

/** Hours that exclude each other, so that no message can leave when it is wanted. */

/** An ordinary fortnight without a holiday, in a zone that stands for all. */
const FROM = instant(localDay(2027, 8, 2) * DAY_MS)
const FORTNIGHT_MS = 14 * DAY_MS
const ZONE = 'America/Denver'

/** A message whose slots, hours, days and law never meet. */
export const noWindow: LintRule = ({ cadence, rules }) =>
  messagesOf(cadence).flatMap(({ step, index }) => {
    const own = mannersOf(step, cadence, rules)
    const key = step.timing.kind === 'slots' ? 'at' : step.channel
    const finding = { path: ['steps', index, key], step: step.id, code: 'no_window' as const }
    if (!meets(own)) {
      const message = 'No hour is in this step’s slots, its days and the preferred hours at once.'
      const fix = `Move the slots into ${hoursWords(step, cadence, rules)}, or write hours: any.`
      return [{ ...finding, message, fix }]
    }
    if (step.channel === 'email' || isLawfulSomewhere(own, rules)) return []
    const message = 'The law lets no text leave at the hours of this step, in any state.'
    const fix = 'Choose hours between 08:00 and 21:00, before the closing margin.'
    return [{ ...finding, message, fix }]
  })

function meets(constraints: readonly WindowConstraint[]): boolean {
  return nextAllowedAt(constraints, FROM, FORTNIGHT_MS) !== null
}

function isLawfulSomewhere(own: readonly WindowConstraint[], rules: PolicyRules): boolean {
  const { closingMarginMs } = rules
  return STATE_NAMES.some(({ code }) => {
    const place = locate({ phone: null, state: code, zip: null, timezone: ZONE })
    const law = constraintsOf(lawsOf(place), [ZONE], { closingMarginMs, closedDays: [] })
    return meets([...own, ...law])
  })
}

/** The cadence's and the company's own wishes for a step, as windows of one zone. */
function mannersOf(step: MessageStep, cadence: Cadence, rules: PolicyRules): WindowConstraint[] {
  const constraints: WindowConstraint[] = []
  const hours = step.hours === 'any' ? null : (cadence.preferredHours ?? rules.preferredHours)
  const rests = rules.preferredHours?.restDays[step.channel] ?? []
  if (hours !== null) {
    constraints.push({ zone: ZONE, week: everyDay(dayWindow(hours.from, hours.to), rests) })
  }
  if (step.timing.kind === 'slots') {
    constraints.push({ zone: ZONE, week: weekOf(step.timing.slots) })
  }
  const days = step.days ?? (step.hours === 'any' ? undefined : cadence.days)
  if (days !== undefined) {
    const open = { business: days === 'business', weekdays: days === 'business' ? null : days }
    constraints.push({
      zone: ZONE,
      week: everyDay(dayWindow('00:00', '24:00')),
      closedOn: (day) => closedBecause({ ...open, closed: [] }, day) !== null,
    })
  }
  return constraints
}

function weekOf(slots: readonly { from: string; to: string; days?: readonly number[] }[]): Week {
  return [1, 2, 3, 4, 5, 6, 7].map((weekday) =>
    slots.flatMap(({ from, to, days }) =>
      days?.includes(weekday) === false ? [] : (dayWindow(from, to) ?? []),
    ),
  )
}

function hoursWords(step: MessageStep, { preferredHours }: Cadence, rules: PolicyRules): string {
  const hours = preferredHours ?? rules.preferredHours
  if (step.hours === 'any' || hours === null) return 'its days'
  return `${hours.from}–${hours.to}`
}
