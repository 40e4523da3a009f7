import { execFileSync } from 'node:child_process'
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { z } from 'zod'

/** Names one process for good: a process id alone is given again after its owner's death. */
export const processIdentitySchema = z.object({
  pid: z.int().positive(),
  /** When it started, in the operating system's own words; null where that cannot be asked. */
  started: z.string().nullable(),
  host: z.string(),
  /** The running of the machine, and the container, in which the pid means anything. */
  boot: z.string().nullable(),
  pidSpace: z.string().nullable(),
})

export type ProcessIdentity = z.infer<typeof processIdentitySchema>

/** The identity of this process. */
export function thisProcess(): ProcessIdentity {
  return {
    pid: process.pid,
    started: startOf(process.pid),
    host: hostname(),
    boot: attempt(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    pidSpace: attempt(() => readlinkSync('/proc/self/ns/pid')),
  }
}

/** Whether that process lives; `unknown` when it ran where its pid cannot be looked up. */
export function livenessOf(other: ProcessIdentity): 'alive' | 'dead' | 'unknown' {
  const self = thisProcess()
  if (other.host !== self.host) return 'unknown'
  if (other.boot !== self.boot) return 'dead'
  if (other.pidSpace !== self.pidSpace) return 'unknown'
  if (!exists(other.pid)) return 'dead'
  return startOf(other.pid) === other.started ? 'alive' : 'dead'
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** Null when the process is gone, or a zombie: killed, and not yet collected by its parent. */
function startOf(pid: number): string | null {
  const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, 'utf8'))
  if (stat !== null) {
    // proc(5): the name in parentheses may hold anything, so fields are counted after it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const [state, startTicks] = [fields[0], fields[19]]
    return state === 'Z' || startTicks === undefined ? null : startTicks
  }
  if (process.platform === 'linux' || process.platform === 'win32') return null
  const ps = attempt(() => execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)]).toString())
  return ps?.trim() || null
}

function attempt<T>(read: () => T): T | null {
  try {
    return read()
  } catch {
    return null
  }
}
