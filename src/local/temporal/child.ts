import { spawn } from 'node:child_process'
import { open, readFile, rename } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import type { Env } from './cache.ts'
import type { Guard } from './guard.ts'
import { isAlive, type ProcessIdentity } from './process-identity.ts'

const TERM_WITHIN_MS = 15_000
const KILL_WITHIN_MS = 5_000
const LOOK_AGAIN_MS = 50

export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export interface Child {
  readonly pid: number
  /** Resolves when it has ended, for whatever reason. */
  readonly exited: Promise<Exit>
  readonly hasExited: () => boolean
  /** SIGTERM, then SIGKILL after 15 s; resolves when it has ended. */
  readonly stop: () => Promise<void>
}

export interface Command {
  readonly file: string
  readonly args: readonly string[]
  readonly env: Env
  /** Its output; what the last start wrote is kept beside it with ".1". */
  readonly logFile: string
}

/**
 * Starts a program in a process group of its own, so that Ctrl-C in the terminal reaches us and
 * not it: it has to outlive the worker's draining. The guard ends it should we vanish.
 */
export async function startChild(command: Command, guard: Guard): Promise<Child> {
  await rename(command.logFile, `${command.logFile}.1`).catch(() => {})
  const log = await open(command.logFile, 'w', 0o600)
  try {
    const child = spawn(command.file, command.args, {
      detached: true,
      env: { ...command.env },
      stdio: ['ignore', log.fd, log.fd],
    })
    const { pid } = child
    if (pid !== undefined) guard.add(pid)
    child.unref()
    let exit: Exit | null = null
    const exited = new Promise<Exit>((resolve, reject) => {
      child.once('exit', (code, signal) => {
        if (pid !== undefined) guard.remove(pid)
        exit = { code, signal }
        resolve(exit)
      })
      child.once('error', reject)
    })
    if (pid === undefined) return await neverStarted(exited)
    const hasExited = () => exit !== null
    return { pid, exited, hasExited, stop: () => stop(pid, exited, hasExited) }
  } finally {
    await log.close()
  }
}

/** Spawning failed: the error event follows, and carries the reason. */
async function neverStarted(exited: Promise<Exit>): Promise<never> {
  await exited
  throw new Error('The process ended before it had an id.')
}

async function stop(pid: number, exited: Promise<Exit>, hasExited: () => boolean): Promise<void> {
  for (const [signal, within] of [
    ['SIGTERM', TERM_WITHIN_MS],
    ['SIGKILL', KILL_WITHIN_MS],
  ] as const) {
    if (hasExited()) return
    signalGroup(pid, signal)
    const timer = new AbortController()
    await Promise.race([exited, delay(within, undefined, { signal: timer.signal }).catch(() => {})])
    timer.abort()
  }
}

/** Stops a process that an earlier start left behind; resolves when it is gone. */
export async function stopStranger(who: ProcessIdentity): Promise<void> {
  for (const [signal, within] of [
    ['SIGTERM', TERM_WITHIN_MS],
    ['SIGKILL', KILL_WITHIN_MS],
  ] as const) {
    if (!(await isAlive(who))) return
    signalGroup(who.pid, signal)
    const deadline = Date.now() + within
    while (Date.now() < deadline && (await isAlive(who))) await delay(LOOK_AGAIN_MS)
  }
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch {
    // Gone already.
  }
}

/** The last lines of a log, for an error that a person reads. */
export async function logTail(logFile: string, lines: number): Promise<string> {
  const text = await readFile(logFile, 'utf8').catch(() => '')
  return text.trimEnd().split('\n').slice(-lines).join('\n')
}
