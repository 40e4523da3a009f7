import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import { type Env, temporalCache } from './cache.ts'
import type { Fetched } from './download.ts'
import { identify, isAlive, type ProcessIdentity } from './process-identity.ts'
import { findOnPath, isExecutable } from './run.ts'
import { SERVER_VERSION, UI_VERSION } from './versions.ts'

/** A program that `go install` builds. Both are called `server`, so each has its own folder. */
export interface GoProgram {
  readonly name: string
  readonly module: string
  readonly folder: string
  readonly takes: string
}

export const SERVER_PROGRAM: GoProgram = {
  name: 'the Temporal server',
  module: `go.temporal.io/server/cmd/server@v${SERVER_VERSION}`,
  folder: `server-${SERVER_VERSION}`,
  takes: 'about six minutes the first time',
}

export const UI_PROGRAM: GoProgram = {
  name: "Temporal's Web UI",
  module: `github.com/temporalio/ui-server/v2/cmd/server@v${UI_VERSION}`,
  folder: `ui-${UI_VERSION}`,
  takes: 'about twenty seconds the first time',
}

const REPORT_EVERY_MS = 10_000
const LOOK_AGAIN_MS = 1_000

/** Where a built program is kept; it may not be there. */
export function builtPath(program: GoProgram, env: Env): string {
  return join(temporalCache(env), program.folder, 'server')
}

/**
 * Builds a program with `go install` into the cache, or returns the one already there. Of several
 * processes that want it at the same time one builds and the others wait for it. A build that is
 * cut short leaves nothing behind that could be taken for a finished one.
 */
export async function build(
  program: GoProgram,
  env: Env,
  onProgress: (line: string) => void,
): Promise<Fetched> {
  const target = builtPath(program, env)
  if (await isExecutable(target)) return { kind: 'ok', path: target }
  const go = await findOnPath('go', env)
  if (go === null)
    return failed(
      program,
      'there is no "go" on the PATH',
      'Install Go 1.26 or newer (https://go.dev/dl), or the Temporal CLI (https://docs.temporal.io/cli), or set TEMPORAL_ADDRESS.',
    )
  const root = temporalCache(env)
  await mkdir(root, { recursive: true })
  const lock = join(root, `${program.folder}.lock`)
  while (!(await takeLock(lock))) {
    onProgress(`Another process is building ${program.name}; waiting for it…`)
    while (await holderOf(lock)) await delay(LOOK_AGAIN_MS)
    if (await isExecutable(target)) return { kind: 'ok', path: target }
  }
  await removeLeftovers(root, `.building-${program.folder}-`)
  const work = await mkdtemp(join(root, `.building-${program.folder}-`))
  try {
    if (await isExecutable(target)) return { kind: 'ok', path: target }
    onProgress(`Building ${program.name} (${program.takes})…`)
    const error = await goInstall(go, program, work, env, onProgress)
    if (error !== null)
      return failed(
        program,
        error,
        `Run "go install ${program.module}" to see the whole output, or install the Temporal CLI (https://docs.temporal.io/cli).`,
      )
    await mkdir(dirname(target), { recursive: true })
    await rename(join(work, 'server'), target)
    onProgress(`Built ${program.name}.`)
    return { kind: 'ok', path: target }
  } finally {
    await rm(work, { recursive: true, force: true })
    await rm(lock, { force: true })
  }
}

/** What builds that were cut short left behind; we hold the lock, so none of them is running. */
async function removeLeftovers(root: string, prefix: string): Promise<void> {
  for (const name of await readdir(root))
    if (name.startsWith(prefix)) await rm(join(root, name), { recursive: true, force: true })
}

/** Runs the build; null when it worked, else its last words. */
function goInstall(
  go: string,
  program: GoProgram,
  work: string,
  env: Env,
  onProgress: (line: string) => void,
): Promise<string | null> {
  return new Promise((resolve) => {
    const child = spawn(go, ['install', '-v', '-ldflags', '-s -w', program.module], {
      env: { ...env, GOBIN: work },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    const last: string[] = []
    let packages = 0
    const started = Date.now()
    const report = setInterval(() => {
      const seconds = Math.round((Date.now() - started) / 1000)
      onProgress(`Building ${program.name}: ${packages} packages, ${seconds} s…`)
    }, REPORT_EVERY_MS)
    createInterface({ input: child.stderr }).on('line', (line) => {
      if (!line.startsWith('go: downloading')) packages += 1
      last.push(line)
      if (last.length > 5) last.shift()
    })
    child.on('error', (error) => {
      clearInterval(report)
      resolve(error.message)
    })
    child.on('close', (code) => {
      clearInterval(report)
      resolve(code === 0 ? null : `go ended with code ${code}: ${last.join(' / ')}`)
    })
  })
}

const Holder = z.object({ pid: z.number().int(), startedAt: z.string() })

/**
 * Takes the lock file, also from a holder that died. (Two that find the same dead holder in the
 * same instant may both build: a waste, never a fault, for each builds in its own folder and the
 * result is moved into place in one step.)
 */
async function takeLock(lock: string): Promise<boolean> {
  const self = await identify(process.pid)
  if ((await holderOf(lock)) === null) await rm(lock, { force: true })
  try {
    await writeFile(lock, JSON.stringify(self), { flag: 'wx' })
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

async function holderOf(lock: string): Promise<ProcessIdentity | null> {
  try {
    const holder = Holder.parse(JSON.parse(await readFile(lock, 'utf8')))
    return (await isAlive(holder)) ? holder : null
  } catch {
    return null
  }
}

function failed(program: GoProgram, because: string, fix: string): Fetched {
  const message = `${program.name} could not be built: ${because}.`
  return {
    kind: 'failed',
    problem: { code: 'build-failed', message: message[0]?.toUpperCase() + message.slice(1), fix },
  }
}
