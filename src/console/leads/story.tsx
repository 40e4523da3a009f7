import type { Child, FC } from 'hono/jsx'
import type { RuleVerdict } from '../../domain/policy/index.ts'
import { DAY_MS, instant } from '../../domain/time.ts'
import { localTime } from '../../domain/time-zones.ts'
import type { TimelineEntry } from '../../leads/views/timeline/entry.ts'
import { dateWords, Moment, Nothing, placeWords, plain, spanWords } from '../parts.tsx'
import type { View } from '../view.ts'
import { ReplyVerdicts } from './reply-verdicts.tsx'
import {
  afterColon,
  beforeColon,
  decisionsByTouch,
  idOf,
  instantOf,
  isOfATouch,
  isToldByItsTouch,
  payloadText,
  rulesIn,
  stepWords,
  textOf,
  touchWords,
  viaWords,
  writtenWords,
} from './story-words.ts'
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
