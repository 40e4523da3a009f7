import { randomBytes } from 'node:crypto'
import type { Instant } from '../domain/time.ts'
import { contactKey } from './contact-point.ts'
import { OutboxFile } from './outbox-file.ts'

export type OutboxChannel = 'email' | 'sms'

/** One message that was caught instead of sent. */
export type OutboxItem = {
  readonly id: string
  readonly channel: OutboxChannel
  readonly to: string
  /** When it was sent by the engine's clock, which runs ahead for a fast-forwarded lead. */
  readonly at: Instant
  readonly subject: string | null
  readonly text: string
  readonly html: string | null
  /** Of an email: its headers. Of a text: `From`, `Message-Sid` and `Status-Callback`. */
  readonly headers: Readonly<Record<string, string>>
  /** The touch that it was sent for. */
  readonly touch: string | null
}

export type OutboxQuery = {
  readonly channel?: OutboxChannel
  readonly to?: string
  /** Continue after the page that gave this cursor. */
  readonly cursor?: string
  /** Default 200. */
  readonly limit?: number
}

export type OutboxPage = {
  /** In the order in which they were caught. */
  readonly items: readonly OutboxItem[]
  /** To ask for what comes after the last item, also later when there is more; null at no item. */
  readonly cursor: string | null
}

export type OutboxOptions = {
  /** Where to keep the messages over a restart; absent: in memory only. */
  readonly folder?: string
  /** Older messages than the last so many are forgotten. Default 10 000. */
  readonly keep?: number
}

type Kept = { readonly seq: number; readonly item: OutboxItem }

/** What the embedded catchers caught. One process owns the folder. */
export class Outbox {
  readonly #keep: number
  readonly #file: OutboxFile | null
  #kept: Kept[]
  #seq: number

  constructor(options: OutboxOptions = {}) {
    this.#keep = options.keep ?? 10_000
    this.#file = options.folder === undefined ? null : new OutboxFile(options.folder)
    this.#kept = this.#file?.load(this.#keep) ?? []
    this.#seq = this.#kept.at(-1)?.seq ?? 0
  }

  /** Keeps a message; when this returns, a kill of the process does not lose it. */
  add(message: Omit<OutboxItem, 'id'>): OutboxItem {
    const item = { id: randomBytes(9).toString('base64url'), ...message }
    const kept = { seq: ++this.#seq, item }
    this.#file?.append(kept)
    this.#kept.push(kept)
    // Trimmed in lumps: shifting an array of thousands for every message would be waste.
    if (this.#kept.length > this.#keep * 1.25) this.#kept = this.#kept.slice(-this.#keep)
    return item
  }

  get(id: string): OutboxItem | null {
    return this.#kept.find(({ item }) => item.id === id)?.item ?? null
  }

  list({ channel, to, cursor, limit = 200 }: OutboxQuery = {}): OutboxPage {
    const after = cursor === undefined ? 0 : Number(cursor)
    const key = to === undefined ? null : contactKey(to)
    const found: Kept[] = []
    for (const kept of this.#kept) {
      if (!(kept.seq > after)) continue
      if (channel !== undefined && kept.item.channel !== channel) continue
      if (key !== null && contactKey(kept.item.to) !== key) continue
      found.push(kept)
      if (found.length >= limit) break
    }
    const last = found.at(-1)
    return {
      items: found.map(({ item }) => item),
      cursor: last ? String(last.seq) : (cursor ?? null),
    }
  }

  /** Every message of a channel that is still kept. */
  all(channel: OutboxChannel): OutboxItem[] {
    return this.#kept.flatMap(({ item }) => (item.channel === channel ? [item] : []))
  }
}
