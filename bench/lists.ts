import { csvLines } from '../src/api/csv.ts'
import { instant } from '../src/domain/time.ts'
import { exportSuppressions } from '../src/leads/stops/export-suppressions.ts'
import type { StopList } from '../src/leads/stops/stop-list-lines.ts'
import { importStopList } from '../src/leads/stops/stop-lists.ts'
import type { Store } from '../src/store/connect.ts'
import { hashKeysFrom } from '../src/store/hash-key.ts'
import { watchMemory, withOwnStore } from './support/own-store.ts'

interface Pass {
  readonly rows: number
  readonly rowsPerSecond: number
  /** Resident memory of this process in MB: before, and at the most. */
  readonly memoryMb: { readonly before: number; readonly most: number }
}

export interface ListsBench {
  readonly store: string
  readonly suppressions: Pass
  /** The same list once more: nothing is new. */
  readonly again: Pass
  readonly doNotCall: Pass
  readonly exported: Pass
}

/** Loads lists of so many people not to contact, and writes them out again, as the routes do. */
export async function measureLists(rows: number, pglite: boolean): Promise<ListsBench> {
  return withOwnStore(
    async (store, words) => ({
      store: words,
      suppressions: await load(store, rows, 'suppression'),
      again: await load(store, rows, 'suppression'),
      doNotCall: await load(store, rows, 'dnc'),
      exported: await writeOut(store, rows),
    }),
    { pglite },
  )
}

async function load(store: Store, rows: number, list: StopList): Promise<Pass> {
  const intake = {
    store,
    hashKeys: hashKeysFrom('ab'.repeat(32)),
    now: () => instant(Date.now()),
    doorbell: { ring: () => {}, healthy: true, settle: async () => {} },
  }
  const options = { list, asOf: intake.now(), who: 'bench' } as const
  return timed(rows, async () => {
    const lines = csvLines(new Response(stream(rows, list)).body)
    let taken = 0
    for await (const report of importStopList(intake, lines, options)) taken = report.rows
    return taken
  })
}

async function writeOut(store: Store, rows: number): Promise<Pass> {
  return timed(rows, async () => {
    let lines = -1
    for await (const page of exportSuppressions(store.db)) lines += page.split('\n').length - 1
    return lines
  })
}

async function timed(rows: number, work: () => Promise<number>): Promise<Pass> {
  const memory = watchMemory()
  const started = performance.now()
  const done = await work()
  const seconds = (performance.now() - started) / 1_000
  if (done !== rows) throw new Error(`${done} of ${rows} rows went through`)
  const memoryMb = { before: memory.startMb, most: memory.most() }
  return { rows, rowsPerSecond: Math.round(rows / seconds), memoryMb }
}

const PIECE = 2_000

/** Numbers one a line, as a client sends a file. */
function stream(rows: number, list: StopList): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  let next = 0
  return new ReadableStream({
    pull(controller) {
      if (next === 0) controller.enqueue(encoder.encode(list === 'dnc' ? '' : 'phone,reason\n'))
      const size = Math.min(PIECE, rows - next)
      const lines = Array.from({ length: size }, (_, index) => lineOf(next + index, list))
      controller.enqueue(encoder.encode(lines.join('')))
      next += size
      if (next >= rows) controller.close()
    },
  })
}

function lineOf(n: number, list: StopList): string {
  const line = String(n % 10_000).padStart(4, '0')
  // Exchanges 200 to 999 but for N11, over some area codes.
  const exchange = 200 + (Math.floor(n / 10_000) % 8) * 100 + 20
  const area = 212 + Math.floor(n / 80_000)
  return list === 'dnc' ? `${area},${exchange}${line}\n` : `+1${area}${exchange}${line},asked\n`
}
