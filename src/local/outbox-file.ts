import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { instant } from '../domain/time.ts'
import type { OutboxItem } from './outbox.ts'

type Line = { readonly seq: number; readonly item: OutboxItem }

const lineSchema = z.object({
  seq: z.number().int().positive(),
  item: z.object({
    id: z.string(),
    channel: z.enum(['email', 'sms']),
    to: z.string(),
    at: z.number().transform(instant),
    subject: z.string().nullable(),
    text: z.string(),
    html: z.string().nullable(),
    headers: z.record(z.string(), z.string()),
    touch: z.string().nullable(),
  }),
})

/**
 * The outbox on disk: one JSON line per message, readable by its owner only. Writes go to the
 * operating system before `append` returns, so they survive a kill, though not a power loss.
 */
export class OutboxFile {
  readonly #path: string

  constructor(folder: string) {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    this.#path = join(folder, 'outbox.jsonl')
  }

  append(line: Line): void {
    appendFileSync(this.#path, `${JSON.stringify(line)}\n`, { mode: 0o600 })
  }

  /** The last `keep` messages; the file is shortened to them. A torn last line is left out. */
  load(keep: number): Line[] {
    if (!existsSync(this.#path)) return []
    const raw = readFileSync(this.#path, 'utf8')
    const lines = raw.split('\n').flatMap(parseLine)
    const kept = lines.slice(-keep)
    if (kept.length < lines.length || !raw.endsWith('\n')) this.#rewrite(kept)
    return kept
  }

  #rewrite(lines: readonly Line[]): void {
    const next = `${this.#path}.new`
    writeFileSync(next, lines.map((line) => `${JSON.stringify(line)}\n`).join(''), { mode: 0o600 })
    renameSync(next, this.#path)
  }
}

function parseLine(text: string): Line[] {
  try {
    const parsed = lineSchema.safeParse(JSON.parse(text))
    return parsed.success ? [parsed.data] : []
  } catch {
    return []
  }
}
