// A guide as a reader follows it: its code blocks in their order, run in a folder like a fresh
// clone, the long-running ones in a terminal of their own.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFile, mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { until } from '../support/until.ts'

export interface Block {
  /** The heading that it stands under, without its marks. */
  readonly heading: string
  readonly language: string
  readonly text: string
}

/** The fenced blocks of a guide, first to last. */
export async function blocksOf(path: string): Promise<Block[]> {
  const text = await readFile(path, 'utf8')
  const blocks: Block[] = []
  let heading = ''
  const parts = /^#+ ([^\n]+)$|^```(\w+)\n(.*?)^```$/gms
  for (const [, title, language, body] of text.matchAll(parts)) {
    if (title !== undefined) heading = title
    else blocks.push({ heading, language: language ?? '', text: body ?? '' })
  }
  return blocks
}

export interface Ran {
  readonly code: number | null
  readonly output: string
}

/** A folder with what a clone holds at its root, and a shell in it. */
export class Reader {
  readonly folder: string
  readonly #env: Readonly<Record<string, string>>
  readonly #terminals = new Set<ChildProcess>()

  private constructor(folder: string, env: Readonly<Record<string, string>>) {
    this.folder = folder
    this.#env = env
  }

  static async begin(env: Readonly<Record<string, string>>): Promise<Reader> {
    const folder = await mkdtemp(join(tmpdir(), 'rekindle-reader-'))
    for (const name of ['bin', 'package.json']) await symlink(resolve(name), join(folder, name))
    const { PATH = '', HOME = '', REKINDLE_CACHE, XDG_CACHE_HOME } = process.env
    const kept = {
      PATH,
      HOME,
      ...(REKINDLE_CACHE === undefined ? {} : { REKINDLE_CACHE }),
      ...(XDG_CACHE_HOME === undefined ? {} : { XDG_CACHE_HOME }),
    }
    return new Reader(folder, { ...kept, TZ: 'UTC', ...env })
  }

  async write(name: string, text: string): Promise<void> {
    await appendFile(join(this.folder, name), text.endsWith('\n') ? text : `${text}\n`)
  }

  /** Runs commands to their end. */
  async run(commands: string): Promise<Ran> {
    const { child, output } = this.#shell(commands)
    const [code] = (await once(child, 'close')) as [number | null]
    return { code, output: output() }
  }

  /** Runs commands of which the last goes on; resolves once it has said `words`. */
  async start(
    commands: string,
    words: string,
  ): Promise<{ said: () => string; stop(): Promise<void> }> {
    const { child, output } = this.#shell(commands)
    this.#terminals.add(child)
    await until(() => output().includes(words) || child.exitCode !== null, {
      what: `"${words}"`,
      timeoutMs: 120_000,
      everyMs: 100,
    })
    if (child.exitCode !== null) throw new Error(`It ended instead:\n${output()}`)
    return { said: output, stop: () => this.#stop(child) }
  }

  async end(): Promise<void> {
    for (const child of this.#terminals) await this.#stop(child)
    await rm(this.folder, { recursive: true, force: true })
  }

  #shell(commands: string): { child: ChildProcess; output: () => string } {
    // A group of its own, so that Ctrl-C reaches whatever runs in it.
    const child = spawn('bash', ['-euo', 'pipefail', '-c', commands], {
      cwd: this.folder,
      env: this.#env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    const chunks: string[] = []
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8')
      stream.on('data', (chunk: string) => chunks.push(chunk))
    }
    return { child, output: () => chunks.join('') }
  }

  /** Ctrl-C. */
  async #stop(child: ChildProcess): Promise<void> {
    this.#terminals.delete(child)
    if (child.exitCode !== null || child.pid === undefined) return
    const closed = once(child, 'close')
    process.kill(-child.pid, 'SIGINT')
    await closed
  }
}
