import { PRIORITY } from '../../domain/contract.ts'
import { id, type SignalId } from '../../domain/ids.ts'
import { CHANNELS, type Channel } from '../../domain/policy/types.ts'
import type { Instant } from '../../domain/time.ts'
import { audit } from '../../store/company/audit.ts'
import type { Executor } from '../../store/executor.ts'
import type { HashKeys } from '../../store/hash-key.ts'
import { lockLead } from '../../store/leads.ts'
import { newId } from '../../store/new-id.ts'
import { knownPoints } from '../../store/people/contact-points.ts'
import {
  addDncNumbers,
  beginDncList,
  dropOldDncNumbers,
  finishDncList,
} from '../../store/people/dnc.ts'
import { addListedStops, type ListedStop } from '../../store/people/suppressions.ts'
import type { Ring } from '../../temporal/doorbell.ts'
import { accept } from '../accept.ts'
import type { CsvLine } from '../incoming/import.ts'
import { type FieldProblem, type Intake, ringOf } from '../intake.ts'
import { leadsSharing } from '../stops.ts'
import { type Columns, columnsOf, type Entry, readEntry, type StopList } from './stop-list-lines.ts'

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

const BATCH = 5_000
const LEADS_AT_ONCE = 50
const MOST_ERRORS = 100

/**
 * Loads a list in bounded transactions and constant memory, and tells after each batch how far it
 * is; the next batch is read while the database takes the one before. Rows that cannot be read are
 * told with their line and left out. Loading a list again changes nothing; one that was broken off
 * is gone on with by loading it again.
 */
export async function* importStopList(
  intake: Intake,
  lines: AsyncIterable<CsvLine>,
  options: StopListOptions,
): AsyncGenerator<StopListReport> {
  const work =
    options.list === 'dnc' ? new DncImport(intake, options) : new SuppressionImport(intake, options)
  const reading = new Reading(options.list, intake.now)
  const report = () => ({ ...reading.tally, ...work.counts, errors: reading.errors })
  let taking: Promise<void> = Promise.resolve()
  await work.begin()
  try {
    for await (const batch of reading.batches(lines)) {
      await taking
      yield report()
      taking = work.take(batch)
      // Told when it is awaited; until then nobody listens.
      taking.catch(() => {})
    }
  } finally {
    await taking
  }
  await work.finish(reading.tally.rows - reading.tally.rejected)
  yield report()
}

/** The lines of a file on their way into batches. */
class Reading {
  readonly tally = { rows: 0, rejected: 0, moreErrors: false }
  readonly errors: (FieldProblem & { readonly line: number })[] = []
  readonly #list: StopList
  readonly #now: () => Instant
  #columns: Columns | null = null

  constructor(list: StopList, now: () => Instant) {
    this.#list = list
    this.#now = now
  }

  /** Good lines in batches; what was read before a line that breaks the file is among them. */
  async *batches(lines: AsyncIterable<CsvLine>): AsyncGenerator<readonly Entry[]> {
    let batch: Entry[] = []
    try {
      for await (const line of lines) {
        const entry = this.#entryOf(line)
        if (entry !== null) batch.push(entry)
        if (batch.length < BATCH) continue
        yield batch
        batch = []
      }
    } catch (error) {
      yield batch
      throw error
    }
    yield batch
  }

  #entryOf({ line, cells }: CsvLine): Entry | null {
    if (this.#columns === null) {
      this.#columns = columnsOf(cells)
      if (this.#columns.named) return null
    }
    this.tally.rows += 1
    const read = readEntry(this.#columns, cells, this.#list, this.#now())
    if (read.ok) return read.entry
    this.tally.rejected += 1
    if (this.errors.length < MOST_ERRORS) this.errors.push({ line, ...read.problem })
    else this.tally.moreErrors = true
    return null
  }
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
    if (batch.length === 0) return
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
        id: id<SignalId>(`${this.#id}:${channel}:${leadId}`),
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
    if (batch.length === 0) return
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
