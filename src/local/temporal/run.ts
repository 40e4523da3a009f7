import { execFile } from 'node:child_process'
import { access, constants, stat } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import type { Env } from './cache.ts'

export type Run =
  | { readonly kind: 'ended'; readonly code: number; readonly output: string }
  | { readonly kind: 'not-run'; readonly because: string }

/** Runs a short command to its end, or stops it after `timeoutMs`; output is stdout and stderr. */
export function run(
  file: string,
  args: readonly string[],
  options: { readonly env: Env; readonly timeoutMs: number },
): Promise<Run> {
  return new Promise((resolve) => {
    execFile(
      file,
      args,
      { env: { ...options.env }, timeout: options.timeoutMs, killSignal: 'SIGKILL' },
      (error, stdout, stderr) => {
        const output = `${stdout}${stderr}`
        if (error === null) resolve({ kind: 'ended', code: 0, output })
        else if (typeof error.code === 'number')
          resolve({ kind: 'ended', code: error.code, output })
        else if (error.killed)
          resolve({ kind: 'not-run', because: `it gave no answer in ${options.timeoutMs} ms` })
        else resolve({ kind: 'not-run', because: error.message })
      },
    )
  })
}

/** The full path of a program on PATH; null when there is none. */
export async function findOnPath(name: string, env: Env): Promise<string | null> {
  for (const folder of (env.PATH ?? '').split(delimiter)) {
    if (folder === '') continue
    const path = join(folder, name)
    if (await isExecutable(path)) return path
  }
  return null
}

/** Whether a file is there and may be executed. */
export async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK)
    return (await stat(path)).isFile()
  } catch {
    return false
  }
}
