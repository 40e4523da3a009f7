import { sql } from 'kysely'
import type { LeadId } from '../domain/ids.ts'
import type { Store } from '../store/connect.ts'
import type { Log } from './log.ts'
import { type Deferred, deferred } from './ring-queue.ts'

/** Rings heard within this span are written in one statement; the relay is far more patient. */
const FLUSH_MS = 100
const MOST_PER_STATEMENT = 500
/** A row that its own look holds right now is written in a later round. */
const AGAIN_MS = 50
const MOST_ROUNDS = 20

interface Heard {
  seq: number
  rounds: number
  readonly waiting: Deferred[]
}

/**
 * Writes down which revisions Temporal has heard of (`leads.rung_revision`), many leads at once.
 * What cannot be written is rung again by the relay, which changes nothing for the lead.
 */
export class HeardBook {
  readonly #store: Store
  readonly #log: Log
  readonly #pending = new Map<LeadId, Heard>()
  #timer: NodeJS.Timeout | null = null
  #flushing = false

  constructor(store: Store, log: Log) {
    this.#store = store
    this.#log = log
  }

  /** Resolves when it is written, or given up. */
  add(leadId: LeadId, seq: number): Promise<void> {
    const waiting = deferred()
    const known = this.#pending.get(leadId)
    if (known) {
      known.seq = Math.max(known.seq, seq)
      known.waiting.push(waiting)
    } else {
      this.#pending.set(leadId, { seq, rounds: 0, waiting: [waiting] })
    }
    this.#schedule(FLUSH_MS)
    return waiting.promise
  }

  #schedule(afterMs: number): void {
    if (this.#timer !== null || this.#flushing) return
    this.#timer = setTimeout(() => {
      this.#timer = null
      void this.#flush()
    }, afterMs)
  }

  async #flush(): Promise<void> {
    this.#flushing = true
    const batch = [...this.#pending].slice(0, MOST_PER_STATEMENT)
    for (const [leadId] of batch) this.#pending.delete(leadId)
    const written = await this.#write(batch)
    const left = batch.filter(([leadId, heard]) => !this.#isOver(leadId, heard, written))
    this.#flushing = false
    if (this.#pending.size > 0) this.#schedule(left.length === 0 ? 0 : AGAIN_MS)
  }

  /** Tells those who wait, or puts the lead back for another round. */
  #isOver(leadId: LeadId, heard: Heard, written: ReadonlySet<string>): boolean {
    heard.rounds += 1
    if (written.has(leadId) || heard.rounds >= MOST_ROUNDS) {
      for (const { resolve } of heard.waiting) resolve()
      return true
    }
    const newer = this.#pending.get(leadId)
    this.#pending.set(leadId, {
      seq: Math.max(heard.seq, newer?.seq ?? 0),
      rounds: heard.rounds,
      waiting: [...heard.waiting, ...(newer?.waiting ?? [])],
    })
    return false
  }

  /**
   * Skips rows that are locked: waiting for one while holding others is how batches deadlock
   * with those who lock a lead and then another.
   */
  async #write(batch: readonly (readonly [LeadId, Heard])[]): Promise<ReadonlySet<string>> {
    const rows = batch.map(([leadId, { seq }]) => sql`(${leadId}::text, ${seq}::bigint)`)
    try {
      const { rows: written } = await sql<{ id: string }>`
        with heard (id, seq) as (values ${sql.join(rows)}),
        free as (
          select leads.id, heard.seq from leads join heard on heard.id = leads.id
          order by leads.id for update of leads skip locked
        )
        update leads set rung_revision = greatest(leads.rung_revision, free.seq)
        from free where leads.id = free.id
        returning leads.id`.execute(this.#store.db)
      return new Set(written.map(({ id }) => id))
    } catch (error) {
      const name = error instanceof Error ? error.name : 'unknown'
      this.#log.warn({ leads: batch.length, error: name }, 'what was rung could not be written')
      return new Set()
    }
  }
}
