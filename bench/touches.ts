import { startBare } from './support/bare.ts'
import { type BenchEngine, startBenchEngine } from './support/engine.ts'
import type { Machine } from './support/machine.ts'
import { inLanes, perSecond, ratioOf, timed } from './support/rate.ts'

export interface Touches {
  readonly count: number
  readonly rounds: number
  /** From a lead's form to its first email taken by SMTP, all gates and rows included, in a second. */
  readonly touchesPerSecond: number
  /** Bare workflows, each with one timer and one empty activity, in a second. */
  readonly barePerSecond: number
  readonly ratio: number
}

const ROUNDS = 4
const AT_ONCE = 16

/** Touches from end to end against bare workflows, by turns, on the same server and process. */
export async function measureTouches(machine: Machine, count: number): Promise<Touches> {
  const bench = await startBenchEngine(machine)
  const bare = await startBare(machine, bench, 'bareWithTimer')
  try {
    const size = Math.ceil(count / ROUNDS)
    await sendFirstEmails(bench, 50)
    await bare.run(50, AT_ONCE)
    let touchesMs = 0
    let bareMs = 0
    for (let round = 0; round < ROUNDS; round += 1) {
      bareMs += await timed(() => bare.run(size, AT_ONCE))
      touchesMs += await timed(() => sendFirstEmails(bench, size))
    }
    const total = size * ROUNDS
    return {
      count: total,
      rounds: ROUNDS,
      touchesPerSecond: perSecond(total, touchesMs),
      barePerSecond: perSecond(total, bareMs),
      ratio: ratioOf(bareMs, touchesMs),
    }
  } finally {
    await bare.stop()
    await bench.stop()
  }
}

/** Posts forms until each lead's first email was taken. */
export async function sendFirstEmails(bench: BenchEngine, count: number): Promise<void> {
  const mails: Promise<number>[] = []
  await inLanes(count, AT_ONCE, async () => {
    mails.push((await bench.post('form')).mailAtMs)
  })
  await Promise.all(mails)
}
