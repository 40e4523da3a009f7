import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { readInstance } from '../../store/instance.ts'
import { EXIT } from '../exit.ts'
import { CliError, usageError } from '../problem.ts'
import { configOf } from '../settings.ts'
import type { Terminal } from '../terminal.ts'
import type { DataClient } from './client.ts'

/**
 * The way to the data: the instance named by REKINDLE_URL, else the one that runs on the data
 * folder, else the store itself, opened by this process.
 * @throws CliError, StoreError
 */
async function openData(terminal: Terminal): Promise<DataClient> {
  const { REKINDLE_URL: url, REKINDLE_API_KEY: key } = terminal.env
  if (url) {
    if (key) return clientOf(url, key)
    throw usageError(
      'REKINDLE_URL is set, and REKINDLE_API_KEY is not.',
      'Set it to a key of that instance: the first one stands in its data folder, in keys.json.',
    )
  }
  const config = configOf(terminal)
  const instance = readInstance(config.REKINDLE_DATA_DIR)
  if (instance !== null) {
    return clientOf(instance.privateUrl, key || keptKey(config.REKINDLE_DATA_DIR))
  }
  // Loaded only here: it brings the whole api along.
  const { openInProcess } = await import('./in-process.ts')
  return openInProcess(config)
}

/** Opens the data for one piece of work. */
export async function withData<T>(
  terminal: Terminal,
  work: (client: DataClient) => Promise<T>,
): Promise<T> {
  const client = await openData(terminal)
  try {
    return await work(client)
  } finally {
    await client.close()
  }
}

function clientOf(url: string, key: string): DataClient {
  if (!URL.canParse(url) || !/^https?:/.test(url)) {
    throw usageError('REKINDLE_URL is no web address.', 'Write it as http://127.0.0.1:7300.')
  }
  const base = url.replace(/\/+$/, '')
  return {
    from: base,
    async send(path, init = {}) {
      const headers = new Headers(init.headers)
      headers.set('Authorization', `Bearer ${key}`)
      try {
        return await fetch(`${base}${path}`, { ...init, headers })
      } catch (error) {
        throw notReached(base, error)
      }
    },
    close: async () => {},
  }
}

const keysSchema = z.object({ api: z.string() })

/** The key of the first start, from the file beside the data. */
function keptKey(dataDir: string): string {
  const path = join(dataDir, 'keys.json')
  try {
    return keysSchema.parse(JSON.parse(readFileSync(path, 'utf8'))).api
  } catch {
    throw usageError(
      `The instance runs, and its key cannot be read from ${path}.`,
      'Set REKINDLE_API_KEY, or run this as the user who started it.',
    )
  }
}

function notReached(base: string, error: unknown): CliError {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new CliError(EXIT.missing, {
    code: 'instance_not_reached',
    message: `No instance answers at ${base} (${reason}).`,
    fix: 'Check that it runs: `rekindle doctor`, or `rekindle start`.',
  })
}
