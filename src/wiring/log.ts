import { Runtime } from '@temporalio/worker'
import pino, { type Logger } from 'pino'
import type { Config } from '../config.ts'

/** Structured lines on standard error; ids, counts and codes, never contact data. */
export function createLog(config: Pick<Config, 'LOG_LEVEL'>): Logger {
  return pino(
    {
      level: config.LOG_LEVEL,
      base: null,
      redact: ['email', 'phone', 'to', 'text', '*.email', '*.phone', '*.to', '*.text'],
    },
    pino.destination({ dest: 2, sync: false }),
  )
}

let installed = false

/** Temporal's SDK logs through ours; what it says at `info` is noise and becomes `debug`. */
export function installRuntime(log: Logger): void {
  if (installed) return
  installed = true
  const at =
    (level: 'trace' | 'debug' | 'warn' | 'error') =>
    (message: string, meta?: Record<string | symbol, unknown>) =>
      log[level](quiet(meta), message)
  Runtime.install({
    shutdownSignals: [],
    logger: {
      log: (level, message, meta) => at(level === 'ERROR' ? 'error' : 'debug')(message, meta),
      trace: at('trace'),
      debug: at('debug'),
      info: at('debug'),
      warn: at('debug'),
      error: at('error'),
    },
  })
}

/** Ids only: an error's own words may quote what a driver was given. */
function quiet(meta: Record<string | symbol, unknown> = {}): Record<string, unknown> {
  const { workflowId, runId, activityType, taskQueue, attempt, error } = meta
  const name = error instanceof Error ? error.name : undefined
  return { workflowId, runId, activityType, taskQueue, attempt, error: name }
}
