import { readFile } from 'node:fs/promises'
import { run } from './run.ts'

/**
 * A process id together with when that process started. Ids are used again by the system; the
 * pair is not, so a stale note never makes us stop somebody else's process.
 */
export interface ProcessIdentity {
  readonly pid: number
  readonly startedAt: string
}

/** The identity of a living process; null when it is gone (a zombie counts as gone). */
export async function identify(pid: number): Promise<ProcessIdentity | null> {
  const startedAt = process.platform === 'linux' ? await linuxStart(pid) : await posixStart(pid)
  return startedAt === null ? null : { pid, startedAt }
}

/** Whether that very process still lives. */
export async function isAlive(who: ProcessIdentity): Promise<boolean> {
  return (await identify(who.pid))?.startedAt === who.startedAt
}

/** Start in clock ticks since boot (field 22 of /proc/PID/stat), qualified by the boot's id. */
async function linuxStart(pid: number): Promise<string | null> {
  try {
    const [stat, boot] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
    ])
    // The command's name stands in brackets and may itself hold spaces and brackets.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const [state, ticks] = [fields[0], fields[19]]
    if (state === 'Z' || state === 'X' || ticks === undefined) return null
    return `${boot.trim()}:${ticks}`
  } catch {
    return null
  }
}

async function posixStart(pid: number): Promise<string | null> {
  const answer = await run('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
    env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' },
    timeoutMs: 5_000,
  })
  if (answer.kind === 'not-run' || answer.code !== 0) return null
  const [, state, started] = /^\s*(\S+)\s+(.+?)\s*$/.exec(answer.output) ?? []
  return state === undefined || started === undefined || state.startsWith('Z') ? null : started
}
