import { z } from 'zod'
import { messageWords } from '../../domain/messages.ts'
import { RULE_NAMES, type RuleVerdict } from '../../domain/policy/index.ts'
import { type Instant, instant } from '../../domain/time.ts'
import type { TimelineEntry } from '../../leads/views/timeline/entry.ts'
import { plain } from '../parts.tsx'

/** What the details of a lead's story say in words; they come as they were kept, of any shape. */

/** Where the lead went, and why. */
export function stepWords({ goesTo, because }: TimelineEntry['details']): string {
  return textOf(goesTo) === '' ? textOf(because) : `to ${textOf(goesTo)}: ${textOf(because)}`
}

/** What was sent, how it went, what a text weighed, and why it failed. */
export function touchWords(details: TimelineEntry['details']): string {
  const subject = textOf(details.subject)
  const attempt = Number(details.attempt) > 1 ? `, attempt ${Number(details.attempt)}` : ''
  const step = subject === '' ? '' : `${textOf(details.what)}, `
  return `${step}${textOf(details.state)}${attempt}${sizeWords(details)}${because(details)}`
}

const sizeSchema = z.object({
  segments: z.number(),
  encoding: z.enum(['GSM-7', 'UCS-2']),
  cost: z.object({ amount: z.string(), currency: z.string() }).nullable(),
})

/** What a text weighed, and cost. */
function sizeWords(details: TimelineEntry['details']): string {
  const parsed = sizeSchema.safeParse(details)
  if (!parsed.success) return ''
  const { segments, encoding, cost } = parsed.data
  const price = cost === null ? '' : `, ${cost.amount} ${cost.currency}`
  return `, ${segments === 1 ? '1 segment' : `${segments} segments`} ${encoding}${price}`
}

function because({ failure, evidence }: TimelineEntry['details']): string {
  const why = [textOf(failure), textOf(evidence)].filter((each) => each !== '').join(', ')
  return why === '' ? '' : ` (${why})`
}

const verdictSchema = z.object({
  rule: z.enum(RULE_NAMES),
  verdict: z.enum(['allow', 'deny', 'not_applicable']),
  because: z.string(),
  inputs: z.record(
    z.string(),
    z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())]),
  ),
  source: z.string().nullable(),
  fix: z.string().optional(),
})

/** The rules of a decision; none where it was erased or is of another version. */
export function rulesIn({ rules }: TimelineEntry['details']): RuleVerdict[] {
  const parsed = z.array(verdictSchema).safeParse(rules)
  if (!parsed.success) return []
  return parsed.data.map(({ fix, ...rule }) => (fix === undefined ? rule : { ...rule, fix }))
}

/** What allowed each touch, by the touch's id. */
export function decisionsByTouch(
  entries: readonly TimelineEntry[],
): ReadonlyMap<string, readonly RuleVerdict[]> {
  return new Map(
    entries.filter(isOfATouch).map(({ details }) => [textOf(details.touch), rulesIn(details)]),
  )
}

/** The decision that let a message go is told with the message. */
export function isOfATouch({ kind, details }: TimelineEntry): boolean {
  return kind === 'decision' && details.verdict === 'allowed' && textOf(details.touch) !== ''
}

/** What left is told once, when it left. */
export function isToldByItsTouch({ kind, details }: TimelineEntry): boolean {
  return kind === 'message' && (details.outcome === 'sent' || details.outcome === 'uncertain')
}

const writtenSchema = z.object({
  class: z.enum(['required', 'conversation', 'transactional']),
  answer: z.enum(['stop', 'start', 'help']).nullable().default(null),
})

/** What kind of message outside a cadence it was. */
export function writtenWords(details: TimelineEntry['details']): string {
  if (details.channel === 'call') return 'call'
  const parsed = writtenSchema.safeParse(details)
  return parsed.success ? messageWords(parsed.data) : 'message'
}

/** The id of a touch; empty for anything else. */
export function idOf({ kind, details }: TimelineEntry): string {
  return kind === 'touch' ? textOf(details.id) : ''
}

/** Who or what reported a signal. */
export function viaWords(via: string): string {
  const [how = '', ...rest] = via.split(':')
  const name = rest.join(':')
  if (how === 'api') return `reported through the API, with the key “${name}”`
  if (how === 'console') return `by a person at the console, with the key “${name}”`
  return `reported by ${VIA[how] ?? plain(how)}`
}

const VIA: Readonly<Record<string, string>> = {
  tracker: 'the tracker on the website',
  twilio: 'text message',
  redirect: 'a link in a message',
  unsubscribe: 'the page for unsubscribing',
  provider: 'the provider',
}

const payloadSchema = z.object({
  text: z.string().optional(),
  words: z.string().nullable().optional(),
  note: z.string().nullable().optional(),
  page: z.string().nullable().optional(),
  because: z.string().optional(),
})

/** What a signal says in words. */
export function payloadText(payload: unknown): string {
  const parsed = payloadSchema.safeParse(payload)
  if (!parsed.success) return ''
  const { text, words, note, page, because: why } = parsed.data
  return text ?? words ?? note ?? page ?? why ?? ''
}

/** When it happened, by the engine’s clock. */
export function instantOf({ at }: TimelineEntry): Instant {
  return instant(Date.parse(at))
}

/** A detail as text; empty where there is none. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** The part of a title before its colon. */
export function beforeColon(text: string): string {
  return text.split(': ')[0] ?? text
}

/** The part of a title after its colon. */
export function afterColon(text: string): string {
  return text.split(': ').slice(1).join(': ')
}
