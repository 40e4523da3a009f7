import { textSize, textSizeWords } from '../../domain/texts.ts'
import { DAY_MS, type Instant } from '../../domain/time.ts'
import { describeLocal, localTime } from '../../domain/time-zones.ts'
import type { Terminal } from '../terminal.ts'
import type { Story, StoryEvent } from './read-story.ts'

interface Telling {
  /** Below each message: why it was allowed at that moment. */
  readonly reasons: boolean
  /** Below each message: all of its text, not the first words alone. */
  readonly texts: boolean
}

/** Tells a story line by line: the day since it began, the lead's local time, what happened. */
export function tellStory(terminal: Terminal, story: Story, telling: Telling): void {
  const { zone, events } = story
  const [first] = events
  if (first === undefined) return terminal.say('  Nothing has happened yet.')
  const began = localTime(first.at, zone).day
  for (const event of events) {
    if (isTold(event, events)) continue
    const day = String(localTime(event.at, zone).day - began).padStart(3)
    const when = terminal.paint('dim', `  day ${day}  ${clockOf(event.at, zone)}`)
    terminal.say(`${when}  ${line(terminal, event)}`)
    if (event.kind === 'touch') tellTouch(terminal, event, telling)
    if (event.kind === 'dropped') for (const reason of event.reasons) note(terminal, `✗ ${reason}`)
  }
}

/** The signal that began an episode has told of it already. */
function isTold(event: StoryEvent, events: readonly StoryEvent[]): boolean {
  if (event.kind !== 'episode') return false
  return events.some(({ kind, at }) => kind === 'signal' && at === event.at)
}

/** "Tue 24 Nov 10:05", of one width; the place stands in the story's heading. */
function clockOf(at: Instant, zone: string): string {
  const [weekday = '', day = '', month = '', clock = ''] = describeLocal(at, zone).split(' ')
  return `${weekday} ${day.padStart(2)} ${month} ${clock}`
}

function line(terminal: Terminal, event: StoryEvent): string {
  switch (event.kind) {
    case 'signal': {
      const said = event.words === null ? '' : ` “${event.words}”`
      const what = DEEDS[event.signal] ?? event.signal
      return `${terminal.paint('yellow', 'lead ')}  ${what}${said} → ${event.effect}`
    }
    case 'became': {
      const reason = event.reason === null ? '' : ` (${event.reason})`
      return terminal.paint('bold', `state  ${event.status}${reason}: ${event.because}`)
    }
    case 'episode':
      return `state  in ${event.cadence} (${event.episode})`
    case 'touch': {
      const failed = ['sent', 'delivered'].includes(event.state) ? '' : ` [${event.state}]`
      const channel = event.channel === 'email' ? 'email' : 'text '
      return `${terminal.paint('cyan', channel)}  ${headline(event)}${failed}`
    }
    case 'dropped':
      return `${terminal.paint('red', 'none ')}  ${event.what} was dropped`
    case 'task':
      return `${terminal.paint('green', 'task ')}  for a person: ${event.title}`
  }
}

/** What leads do, in words; other signals go by their names. */
const DEEDS: Readonly<Record<string, string>> = {
  form: 'sends the form',
  visit: 'visits the website',
  reply: 'writes',
  opt_out: 'says stop:',
  opt_in: 'asks to hear from us again:',
}

type Touch = Extract<StoryEvent, { kind: 'touch' }>

const HEADLINE = 90

function headline({ subject, text }: Touch): string {
  const words = subject ?? text.replaceAll(/\s+/g, ' ')
  return words.length > HEADLINE ? `${words.slice(0, HEADLINE - 1)}…` : words
}

function tellTouch(terminal: Terminal, touch: Touch, { reasons, texts }: Telling): void {
  if (texts && touch.channel === 'sms') note(terminal, textSizeWords(textSize(touch.text)))
  if (texts) for (const row of touch.text.trimEnd().split('\n')) note(terminal, `│ ${row}`)
  if (reasons) for (const reason of touch.reasons) note(terminal, `✓ ${reason}`)
}

function note(terminal: Terminal, text: string): void {
  terminal.say(terminal.paint('dim', `${' '.repeat(36)}${text}`))
}

/** The whole days that a story covers. */
export function daysOf({ events }: Story): number {
  const [first, last] = [events.at(0), events.at(-1)]
  return first && last ? Math.round((last.at - first.at) / DAY_MS) : 0
}
