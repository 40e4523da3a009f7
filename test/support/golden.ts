// Golden histories: recorded from real runs, replayed for ever after.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { History } from '../../src/temporal/history.ts'
import { historyToText } from '../../src/temporal/history-json.ts'

/** `REKINDLE_RECORD=1 npx vitest run --project server test/workflows` makes them anew. */
const RECORDING = process.env.REKINDLE_RECORD === '1'
export const GOLDEN_FOLDER = join(import.meta.dirname, '../histories')

/**
 * Keeps a history as a golden one, when they are being recorded; without the names of the machine
 * and of its folders, which no replay reads.
 */
export function recordGolden(name: string, history: History): void {
  if (!RECORDING) return
  mkdirSync(GOLDEN_FOLDER, { recursive: true })
  const text = historyToText(history)
    .replaceAll(/("identity": ?)"[^"]*"/g, '$1"worker"')
    // Task queues of one process are named after it.
    .replaceAll(/"\d+@[^"]*"/g, '"worker"')
    .replaceAll(/("stackTrace": ?)"(?:[^"\\]|\\.)*"/g, '$1""')
  writeFileSync(join(GOLDEN_FOLDER, `${name}.json`), `${text}\n`)
}

/** Every payload decoded, every other text as it stands, in one searchable string. */
export function everyWordOf(history: History): string {
  const seen: string[] = []
  const walk = (value: unknown): void => {
    if (value instanceof Uint8Array) seen.push(Buffer.from(value).toString('utf8'))
    else if (Array.isArray(value)) value.forEach(walk)
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(walk)
    else if (typeof value === 'string') seen.push(value)
  }
  walk(history)
  return seen.join('\n')
}
