import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { instant } from '../../src/domain/time.ts'
import { Outbox, type OutboxItem } from '../../src/local/outbox.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rekindle-outbox-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

const message = (n: number, change: Partial<OutboxItem> = {}): Omit<OutboxItem, 'id'> => ({
  channel: n % 2 === 0 ? 'email' : 'sms',
  to: n % 2 === 0 ? 'ada@example.com' : '+12125550142',
  at: instant(1_000 + n),
  subject: null,
  text: `message ${n}`,
  html: null,
  headers: { From: 'x' },
  touch: null,
  ...change,
})

const texts = (outbox: Outbox, query = {}) => outbox.list(query).items.map(({ text }) => text)

describe('the list', () => {
  it('is in the order of catching, by channel and recipient', () => {
    const outbox = new Outbox()
    for (let n = 0; n < 4; n += 1) outbox.add(message(n))
    expect(texts(outbox)).toEqual(['message 0', 'message 1', 'message 2', 'message 3'])
    expect(texts(outbox, { channel: 'email' })).toEqual(['message 0', 'message 2'])
    expect(texts(outbox, { to: 'ADA@example.com' })).toEqual(['message 0', 'message 2'])
    expect(texts(outbox, { to: ' 12125550142' })).toEqual(['message 1', 'message 3'])
    expect(texts(outbox, { channel: 'sms', to: 'ada@example.com' })).toEqual([])
  })

  it('goes on from a cursor, also for what comes later', () => {
    const outbox = new Outbox()
    expect(outbox.list()).toEqual({ items: [], cursor: null })
    for (let n = 0; n < 3; n += 1) outbox.add(message(n))
    const first = outbox.list({ limit: 2 })
    expect(first.items.map(({ text }) => text)).toEqual(['message 0', 'message 1'])
    const second = outbox.list({ cursor: first.cursor ?? '' })
    expect(second.items.map(({ text }) => text)).toEqual(['message 2'])
    const third = outbox.list({ cursor: second.cursor ?? '' })
    expect(third).toEqual({ items: [], cursor: second.cursor })
    outbox.add(message(3))
    expect(texts(outbox, { cursor: third.cursor ?? '' })).toEqual(['message 3'])
  })

  it('forgets the oldest beyond its bound', () => {
    const outbox = new Outbox({ keep: 8 })
    for (let n = 0; n < 50; n += 1) outbox.add(message(n))
    const kept = texts(outbox)
    expect(kept.length).toBeGreaterThanOrEqual(8)
    expect(kept.length).toBeLessThanOrEqual(10)
    expect(kept.at(-1)).toBe('message 49')
  })
})

describe('the file', () => {
  it('keeps the messages over a restart, for the owner only', () => {
    const before = new Outbox({ folder })
    const item = before.add(message(0, { touch: 'touch-7', html: '<p>ü</p>' }))
    before.add(message(1))
    const after = new Outbox({ folder })
    expect(after.get(item.id)).toEqual(item)
    expect(after.list()).toEqual(before.list())
    after.add(message(2))
    expect(texts(new Outbox({ folder }))).toEqual(['message 0', 'message 1', 'message 2'])
    expect(statSync(join(folder, 'outbox.jsonl')).mode & 0o077).toBe(0)
  })

  it('survives a torn line, and what follows it is kept', () => {
    new Outbox({ folder }).add(message(0))
    appendFileSync(join(folder, 'outbox.jsonl'), '{"seq":2,"item":{"id"')
    const outbox = new Outbox({ folder })
    expect(texts(outbox)).toEqual(['message 0'])
    outbox.add(message(1))
    expect(texts(new Outbox({ folder }))).toEqual(['message 0', 'message 1'])
  })

  it('is shortened at the start', () => {
    const outbox = new Outbox({ folder, keep: 1_000 })
    for (let n = 0; n < 30; n += 1) outbox.add(message(n))
    expect(texts(new Outbox({ folder, keep: 5 }))).toEqual(
      [25, 26, 27, 28, 29].map((n) => `message ${n}`),
    )
    expect(readFileSync(join(folder, 'outbox.jsonl'), 'utf8').trim().split('\n')).toHaveLength(5)
  })
})
