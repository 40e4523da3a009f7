import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export interface InspectWindowBench {
  readonly lines: number
  /** Answers a second of one process, its start included. */
  readonly linesPerSecond: number
  /** The same by the processor time that it used, on whatever cores; null where /proc is not. */
  readonly linesPerCpuSecond: number | null
  /** Resident memory in MB after a tenth of the lines, and at the most; null where /proc is not. */
  readonly memoryMb: { readonly early: number | null; readonly most: number | null }
}

const BIN = fileURLToPath(new URL('../bin/rekindle', import.meta.url))
const BATCH = 5_000
const AREA_CODES = '212 305 214 808 219 401 801 601 800 555 416'.split(' ')
const STATES = [null, 'NY', 'FL', null, 'TN', 'ZZ', null]
const ZIPS = [null, '42101', null, '10001', '00000']

/**
 * Asks `rekindle inspect window` for many lines, as a pipe does: what a line costs, and whether the
 * memory grows with their number.
 */
export async function measureInspectWindow(lines = 1_000_000): Promise<InspectWindowBench> {
  const started = performance.now()
  const child = spawn(process.execPath, [BIN, 'inspect', 'window'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const closed = once(child, 'close')
  let answered = 0
  let early: number | null = null
  let most: number | null = null
  let cpuSeconds: number | null = null
  child.stdout.on('data', (piece: Buffer) => {
    for (const byte of piece) if (byte === 10) answered++
    const memory = memoryOf(child.pid)
    cpuSeconds = cpuSecondsOf(child.pid) ?? cpuSeconds
    if (answered >= lines / 10) early ??= memory
    most = memory === null ? most : Math.max(most ?? 0, memory)
  })
  for (let from = 0; from < lines; from += BATCH) {
    const size = Math.min(BATCH, lines - from)
    const batch = Array.from({ length: size }, (_, index) => questionOf(from + index)).join('')
    if (!child.stdin.write(batch)) await once(child.stdin, 'drain')
  }
  child.stdin.end()
  await closed
  if (answered !== lines) throw new Error(`${answered} of ${lines} lines were answered`)
  const seconds = (performance.now() - started) / 1_000
  return {
    lines,
    linesPerSecond: Math.round(lines / seconds),
    linesPerCpuSecond: cpuSeconds === null ? null : Math.round(lines / cpuSeconds),
    memoryMb: { early, most },
  }
}

function questionOf(id: number): string {
  const at = new Date(Date.UTC(2026, 0, 1) + ((id * 7_919) % 525_600) * 60_000)
  const phone = `+1${AREA_CODES[id % AREA_CODES.length]}555${String(id % 10_000).padStart(4, '0')}`
  const state = STATES[id % STATES.length]
  const zip = ZIPS[id % ZIPS.length]
  return `${JSON.stringify({ id, channel: 'sms', at: at.toISOString().replace('.000', ''), phone, state, zip })}\n`
}

function memoryOf(pid: number | undefined): number | null {
  const kb = /^VmRSS:\s+(\d+) kB/m.exec(procFile(pid, 'status'))?.[1]
  return kb === undefined ? null : Math.round(Number(kb) / 1_024)
}

/** User and system time are the 14th and 15th field, in hundredths of a second. */
function cpuSecondsOf(pid: number | undefined): number | null {
  const fields = procFile(pid, 'stat').split(' ')
  return fields.length < 15 ? null : (Number(fields[13]) + Number(fields[14])) / 100
}

function procFile(pid: number | undefined, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8')
  } catch {
    return ''
  }
}
