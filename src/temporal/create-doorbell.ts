import { AsyncLocalStorage } from 'node:async_hooks'
import type { Client } from '@temporalio/client'
import {
  type Bell,
  DOORBELL,
  LEAD_WORKFLOW,
  type LeadAttributes,
  type LeadInput,
  PRIORITY,
  type Priority,
} from '../domain/contract.ts'
import type { LeadId } from '../domain/ids.ts'
import type { Store } from '../store/connect.ts'
import type { Doorbell, Ring } from './doorbell.ts'
import { firstWords } from './first-words.ts'
import { HeardBook } from './heard.ts'
import type { Log } from './log.ts'
import { type Entry, RingQueue } from './ring-queue.ts'
import { optionsOf, startHere, startNew } from './start-lead.ts'
import { type TemporalTrouble, troubleOf } from './trouble.ts'

export interface DoorbellOptions {
  readonly client: Client
  /**
   * On the connection of this process' own worker, which then begins a new lead's first look in
   * the answer to the start; imports never use it, since they would overtake others.
   */
  readonly here?: Client
  readonly store: Store
  readonly log: Log
  /** Calls to Temporal at once. */
  readonly concurrency?: number
  /** How long one call may take, in milliseconds, retries included. */
  readonly timeoutMs?: number
}

export interface DoorbellCounts {
  /** Rings that Temporal heard. */
  readonly heard: number
  /** Rings left to the relay. */
  readonly left: number
  /** Rings that wait or are under way now. */
  readonly open: number
}

export interface RunningDoorbell extends Doorbell {
  counts(): DoorbellCounts
  /** Rings what waits, takes nothing new, and returns. */
  close(): Promise<void>
}

const CONCURRENCY = 16
const TIMEOUT_MS = 5_000
/** One statement reads what this many starts need. */
const MOST_PREPARED = 64
/** The least urgent priority that may use every slot; imports use an eighth. */
const URGENT: Priority = 4

interface Ready {
  readonly entry: Entry
  readonly attributes: LeadAttributes
}

/** The doorbell of a process: queue, bounded calls, and the book of what was heard. */
export function createDoorbell(options: DoorbellOptions): RunningDoorbell {
  return new Ringer(options)
}

class Ringer implements RunningDoorbell {
  readonly #client: Client
  readonly #here: Client | null
  readonly #store: Store
  readonly #log: Log
  readonly #concurrency: number
  readonly #timeoutMs: number
  readonly #heardBook: HeardBook
  /** Whoever rings may stand in a transaction or a deadline of their own; our calls do not. */
  readonly #outside = AsyncLocalStorage.snapshot()

  readonly #waiting = new RingQueue()
  readonly #ready = new RingQueue()
  readonly #attributes = new Map<LeadId, LeadAttributes>()
  readonly #calling = new Map<LeadId, Ring>()
  readonly #open = new Set<Promise<void>>()
  #calls = 0
  #preparing = false
  #healthy = true
  #closed = false
  #heard = 0
  #left = 0

  constructor({ client, here, store, log, concurrency, timeoutMs }: DoorbellOptions) {
    this.#client = client
    this.#here = here ?? null
    this.#store = store
    this.#log = log
    this.#concurrency = concurrency ?? CONCURRENCY
    this.#timeoutMs = timeoutMs ?? TIMEOUT_MS
    this.#heardBook = new HeardBook(store, log)
  }

  get healthy(): boolean {
    return this.#healthy
  }

  ring(rings: readonly Ring[]): void {
    if (this.#closed) return
    for (const ring of rings) this.#accept(ring)
    this.#outside(() => this.#pump())
  }

  async settle(): Promise<void> {
    await Promise.all(this.#open)
  }

  counts(): DoorbellCounts {
    return { heard: this.#heard, left: this.#left, open: this.#open.size }
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.settle()
  }

  #accept(ring: Ring): void {
    const calling = this.#calling.get(ring.leadId)
    if (calling && calling.seq >= ring.seq) return
    // While Temporal is away one ring at a time finds out whether it is back.
    if (!this.#healthy && this.#open.size > 0) {
      this.#left += 1
      return
    }
    const queue = this.#ready.get(ring.leadId) === null ? this.#waiting : this.#ready
    const { promise } = queue.add(ring).done
    if (this.#open.has(promise)) return
    this.#open.add(promise)
    void promise.then(() => this.#open.delete(promise))
  }

  #pump(): void {
    if (!this.#preparing && this.#waiting.size > 0 && this.#ready.size < MOST_PREPARED) {
      void this.#prepare()
    }
    for (let next = this.#next(); next !== null; next = this.#next()) void this.#call(next)
  }

  #next(): Ready | null {
    const free = this.#concurrency - this.#calls
    const kept = Math.floor((this.#concurrency * 7) / 8)
    if (free <= 0) return null
    const [entry] = this.#ready.take(1, free > kept ? 5 : URGENT)
    if (entry === undefined) return null
    const { leadId } = entry.ring
    const attributes = this.#attributes.get(leadId)
    this.#attributes.delete(leadId)
    if (attributes === undefined) throw new Error('a ring is ready without its attributes')
    return { entry, attributes }
  }

  /** Reads what the most urgent rings need in case they start a workflow. */
  async #prepare(): Promise<void> {
    this.#preparing = true
    const entries = this.#waiting.take(MOST_PREPARED)
    try {
      const words = await firstWords(
        this.#store.db,
        entries.map(({ ring }) => ring.leadId),
      )
      for (const [index, entry] of entries.entries()) {
        const attributes = words.get(entry.ring.leadId)
        const oneTooMany = !this.#healthy && index > 0
        if (attributes === undefined || oneTooMany) this.#leave([entry])
        else this.#makeReady(entry, attributes)
      }
    } catch (error) {
      const name = error instanceof Error ? error.name : 'unknown'
      this.#log.warn({ leads: entries.length, error: name }, 'leads to ring could not be read')
      this.#leave(entries)
    }
    this.#preparing = false
    this.#pump()
  }

  #makeReady(entry: Entry, attributes: LeadAttributes): void {
    this.#attributes.set(entry.ring.leadId, attributes)
    const ready = this.#ready.add(entry.ring, () => entry.done)
    // The lead was rung again while this one was read: one call serves both.
    if (ready.done !== entry.done) void ready.done.promise.then(entry.done.resolve)
  }

  async #call({ entry, attributes }: Ready): Promise<void> {
    const { ring } = entry
    this.#calls += 1
    this.#calling.set(ring.leadId, ring)
    try {
      await this.#tell(ring, attributes)
      this.#callSucceeded(entry)
    } catch (error) {
      this.#callFailed(entry, troubleOf(error))
    }
    if (this.#calling.get(ring.leadId) === ring) this.#calling.delete(ring.leadId)
    this.#calls -= 1
    this.#pump()
  }

  async #tell(ring: Ring, attributes: LeadAttributes): Promise<void> {
    const { leadId, seq, kind, priority } = ring
    const bell: Bell = { seq, kind }
    const options = optionsOf(ring, attributes)
    const deadline = Date.now() + this.#timeoutMs
    if (seq === FIRST_REVISION) {
      const here = priority === PRIORITY.form && this.#healthy ? this.#here : null
      const input: LeadInput = { v: 1, leadId, bell }
      const first = { ...options, args: [input] as const }
      const started = here && (await startHere(here, first))
      if (started ?? (await startNew(this.#client, first, deadline))) return
    }
    await this.#client.withDeadline(deadline, () =>
      this.#client.workflow.signalWithStart(LEAD_WORKFLOW, {
        ...options,
        args: [{ v: 1, leadId } satisfies LeadInput],
        signal: DOORBELL,
        signalArgs: [bell],
        workflowIdConflictPolicy: 'USE_EXISTING',
      }),
    )
  }

  #callSucceeded({ ring, done }: Entry): void {
    this.#heard += 1
    if (!this.#healthy) this.#log.info({}, 'Temporal hears us again')
    this.#healthy = true
    void this.#heardBook.add(ring.leadId, ring.seq).then(done.resolve)
  }

  #callFailed(entry: Entry, trouble: TemporalTrouble): void {
    const { leadId, kind } = entry.ring
    this.#leave([entry])
    if (!ENDS_THE_CALLS.has(trouble.code)) {
      this.#log.warn({ leadId, kind, code: trouble.code }, trouble.message)
      return
    }
    if (this.#healthy) this.#log.warn({ code: trouble.code, fix: trouble.fix }, trouble.message)
    this.#healthy = false
    this.#attributes.clear()
    this.#leave([...this.#waiting.clear(), ...this.#ready.clear()])
  }

  /** The rows are there: the relay rings them when it can. */
  #leave(entries: readonly Entry[]): void {
    this.#left += entries.length
    for (const { done } of entries) done.resolve()
  }
}

/** With which a new lead comes: nobody has told its workflow anything. */
const FIRST_REVISION = 1

/** Troubles that the next call would have too. */
const ENDS_THE_CALLS: ReadonlySet<TemporalTrouble['code']> = new Set([
  'temporal_away',
  'temporal_refuses_us',
  'namespace_missing',
])
