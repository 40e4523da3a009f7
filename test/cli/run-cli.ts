import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

/** As a user runs it: the build when it is current, else the source. */
const cli = fileURLToPath(new URL('../../bin/rekindle', import.meta.url))

type Env = Readonly<Record<string, string>>

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly env?: Env
  readonly cwd?: string
  readonly stdin?: string
}

/** Starts `rekindle` as a process of its own, with nothing of this process' settings. */
export function spawnCli(
  args: readonly string[],
  { env = {}, cwd = process.cwd() }: Omit<RunOptions, 'stdin'> = {},
): ChildProcessWithoutNullStreams {
  const { PATH = '', HOME = '', REKINDLE_CACHE, XDG_CACHE_HOME } = process.env
  const kept = { PATH, HOME, ...given({ REKINDLE_CACHE, XDG_CACHE_HOME }) }
  return spawn(process.execPath, [cli, ...args], {
    cwd,
    env: { ...kept, TZ: 'UTC', ...env },
  })
}

/** Runs `rekindle` until it ends. */
export async function runCli(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const child = spawnCli(args, options)
  const stdout = textOf(child.stdout)
  const stderr = textOf(child.stderr)
  child.stdin.end(options.stdin ?? '')
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { code, stdout: stdout(), stderr: stderr() }
}

/** Collects what a stream says; called, answers all of it so far. */
export function textOf(stream: NodeJS.ReadableStream): () => string {
  const chunks: string[] = []
  stream.setEncoding('utf8')
  stream.on('data', (chunk: string) => chunks.push(chunk))
  return () => chunks.join('')
}

/** A folder that is gone when the test is. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'rekindle-cli-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** A file in a folder of its own; answers its path. */
export async function temporaryFile(name: string, text: string): Promise<string> {
  const path = join(await temporaryFolder(), name)
  await writeFile(path, text)
  return path
}

function given(values: Readonly<Record<string, string | undefined>>): Env {
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}
