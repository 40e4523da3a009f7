import type { PolicyPerson } from '../../domain/policy/index.ts'
import type { Happening } from '../../domain/preview/types.ts'
import { DAY_MS, HOUR_MS, type Instant, plus } from '../../domain/time.ts'
import { usageError } from '../problem.ts'

/** What a preview supposes, read from the command line. */
export interface WhatIf {
  readonly happenings: readonly Happening[]
  /** Nothing tells where the lead is. */
  readonly unknownPlace: boolean
}

const SHAPE = /^(reply|replies|stop|visit|visits|click|unsubscribe)s?\s+(?:on\s+)?day\s+(\d{1,4})$/i
const CUSTOM = /^custom\s+(\S{1,100})\s+(?:on\s+)?day\s+(\d{1,4})$/i
const UNKNOWN = /^unknown (place|zone)$/i
/** People answer in the middle of the day, not in the very instant a step is due. */
const TIME_OF_DAY_MS = 5 * HOUR_MS

/**
 * Reads texts such as "reply on day 9", "STOP on day 3", "unsubscribe on day 4", "visit on day
 * 200", "click on day 5", "custom demo on day 6" and "unknown place". Day 0 is the one on which the preview begins.
 * @throws CliError (usage) that names the text
 */
export function readWhatIf(texts: readonly string[], from: Instant): WhatIf {
  const happenings = texts.flatMap((text) => (UNKNOWN.test(text.trim()) ? [] : [read(text, from)]))
  return { happenings, unknownPlace: texts.some((text) => UNKNOWN.test(text.trim())) }
}

function read(text: string, from: Instant): Happening {
  const [, name, onDay = ''] = CUSTOM.exec(text.trim()) ?? []
  if (name !== undefined) return { kind: 'custom', name, at: middayOf(onDay, from) }
  const [, what = '', day = ''] = SHAPE.exec(text.trim()) ?? []
  if (what === '') {
    throw usageError(
      `--what-if "${text}" is not understood.`,
      'Write "reply on day 9", "STOP on day 3", "unsubscribe on day 4", "visit on day 200", "click on day 5", "custom demo on day 6" or "unknown place".',
    )
  }
  const at = middayOf(day, from)
  const word = what.toLowerCase()
  if (word.startsWith('repl')) return { kind: 'reply', at }
  if (word.startsWith('visit')) return { kind: 'visit', at }
  if (word === 'click') return { kind: 'click', at }
  return { kind: 'stop', channel: word === 'stop' ? 'sms' : 'email', at }
}

function middayOf(day: string, from: Instant): Instant {
  return plus(from, Number(day) * DAY_MS + TIME_OF_DAY_MS)
}

/** A number that tells no place; 555-01xx numbers are kept for fiction. */
const NOWHERE = '+15005550142'

/** The same person, of whom nothing tells where they are. */
export function withoutPlace(person: PolicyPerson): PolicyPerson {
  const phone = person.phone && { ...person.phone, value: NOWHERE }
  return { ...person, phone, state: null, zip: null, timezone: null }
}
