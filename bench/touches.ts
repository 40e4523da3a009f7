import { startBare } from './support/bare.ts'
import { type BenchEngine, CHAIN_LENGTH, startBenchEngine } from './support/engine.ts'
import type { Machine } from './support/machine.ts'
import { inLanes, perSecond, ratioOf, timed } from './support/rate.ts'

export interface Touches {
  readonly count: number
  readonly rounds: number
  /**
   * Emails to living leads, from the timer to the answer of SMTP and the next plan, in a second:
   * all gates, rows and rendering included, and the taking in of one lead for every eight.
   */
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
    const leads = Math.ceil(count / ROUNDS / CHAIN_LENGTH)
    const size = leads * CHAIN_LENGTH
    await sendChains(bench, 8)
    await bare.run(50, AT_ONCE)
    let touchesMs = 0
    let bareMs = 0
    for (let round = 0; round < ROUNDS; round += 1) {
      bareMs += await timed(() => bare.run(size, AT_ONCE))
      touchesMs += await timed(() => sendChains(bench, leads))
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

/** Posts so many leads, and waits until each has got every email of the chain. */
export async function sendChains(bench: BenchEngine, leads: number): Promise<void> {
  const wanted = bench.mails() + leads * CHAIN_LENGTH
  await inLanes(leads, AT_ONCE, async () => void (await bench.post('chain')))
  while (bench.mails() < wanted) await new Promise((resolve) => setTimeout(resolve, 10))
}
