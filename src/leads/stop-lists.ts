import { normalizeEmail, normalizePhone } from '../domain/contact.ts'
import { PRIORITY } from '../domain/contract.ts'
import type { SignalId } from '../domain/ids.ts'
import { CHANNELS, type Channel } from '../domain/policy/types.ts'
import { type Instant, instant } from '../domain/time.ts'
import { audit } from '../store/audit.ts'
import { knownPoints, type PointValue } from '../store/contact-points.ts'
import { addDncNumbers, beginDncList, dropOldDncNumbers, finishDncList } from '../store/dnc.ts'
import type { Executor } from '../store/executor.ts'
import type { HashKeys } from '../store/hash-key.ts'
import { lockLead } from '../store/leads.ts'
import { newId } from '../store/new-id.ts'
import { addListedStops, type ListedStop } from '../store/suppressions.ts'
import type { Ring } from '../temporal/doorbell.ts'
import { accept } from './accept.ts'
import type { CsvLine } from './import.ts'
import { type FieldProblem, type Intake, ringOf } from './intake.ts'
import { leadsSharing } from './stops.ts'

/** `suppression`: never write to them; `dnc`: the national do-not-call list, as a whole. */
export type StopList = 'suppression' | 'dnc'

export interface StopListReport {
  readonly rows: number
  readonly added: number
  readonly known: number
  readonly rejected: number
  /** Leads that stopped at once. */
  readonly leadsStopped: number
  /** Numbers of an earlier do-not-call list that this one has no more. */
  readonly dropped: number
  readonly errors: readonly (FieldProblem & { readonly line: number })[]
  readonly moreErrors: boolean
}

export interface StopListOptions {
  readonly list: StopList
  /** The day a do-not-call list was taken from the registry. */
  readonly asOf: Instant
  readonly who: string
}

const BATCH = 2_000
const LEADS_AT_ONCE = 50
const MOST_ERRORS = 100

/**
 * Loads a list in bounded transactions and constant memory, and tells after each batch how far it
 * is. Rows that cannot be read are told with their line and left out. Loading a list again
 * changes nothing; one that was broken off is gone on with by loading it again.
 */
export async function* importStopList(
  intake: Intake,
  lines: AsyncIterable<CsvLine>,
  options: StopListOptions,
): AsyncGenerator<StopListReport> {
  const work =
    options.list === 'dnc' ? new DncImport(intake, options) : new SuppressionImport(intake, options)
  const tally = { rows: 0, rejected: 0, moreErrors: false }
  const errors: (FieldProblem & { line: number })[] = []
  const report = () => ({ ...tally, ...work.counts, errors })
  let columns: Columns | null = null
  let batch: Entry[] = []
  await work.begin()
  for await (const { line, cells } of lines) {
    if (columns === null) {
      columns = columnsOf(cells)
      if (columns.named) continue
    }
    tally.rows += 1
    const read = readEntry(columns, cells, options.list, intake.now())
    if (read.ok) batch.push(read.entry)
    else {
      tally.rejected += 1
      if (errors.length < MOST_ERRORS) errors.push({ line, ...read.problem })
      else tally.moreErrors = true
    }
    if (batch.length < BATCH) continue
    await work.take(batch)
    batch = []
    yield report()
  }
  if (batch.length > 0) await work.take(batch)
  await work.finish(tally.rows - tally.rejected)
  yield report()
}

interface Entry {
  /** A point, or the keyed hash of one from an export. */
  readonly point: PointValue | { readonly hash: string }
  readonly channel: Channel | 'all'
  readonly how: string | null
  readonly at: Instant | null
}

interface Work {
  readonly counts: Pick<StopListReport, 'added' | 'known' | 'leadsStopped' | 'dropped'>
  begin(): Promise<void>
  take(batch: readonly Entry[]): Promise<void>
  /** `taken` rows were good. */
  finish(taken: number): Promise<void>
}

class SuppressionImport implements Work {
  counts = { added: 0, known: 0, leadsStopped: 0, dropped: 0 }
  readonly #intake: Intake
  readonly #options: StopListOptions
  readonly #receivedAt: Instant
  readonly #id: string = newId('stops')

  constructor(intake: Intake, options: StopListOptions) {
    this.#intake = intake
    this.#options = options
    this.#receivedAt = intake.now()
  }

  begin(): Promise<void> {
    const details = { import: this.#id }
    const { who } = this.#options
    const entry = {
      who,
      action: 'import_suppressions',
      leadId: null,
      at: this.#receivedAt,
      details,
    }
    return audit(this.#intake.store.db, entry)
  }

  async take(batch: readonly Entry[]): Promise<void> {
    const { store, hashKeys } = this.#intake
    const news = await store.transaction(async (trx) => {
      const stops = new Map<string, ListedStop>()
      for (const { hash, channel, how, at } of await hashed(trx, hashKeys, batch)) {
        const stop = { hash, channel, how: how ?? 'imported list', at: at ?? this.#receivedAt }
        stops.set(`${channel} ${hash}`, { ...stop, dated: at !== null })
      }
      return addListedStops(trx, [...stops.values()])
    })
    this.counts.added += news.length
    this.counts.known += batch.length - news.length
    for (const channel of [...CHANNELS, 'all'] as const) {
      const hashes = news.filter((stop) => stop.channel === channel).map(({ hash }) => hash)
      await this.#stopLeads(channel, hashes)
    }
  }

  /**
   * After the commit: a lead that came meanwhile is found here, or its gate has seen the rows.
   * Only leads that stand on the list are touched and rung, some at a time.
   */
  async #stopLeads(channel: Channel | 'all', hashes: readonly string[]): Promise<void> {
    const { store, doorbell } = this.#intake
    const leadIds = await leadsSharing(store.db, hashes, null)
    for (let from = 0; from < leadIds.length; from += LEADS_AT_ONCE) {
      const some = leadIds.slice(from, from + LEADS_AT_ONCE)
      const rings = await store.transaction((trx) => this.#stop(trx, some, channel))
      doorbell.ring(rings)
      await doorbell.settle()
      this.counts.leadsStopped += some.length
    }
  }

  async #stop(
    trx: Executor,
    leadIds: Awaited<ReturnType<typeof leadsSharing>>,
    channel: Channel | 'all',
  ): Promise<Ring[]> {
    const rings: Ring[] = []
    const payload = { channel, how: 'imported list', words: null, listed: true } as const
    for (const leadId of leadIds) {
      const lead = await lockLead(trx, leadId)
      if (lead === null) continue
      const accepted = await accept(trx, lead, {
        id: `${this.#id}:${channel}:${leadId}` as SignalId,
        signal: { kind: 'opt_out', payload },
        via: this.#options.who,
        receivedAt: this.#receivedAt,
      })
      if (accepted.kind === 'accepted' && accepted.rings) {
        rings.push(ringOf(accepted.lead, 'opt_out', PRIORITY.import))
      }
    }
    return rings
  }

  async finish(): Promise<void> {}
}

class DncImport implements Work {
  counts = { added: 0, known: 0, leadsStopped: 0, dropped: 0 }
  readonly #intake: Intake
  readonly #options: StopListOptions
  readonly #areaCodes = new Set<string>()
  #listId = ''

  constructor(intake: Intake, options: StopListOptions) {
    this.#intake = intake
    this.#options = options
  }

  async begin(): Promise<void> {
    const { asOf, who: by } = this.#options
    const at = this.#intake.now()
    const { db } = this.#intake.store
    this.#listId = await beginDncList(db, { asOf, by, at })
    const details = { list: this.#listId, asOf }
    await audit(db, { who: by, action: 'import_dnc', leadId: null, at, details })
  }

  async take(batch: readonly Entry[]): Promise<void> {
    const { store, hashKeys } = this.#intake
    for (const { point } of batch) {
      if ('value' in point && point.value.startsWith('+1')) {
        this.#areaCodes.add(point.value.slice(2, 5))
      }
    }
    const added = await store.transaction(async (trx) => {
      const hashes = (await hashed(trx, hashKeys, batch)).map(({ hash }) => hash)
      return addDncNumbers(trx, this.#listId, hashes)
    })
    this.counts.added += added
    this.counts.known += batch.length - added
  }

  /** An empty file is no list: the one before stays. */
  async finish(taken: number): Promise<void> {
    if (taken === 0) return
    const { store, now } = this.#intake
    const areaCodes = [...this.#areaCodes].sort()
    await finishDncList(store.db, this.#listId, { areaCodes, numbers: taken, at: now() })
    for (;;) {
      const dropped = await dropOldDncNumbers(store.db, this.#listId, 10_000)
      if (dropped === 0) return
      this.counts.dropped += dropped
    }
  }
}

/** The entries with the keyed hashes that they stand under, in their order. */
async function hashed(
  trx: Executor,
  hashKeys: HashKeys,
  batch: readonly Entry[],
): Promise<(Entry & { readonly hash: string })[]> {
  const points = batch.flatMap(({ point }) => ('value' in point ? [point] : []))
  const known = (await knownPoints(trx, hashKeys, points)).values()
  return batch.flatMap((entry) => {
    const hash = 'hash' in entry.point ? entry.point.hash : known.next().value?.hash
    return hash === undefined ? [] : [{ ...entry, hash }]
  })
}

interface Columns {
  /** The first line names them. */
  readonly named: boolean
  readonly at: ReadonlyMap<string, number>
}

const NAMES = new Set(['email', 'phone', 'hash', 'channel', 'at', 'reason'])
/** As an export writes it: worth something only under the same secret key. */
const HASH = /^[\w-]{43}$/

/** Named columns; else one address or number a line, or area code and number apart. */
function columnsOf(cells: readonly string[]): Columns {
  const names = cells.map((cell) => cell.trim().toLowerCase())
  const named = names.some((name) => NAMES.has(name))
  return { named, at: new Map(names.map((name, index) => [name, index])) }
}

interface Wrong {
  readonly ok: false
  readonly problem: FieldProblem
}
type ReadEntry = { readonly ok: true; readonly entry: Entry } | Wrong

function readEntry(
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
