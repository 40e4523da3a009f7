import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Priority } from '../../src/domain/contract.ts'
import { id, type LeadId } from '../../src/domain/ids.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/domain/time.ts'
import type { Ring } from '../../src/temporal/doorbell.ts'
import { toPriority } from '../../src/temporal/priority.ts'
import { RingQueue } from '../../src/temporal/ring-queue.ts'
import { TokenBucket } from '../../src/temporal/token-bucket.ts'
import { spanWords } from '../../src/temporal/words.ts'

const ring = (lead: string, seq: number, priority: Priority): Ring => ({
  leadId: id<LeadId>(lead),
  seq,
  kind: `k${seq}`,
  priority,
})
const anyRing = fc
  .tuple(fc.constantFrom('a', 'b', 'c', 'd', 'e'), fc.nat(20), fc.constantFrom(1, 2, 3, 4, 5))
  .map(([lead, seq, priority]) => ring(lead, seq, toPriority(priority)))

describe('the queue of rings', () => {
  it('keeps one ring per lead: the latest revision, the most urgent priority, in order', () => {
    fc.assert(
      fc.property(fc.array(anyRing), (rings) => {
        const queue = new RingQueue()
        for (const each of rings) queue.add(each)
        const size = queue.size
        const taken = queue.take(100).map((entry) => entry.ring)
        expect(taken.length).toBe(size)
        expect(queue.size).toBe(0)
        expect(new Set(taken.map(({ leadId }) => leadId)).size).toBe(taken.length)
        const priorities = taken.map(({ priority }) => priority)
        expect(priorities).toEqual(priorities.toSorted((a, b) => a - b))
        for (const { leadId, seq, priority } of taken) {
          const own = rings.filter((each) => each.leadId === leadId)
          expect(seq).toBe(Math.max(...own.map((each) => each.seq)))
          expect(priority).toBe(Math.min(...own.map((each) => each.priority)))
        }
      }),
    )
  })

  it('takes nothing less urgent than asked for, first come first served', () => {
    const queue = new RingQueue()
    for (const each of [ring('a', 1, 5), ring('b', 1, 3), ring('c', 1, 3), ring('d', 1, 1)]) {
      queue.add(each)
    }
    expect(queue.take(9, 4).map((entry) => entry.ring.leadId)).toEqual(['d', 'b', 'c'])
    expect(queue.take(1, 4)).toEqual([])
    expect(queue.take(1).map((entry) => entry.ring.leadId)).toEqual(['a'])
  })

  it('merges into an entry whose waiters stay the same', () => {
    const queue = new RingQueue()
    const first = queue.add(ring('a', 1, 5))
    const second = queue.add(ring('a', 2, 1))
    expect(second.done).toBe(first.done)
    expect(queue.get(id<LeadId>('a'))?.ring).toEqual(ring('a', 2, 1))
  })
})

describe('the token bucket', () => {
  it('lets no more pass than the rate and one second’s worth', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 }),
        fc.array(fc.tuple(fc.nat(3_000), fc.nat(100)), { maxLength: 50 }),
        (perSecond, steps) => {
          const bucket = new TokenBucket(perSecond, 0)
          let [now, passed] = [0, 0]
          for (const [afterMs, wanted] of steps) {
            now += afterMs
            const count = Math.min(wanted, bucket.available(now))
            bucket.spend(count)
            passed += count
            expect(passed).toBeLessThanOrEqual(perSecond * (1 + now / 1_000) + 1e-6)
          }
        },
      ),
    )
  })

  it('is full again after a second', () => {
    const bucket = new TokenBucket(10, 0)
    bucket.spend(10)
    expect(bucket.available(0)).toBe(0)
    expect(bucket.available(500)).toBe(5)
    expect(bucket.available(1_000)).toBe(10)
    expect(bucket.available(99_000)).toBe(10)
  })
})

it('a span is told in its two largest units', () => {
  const spans = [0, 999, 40_000, 90_000, HOUR_MS, 2 * DAY_MS + 3 * HOUR_MS + MINUTE_MS]
  expect(spans.map(spanWords)).toEqual([
    'less than 1 s',
    'less than 1 s',
    '40 s',
    '1 min 30 s',
    '1 h',
    '2 d 3 h',
  ])
  expect(spanWords(DAY_MS + MINUTE_MS)).toBe('1 d')
})
