import { type FileHandle, open } from 'node:fs/promises'
import { classifyMail, type MailVerdict } from '../../../channels/email/classify.ts'
import { MOST_MAIL_BYTES, readMail } from '../../../channels/email/read-mail.ts'
import { EXIT, type Exit } from '../../exit.ts'
import type { Terminal } from '../../terminal.ts'

/** What the command says of one file. */
type Inspected = {
  readonly file: string
  readonly kind:
    | 'hard'
    | 'soft'
    | 'policy'
    | 'complaint'
    | 'delayed'
    | 'auto-reply'
    | 'not-a-bounce'
  readonly recipients: readonly string[]
  readonly enhancedStatus: string | null
}

/**
 * `rekindle inspect bounce FILE.eml…`: what each mail is, one JSON line a file, in their order. A
 * file that cannot be read gets a line that says so, and the rest goes on.
 */
export async function inspectBounce(terminal: Terminal, files: readonly string[]): Promise<Exit> {
  let bad = 0
  for (const file of files) {
    const line = await inspected(file)
    if ('error' in line) bad += 1
    await terminal.write(`${JSON.stringify(line)}\n`)
  }
  return bad === 0 ? EXIT.ok : EXIT.no
}

type Unreadable = {
  readonly file: string
  readonly error: { readonly code: string; readonly message: string; readonly fix: string }
}

async function inspected(file: string): Promise<Inspected | Unreadable> {
  let raw: Uint8Array
  try {
    raw = await beginningOf(file)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    const message = `The file cannot be read (${code}).`
    return problem(file, 'unreadable_file', message, 'Name a file with one raw mail in it.')
  }
  if (raw.every((byte) => byte <= 0x20)) {
    return problem(file, 'empty_file', 'The file is empty.', 'Name a file with one raw mail in it.')
  }
  return { file, ...shown(classifyMail(await readMail(raw), today())) }
}

function problem(file: string, code: string, message: string, fix: string): Unreadable {
  return { file, error: { code, message, fix } }
}

/** As much of the file as is ever looked at. */
async function beginningOf(file: string): Promise<Uint8Array> {
  let handle: FileHandle | null = null
  try {
    handle = await open(file, 'r')
    const size = Math.min((await handle.stat()).size, MOST_MAIL_BYTES)
    const buffer = Buffer.alloc(size)
    let filled = 0
    while (filled < size) {
      const { bytesRead } = await handle.read(buffer, filled, size - filled, filled)
      if (bytesRead === 0) break
      filled += bytesRead
    }
    return buffer.subarray(0, filled)
  } finally {
    await handle?.close()
  }
}

const STRONGEST = ['hard', 'policy', 'soft'] as const

function shown(verdict: MailVerdict): Omit<Inspected, 'file'> {
  switch (verdict.kind) {
    case 'bounce': {
      const { failures } = verdict
      const kind = STRONGEST.find((each) => failures.some((failure) => failure.kind === each))
      const telling = failures.filter((failure) => failure.kind === kind)
      return {
        kind: kind ?? 'soft',
        recipients: addressed(failures),
        enhancedStatus: telling.find(({ status }) => status !== null)?.status ?? null,
      }
    }
    case 'delayed':
      return {
        kind: 'delayed',
        recipients: addressed(verdict.failures),
        enhancedStatus: verdict.failures.find(({ status }) => status !== null)?.status ?? null,
      }
    case 'complaint':
      return { kind: 'complaint', recipients: verdict.recipients, enhancedStatus: null }
    case 'auto_reply':
      return { kind: 'auto-reply', recipients: [], enhancedStatus: null }
    case 'notice':
    case 'answer':
      return { kind: 'not-a-bounce', recipients: [], enhancedStatus: null }
  }
}

function addressed(failures: readonly { readonly recipient: string | null }[]): string[] {
  return [...new Set(failures.flatMap(({ recipient }) => recipient ?? []))]
}

function today(): string {
  return new Date().toISOString().slice(0, 10)
}
