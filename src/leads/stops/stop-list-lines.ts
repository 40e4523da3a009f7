import { normalizeEmail, normalizePhone } from '../../domain/contact.ts'
import { CHANNELS, type Channel } from '../../domain/policy/types.ts'
import { type Instant, instant } from '../../domain/time.ts'
import type { PointValue } from '../../store/people/contact-points.ts'
import type { FieldProblem } from '../intake.ts'

// How the lines of a list of stops are read: columns by name, or the registry's bare numbers.

/** `suppression`: never write to them; `dnc`: the national do-not-call list, as a whole. */
export type StopList = 'suppression' | 'dnc'

/** One line that could be read. */
export interface Entry {
  /** A point, or the keyed hash of one from an export. */
  readonly point: PointValue | { readonly hash: string }
  readonly channel: Channel | 'all'
  readonly how: string | null
  readonly at: Instant | null
}

export interface Columns {
  /** The first line names them. */
  readonly named: boolean
  readonly at: ReadonlyMap<string, number>
}

const NAMES = new Set(['email', 'phone', 'hash', 'channel', 'at', 'reason'])
/** As an export writes it: worth something only under the same secret key. */
const HASH = /^[\w-]{43}$/

/** Named columns; else one address or number a line, or area code and number apart. */
export function columnsOf(cells: readonly string[]): Columns {
  const names = cells.map((cell) => cell.trim().toLowerCase())
  const named = names.some((name) => NAMES.has(name))
  return { named, at: new Map(names.map((name, index) => [name, index])) }
}

interface Wrong {
  readonly ok: false
  readonly problem: FieldProblem
}
type ReadEntry = { readonly ok: true; readonly entry: Entry } | Wrong

/** What a line says, or what is wrong with it. */
export function readEntry(
  columns: Columns,
  cells: readonly string[],
  list: StopList,
  now: Instant,
): ReadEntry {
  const cell = (name: string) => {
    const index = columns.named ? columns.at.get(name) : undefined
    return index === undefined ? '' : (cells[index] ?? '').trim()
  }
  const bare = columns.named ? '' : bareValue(cells)
  const email = cell('email') || (bare.includes('@') ? bare : '')
  const phone = cell('phone') || (bare.includes('@') ? '' : bare)
  const hash = email === '' && phone === '' ? cell('hash') : ''
  if (hash === '' && (email === '') === (phone === '')) {
    const message = email === '' ? 'The line has no address or number.' : 'The line has both.'
    return wrong('email', message, 'Give one email or one phone a line.')
  }
  const kind = email === '' ? 'phone' : 'email'
  const point = hash === '' ? pointOf(email, phone) : hashOf(hash, cell('channel'))
  if (!point.ok) return point
  if (list === 'dnc' && kind === 'email') {
    return wrong('email', 'A do-not-call list holds phone numbers.', 'Leave this line out.')
  }
  const channel = channelOf(cell('channel'), kind)
  if (channel === null) {
    return wrong('channel', 'It is no channel.', 'Write email, sms or all, or leave it out.')
  }
  const at = cell('at') === '' ? null : Date.parse(cell('at'))
  if (at !== null && (Number.isNaN(at) || at > now)) {
    return wrong('at', 'It is no date in the past.', 'Write it as 2026-11-20, or leave it out.')
  }
  const entry = {
    point: point.point,
    channel,
    how: cell('reason').slice(0, 200) || null,
    at: at === null ? null : instant(at),
  }
  return { ok: true, entry }
}

type ReadPoint = { readonly ok: true; readonly point: Entry['point'] } | Wrong

function pointOf(email: string, phone: string): ReadPoint {
  const kind = email === '' ? 'phone' : 'email'
  const read = email === '' ? normalizePhone(phone) : normalizeEmail(email)
  if (!read.ok) return wrong(kind, read.because, read.fix)
  return { ok: true, point: { kind, value: read.value } }
}

/** What a hash stands for cannot be seen, so its channel must be said. */
function hashOf(hash: string, channel: string): ReadPoint {
  if (!HASH.test(hash)) {
    return wrong('hash', 'It is no hash of an export.', 'Give email or phone instead.')
  }
  if (channel !== '') return { ok: true, point: { hash } }
  return wrong('channel', 'A hash needs its channel.', 'Write email, sms or all.')
}

/** The registry's files hold area code and number, apart or together. */
function bareValue(cells: readonly string[]): string {
  const [first = '', second = ''] = cells.map((each) => each.trim())
  return /^\d{3}$/.test(first) && /^\d{7}$/.test(second) ? first + second : first
}

function channelOf(text: string, kind: 'email' | 'phone'): Channel | 'all' | null {
  if (text === '') return kind === 'email' ? 'email' : 'sms'
  const given = text.toLowerCase()
  return [...CHANNELS, 'all' as const].find((channel) => channel === given) ?? null
}

function wrong(field: string, message: string, fix: string): Wrong {
  return { ok: false, problem: { field, message, fix } }
}
