import { CHAIN_LENGTH, startBenchEngine } from './support/engine.ts'
import type { Machine } from './support/machine.ts'
import { sendChains } from './touches.ts'

export interface Memory {
  readonly touches: number
  /** Resident memory of this process after each part, in MB: engine and store client. */
  readonly residentMb: readonly number[]
  /** What of the JavaScript heap is in use after each part, in MB. */
  readonly heapMb: readonly number[]
  /** How much the heap in use grew from the first half's least to the second half's, in percent. */
  readonly heapGrowthPercent: number
}

const PARTS = 10

/** Makes so many touches in one process, and looks at its memory in between. */
export async function measureMemory(
  machine: Machine,
  touches: number,
  say: (line: string) => void,
): Promise<Memory> {
  const bench = await startBenchEngine(machine)
  try {
    await sendChains(bench, 25)
    const heapMb: number[] = []
    const residentMb: number[] = []
    for (let part = 1; part <= PARTS; part += 1) {
      await sendChains(bench, Math.ceil(touches / PARTS / CHAIN_LENGTH))
      globalThis.gc?.()
      const { heapUsed, rss } = process.memoryUsage()
      heapMb.push(megabytes(heapUsed))
      residentMb.push(megabytes(rss))
      say(`  ${Math.round((touches * part) / PARTS)} touches: heap ${heapMb.at(-1)} MB`)
    }
    const [early, late] = [heapMb.slice(0, PARTS / 2), heapMb.slice(PARTS / 2)]
    const growth = (Math.min(...late) / Math.min(...early) - 1) * 100
    return { touches, residentMb, heapMb, heapGrowthPercent: Math.round(growth * 10) / 10 }
  } finally {
    await bench.stop()
  }
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1_048_576)
}
