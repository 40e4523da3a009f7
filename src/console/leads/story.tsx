import type { Child, FC } from 'hono/jsx'
import { z } from 'zod'
import { messageWords } from '../../domain/messages.ts'
import type { RuleVerdict } from '../../domain/policy/index.ts'
import { RULE_NAMES } from '../../domain/policy/index.ts'
import { DAY_MS, type Instant, instant } from '../../domain/time.ts'
import { localTime } from '../../domain/time-zones.ts'
import type { TimelineEntry } from '../../leads/views/timeline/entry.ts'
import { dateWords, Moment, Nothing, placeWords, plain, spanWords } from '../parts.tsx'
import type { View } from '../view.ts'
import { ReplyVerdicts } from './reply-verdicts.tsx'
import { Verdicts } from './verdicts.tsx'

interface StoryProps {
  readonly view: View
  readonly leadId: string
  readonly entries: readonly TimelineEntry[]
  /** The lead's best known zone: the story is told by its clock. */
  readonly zone: string
}

/** Silence of at least this long is told as such. */
const GAP_MS = 3 * DAY_MS
const PREVIEW_CHARS = 260

/** Everything that happened to a lead, day by day, on the lead's own clock. */
export const Story: FC<StoryProps> = ({ entries, zone, view, leadId }) => {
  const decisions = decisionsByTouch(entries)
  const told = toldOf(entries)
  if (told.length === 0) return <Nothing>Nothing has happened yet.</Nothing>
  return (
    <>
      <p class="quiet">Times are those of {placeWords(zone)}; hover over one for UTC.</p>
      <ol class="story">
        {told.map((entry, index) => (
          <>
            <DayLine entry={entry} before={told[index - 1]} zone={zone} />
            <Entry
              entry={entry}
              zone={zone}
              rules={decisions.get(idOf(entry)) ?? []}
              understood={<ReplyVerdicts view={view} leadId={leadId} details={entry.details} />}
            />
          </>
        ))}
      </ol>
      <span id="latest" />
    </>
  )
}

/** What stands in the story by itself. */
export function toldOf(entries: readonly TimelineEntry[]): readonly TimelineEntry[] {
  return entries.filter((entry) => !isOfATouch(entry) && !isToldByItsTouch(entry))
}

interface DayProps {
  readonly entry: TimelineEntry
  readonly before: TimelineEntry | undefined
  readonly zone: string
}

const DayLine: FC<DayProps> = ({ entry, before, zone }) => {
  const at = instantOf(entry)
  const last = before && instantOf(before)
  if (last !== undefined && localTime(last, zone).day === localTime(at, zone).day) return null
  return (
    <>
      {last !== undefined && at - last >= GAP_MS && (
        <li class="gap">{spanWords(at - last)} later</li>
      )}
      <li class="day">{dateWords(at, zone)}</li>
    </>
  )
}

interface EntryProps {
  readonly entry: TimelineEntry
  readonly zone: string
  /** What allowed a message, rule by rule. */
  readonly rules: readonly RuleVerdict[]
  /** How an answer was understood. */
  readonly understood: Child
}

const Entry: FC<EntryProps> = ({ entry, zone, rules, understood }) => (
  <li class={`entry ${entry.kind}`}>
    <p>
      <span class="clock">
        <Moment at={instantOf(entry)} zone={zone} show="clock" />
      </span>
      <Title entry={entry} />
    </p>
    <Body entry={entry} zone={zone} />
    {understood}
    {rules.length > 0 && (
      <details class="verdict">
        <summary>Why it was allowed</summary>
        <Verdicts rules={rules} />
      </details>
    )}
  </li>
)

const Title: FC<{ entry: TimelineEntry }> = ({ entry }) => {
  const { details } = entry
  switch (entry.kind) {
    case 'touch':
      return (
        <>
          <span class={`channel ${textOf(details.channel)}`}>{textOf(details.channel)}</span>{' '}
          <strong>{textOf(details.subject) || textOf(details.step) || textOf(details.what)}</strong>{' '}
          <span class="quiet">{touchWords(details)}</span>
        </>
      )
    case 'signal':
      return (
        <>
          <strong>{plain(textOf(details.kind))}</strong>{' '}
          <span class="quiet">{afterColon(entry.title)}</span>
        </>
      )
    case 'decision':
      return (
        <>
          <strong>{textOf(details.step) || writtenWords(details)}</strong> was{' '}
          {textOf(details.verdict)}
          {textOf(details.by) !== '' && <span class="quiet"> by {plain(textOf(details.by))}</span>}
        </>
      )
    case 'transition':
      return (
        <>
          <strong>{plain(beforeColon(entry.title))}</strong>{' '}
          <span class="quiet">{afterColon(entry.title)}</span>
        </>
      )
    case 'message':
      return (
        <>
          <span class={`channel ${textOf(details.channel)}`}>{textOf(details.channel)}</span>{' '}
          <strong>{textOf(details.subject) || writtenWords(details)}</strong>{' '}
          <span class="quiet">{textOf(details.outcome) || 'waits to leave'}</span>
        </>
      )
    case 'step':
      return (
        <>
          <span class="channel flow">{textOf(details.kind).replace('-', ' ')}</span>{' '}
          <strong>{textOf(details.step)}</strong> <span class="quiet">{stepWords(details)}</span>
        </>
      )
    case 'episode':
    case 'task':
    case 'hold':
    case 'score':
    case 'webhook':
      return <>{plain(entry.title)}</>
  }
}

const Body: FC<Pick<EntryProps, 'entry' | 'zone'>> = ({ entry, zone }) => {
  const { details } = entry
  switch (entry.kind) {
    case 'message':
      return (
        <>
          <Words text={textOf(details.text)} theirs={false} />
          <Because>
            written by {textOf(details.by)}
            {textOf(details.because) && `: ${textOf(details.because)}`}
          </Because>
        </>
      )
    case 'touch':
      return (
        <>
          <Words text={textOf(details.text)} theirs={false} />
          <Because>
            {textOf(details.meaning)}
            <ToDeliverBy until={textOf(details.validUntil)} zone={zone} />
          </Because>
        </>
      )
    case 'signal':
      return (
        <>
          <Words text={payloadText(details.payload)} theirs />
          <p class="because">{viaWords(textOf(details.via))}</p>
        </>
      )
    case 'decision':
      return (
        <>
          <p class="because">{textOf(details.because)}</p>
          <RuleDetails rules={rulesIn(details)} />
        </>
      )
    case 'episode':
      return (
        <Because>{textOf(details.outcome) && `ended: ${plain(textOf(details.outcome))}`}</Because>
      )
    case 'task':
      return (
        <Because>
          {textOf(details.because)}
          {details.doneAt !== null && `; done by ${textOf(details.doneBy)}`}
        </Because>
      )
    case 'hold':
      return (
        <Because>
          by {textOf(details.by)}
          {details.liftedAt === null ? ', still on' : ', lifted since'}
        </Because>
      )
    case 'transition':
    case 'step':
    case 'score':
    case 'webhook':
      return null
  }
}

/** A text runs out before the law's hours close, so that no queue delivers it after them. */
const ToDeliverBy: FC<{ until: string; zone: string }> = ({ until, zone }) =>
  until === '' ? null : (
    <>
      ; its provider may deliver it until{' '}
      <Moment at={instant(Date.parse(until))} zone={zone} show="clock" />
    </>
  )

/** Where the lead went, and why. */
function stepWords({ goesTo, because }: TimelineEntry['details']): string {
  return textOf(goesTo) === '' ? textOf(because) : `to ${textOf(goesTo)}: ${textOf(because)}`
}

const RuleDetails: FC<{ rules: readonly RuleVerdict[] }> = ({ rules }) =>
  rules.length === 0 ? null : (
    <details class="verdict">
      <summary>Rule by rule</summary>
      <Verdicts rules={rules} />
    </details>
  )

const Because: FC<{ children?: Child }> = ({ children }) => <p class="because">{children}</p>

/** A message or an answer: its beginning, and the rest on demand. */
const Words: FC<{ text: string; theirs: boolean }> = ({ text, theirs }) => {
  if (text === '') return null
  const short = text.length > PREVIEW_CHARS
  return (
    <blockquote class={theirs ? 'theirs' : 'ours'}>
      {short ? `${text.slice(0, PREVIEW_CHARS)}…` : text}
      {short && (
        <details>
          <summary>The whole message</summary>
          {text}
        </details>
      )}
    </blockquote>
  )
}

function touchWords(details: TimelineEntry['details']): string {
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

function rulesIn({ rules }: TimelineEntry['details']): RuleVerdict[] {
  const parsed = z.array(verdictSchema).safeParse(rules)
  if (!parsed.success) return []
  return parsed.data.map(({ fix, ...rule }) => (fix === undefined ? rule : { ...rule, fix }))
}

/** What allowed each touch, by the touch's id. */
function decisionsByTouch(
  entries: readonly TimelineEntry[],
): ReadonlyMap<string, readonly RuleVerdict[]> {
  return new Map(
    entries.filter(isOfATouch).map(({ details }) => [textOf(details.touch), rulesIn(details)]),
  )
}

/** The decision that let a message go is told with the message. */
function isOfATouch({ kind, details }: TimelineEntry): boolean {
  return kind === 'decision' && details.verdict === 'allowed' && textOf(details.touch) !== ''
}

/** What left is told once, when it left. */
function isToldByItsTouch({ kind, details }: TimelineEntry): boolean {
  return kind === 'message' && (details.outcome === 'sent' || details.outcome === 'uncertain')
}

const writtenSchema = z.object({
  class: z.enum(['required', 'conversation', 'transactional']),
  answer: z.enum(['stop', 'start', 'help']).nullable().default(null),
})

function writtenWords(details: TimelineEntry['details']): string {
  if (details.channel === 'call') return 'call'
  const parsed = writtenSchema.safeParse(details)
  return parsed.success ? messageWords(parsed.data) : 'message'
}

function idOf({ kind, details }: TimelineEntry): string {
  return kind === 'touch' ? textOf(details.id) : ''
}

/** Who or what reported a signal. */
function viaWords(via: string): string {
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
function payloadText(payload: unknown): string {
  const parsed = payloadSchema.safeParse(payload)
  if (!parsed.success) return ''
  const { text, words, note, page, because: why } = parsed.data
  return text ?? words ?? note ?? page ?? why ?? ''
}

function instantOf({ at }: TimelineEntry): Instant {
  return instant(Date.parse(at))
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function beforeColon(text: string): string {
  return text.split(': ')[0] ?? text
}

function afterColon(text: string): string {
  return text.split(': ').slice(1).join(': ')
}
