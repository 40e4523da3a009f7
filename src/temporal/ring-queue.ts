import type { Priority } from '../domain/contract.ts'
import type { LeadId } from '../domain/ids.ts'
import type { Ring } from './doorbell.ts'

/** A ring that waits, and those who wait to hear what became of it. */
export interface Entry {
  readonly ring: Ring
  readonly done: Deferred
}

export interface Deferred {
  readonly promise: Promise<void>
  readonly resolve: () => void
}

/** A promise that somebody else settles. */
export function deferred(): Deferred {
  let resolve = (): void => {}
  const promise = new Promise<void>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}

/** Two rings of one lead are one: the later revision, the more urgent priority. */
function merged(a: Ring, b: Ring): Ring {
  const later = b.seq >= a.seq ? b : a
  const priority: Priority = a.priority < b.priority ? a.priority : b.priority
  return { ...later, priority }
}

/** Rings in order of priority, then of arrival; one per lead. */
export class RingQueue {
  readonly #lanes = new Map<Priority, Map<LeadId, Entry>>([
    [1, new Map()],
    [2, new Map()],
    [3, new Map()],
    [4, new Map()],
    [5, new Map()],
  ])
  readonly #laneOf = new Map<LeadId, Priority>()

  get size(): number {
    return this.#laneOf.size
  }

  get(leadId: LeadId): Entry | null {
    const lane = this.#laneOf.get(leadId)
    return (lane !== undefined && this.#lanes.get(lane)?.get(leadId)) || null
  }

  /** Adds a ring, or merges it into the one that waits for the same lead. */
  add(ring: Ring, done: () => Deferred = deferred): Entry {
    const before = this.get(ring.leadId)
    const entry = before
      ? { ring: merged(before.ring, ring), done: before.done }
      : { ring, done: done() }
    // One that became more urgent goes to the end of the faster lane.
    if (before && before.ring.priority !== entry.ring.priority) this.#remove(before.ring)
    this.#lanes.get(entry.ring.priority)?.set(ring.leadId, entry)
    this.#laneOf.set(ring.leadId, entry.ring.priority)
    return entry
  }

  /** Takes up to `count`, the most urgent first, none less urgent than `atLeast`. */
  take(count: number, atLeast: Priority = 5): Entry[] {
    const taken: Entry[] = []
    for (const [priority, lane] of this.#lanes) {
      if (priority > atLeast) break
      for (const entry of lane.values()) {
        if (taken.length === count) return taken
        taken.push(entry)
        this.#remove(entry.ring)
      }
    }
    return taken
  }

  /** Empties the queue; answers what was in it. */
  clear(): Entry[] {
    return this.take(this.size)
  }

  #remove({ leadId, priority }: Ring): void {
    this.#lanes.get(priority)?.delete(leadId)
    this.#laneOf.delete(leadId)
  }
}
