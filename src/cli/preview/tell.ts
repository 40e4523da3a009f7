import type { Preview, PreviewEvent } from '../../domain/preview/types.ts'
import { type Instant, toIso } from '../../domain/time.ts'
import { describeLocal, localTime } from '../../domain/time-zones.ts'
import { table } from '../table.ts'
import type { Terminal } from '../terminal.ts'
import { billWords, type TextBill, weightOf, weightWords } from './text-weight.ts'

/** One lead's preview, and in whose local time it is told. */
export interface ToldPreview {
  readonly name: string
  readonly zone: string
  readonly from: Instant
  readonly preview: Preview
  readonly bill: TextBill
}

const FIRST_WORDS = 60

/** A table: the day, the lead's local time, what happens, and why then. */
export function tellPreview(terminal: Terminal, told: ToldPreview): void {
  const { name, zone, preview, bill } = told
  terminal.say()
  terminal.say(terminal.paint('bold', `${name}; times of ${zone}`))
  const rows = preview.events.map((event) => [
    String(dayOf(told, event.at)),
    describeLocal(event.at, zone),
    whatOf(event),
    wordsOf(event),
    weightWords(event, bill),
  ])
  const total = billWords(preview.events, bill)
  const head = ['day', 'local time', 'what', 'message or reason']
  for (const line of table(total === null ? head : [...head, 'text'], rows)) terminal.say(line)
  terminal.say(endWords(told))
  if (total !== null) terminal.say(total)
}

/** Whole local days since the preview began. */
export function dayOf({ zone, from }: ToldPreview, at: Instant): number {
  return localTime(at, zone).day - localTime(from, zone).day
}

/** What the lead is in the end, and when something happens next. */
export function endWords({ preview, zone }: ToldPreview): string {
  const { status, reason, nextAt } = preview
  const state = `In the end the lead is ${status}${reason === null ? '' : ` (${reason})`}.`
  const next =
    nextAt === null
      ? 'Nothing more happens by itself.'
      : `Something comes next on ${describeLocal(nextAt, zone)}.`
  return `${state} ${next}`
}

/** The kind of an event in a word or two. */
export function whatOf(event: PreviewEvent): string {
  switch (event.kind) {
    case 'touch':
      return `${event.channel === 'email' ? 'email' : 'text'} ${event.step}`
    case 'dropped':
      return `no ${event.channel === 'email' ? 'email' : event.channel === 'sms' ? 'text' : 'task'} ${event.step}`
    case 'task':
      return 'task for a person'
    case 'step':
      return `${event.does.replace('-', ' ')} ${event.step}`
    case 'happened':
      return `the lead: ${event.what}`
    case 'refused':
      return `not in ${event.cadence}`
    case 'episode':
      return `cadence ${event.cadence}`
    case 'became':
      return event.reason === null ? event.status : `${event.status}: ${event.reason}`
  }
}

/** The first words of a message, or why it is as it is. */
export function wordsOf(event: PreviewEvent): string {
  switch (event.kind) {
    case 'touch':
      return event.message.ok ? firstWords(event.message.subject ?? event.message.text) : ''
    case 'dropped':
    case 'refused':
    case 'episode':
    case 'became':
      return event.because
    case 'task':
      return event.title
    case 'step':
      return stepWords(event)
    case 'happened':
      return event.effect
  }
}

/** Why, and where to: "to short: drew short". */
export function stepWords({ to, because }: Extract<PreviewEvent, { kind: 'step' }>): string {
  return to === null ? because : `to ${to}: ${because}`
}

function firstWords(text: string): string {
  const words = text.replaceAll(/\s+/g, ' ')
  return words.length > FIRST_WORDS ? `${words.slice(0, FIRST_WORDS - 1)}…` : words
}

/** The preview for scripts: instants are ISO 8601. */
export function previewJson({ name, zone, preview, bill }: ToldPreview) {
  const { events, status, reason, nextAt } = preview
  return {
    lead: name,
    zone,
    events: events.map((event) => {
      const weight = weightOf(event, bill)
      const { at, ...rest } = event
      return { at: toIso(at), ...rest, ...(weight === null ? {} : { weight }) }
    }),
    status,
    reason,
    nextAt: nextAt === null ? null : toIso(nextAt),
  }
}
