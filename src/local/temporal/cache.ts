import { homedir } from 'node:os'
import { join } from 'node:path'

export type Env = Readonly<Record<string, string | undefined>>

/**
 * The folder for what was built or downloaded once and is shared by all projects of this user:
 * `REKINDLE_CACHE`, else `$XDG_CACHE_HOME/rekindle`, else `~/.cache/rekindle`.
 */
function cacheFolder(env: Env): string {
  if (env.REKINDLE_CACHE) return env.REKINDLE_CACHE
  return join(env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache'), 'rekindle')
}

/** The part of the cache that holds Temporal's binaries, one folder for each version. */
export function temporalCache(env: Env): string {
  return join(cacheFolder(env), 'temporal')
}
