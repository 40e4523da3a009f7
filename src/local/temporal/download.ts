import { createWriteStream } from 'node:fs'
import { chmod, mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { z } from 'zod'
import { type Env, temporalCache } from './cache.ts'
import type { TemporalProblem } from './problem.ts'
import { isExecutable, run } from './run.ts'
import { SDK_VERSION } from './versions.ts'

/** Where the SDK itself asks for the Temporal CLI that fits it. */
const DOWNLOAD_URL = 'https://temporal.download/cli/default'
/** Without internet the answer must come at once: someone waits for a start. */
const ASK_TIMEOUT_MS = 4_000
const ARCHIVE_TIMEOUT_MS = 180_000

const Answer = z.object({ archiveUrl: z.url(), fileToExtract: z.string().min(1) })

export type Fetched =
  | { readonly kind: 'ok'; readonly path: string }
  | { readonly kind: 'failed'; readonly problem: TemporalProblem }

/** Where the SDK's download is kept; it may not be there. */
export function downloadedCli(env: Env): string {
  return join(temporalCache(env), `cli-sdk-${SDK_VERSION}`, 'temporal')
}

/**
 * Downloads the Temporal CLI that the SDK names for itself and keeps it in the cache. We start it
 * ourselves: a server started inside the SDK dies with Ctrl-C before the worker has drained, and
 * outlives a killed parent.
 */
export async function downloadCli(
  env: Env,
  options: { readonly url?: string; readonly onProgress: (line: string) => void },
): Promise<Fetched> {
  const target = downloadedCli(env)
  if (await isExecutable(target)) return { kind: 'ok', path: target }
  const root = dirname(dirname(target))
  await mkdir(root, { recursive: true })
  const work = await mkdtemp(join(root, '.download-'))
  try {
    const answer = await ask(options.url ?? DOWNLOAD_URL)
    options.onProgress('Downloading the Temporal CLI…')
    const archive = join(work, 'archive.tar.gz')
    const response = await fetch(answer.archiveUrl, {
      signal: AbortSignal.timeout(ARCHIVE_TIMEOUT_MS),
    })
    if (!response.ok || response.body === null)
      return failed(`${answer.archiveUrl} answered ${response.status}`)
    await pipeline(Readable.fromWeb(response.body), createWriteStream(archive))
    const unpacked = await run('tar', ['-xzf', archive, '-C', work, answer.fileToExtract], {
      env,
      timeoutMs: ARCHIVE_TIMEOUT_MS,
    })
    if (unpacked.kind === 'not-run') return failed(`tar: ${unpacked.because}`)
    if (unpacked.code !== 0) return failed(`tar ended with code ${unpacked.code}`)
    const file = join(work, answer.fileToExtract)
    await chmod(file, 0o755)
    await mkdir(dirname(target), { recursive: true })
    await rename(file, target)
    return { kind: 'ok', path: target }
  } catch (error) {
    return failed(reason(error))
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

async function ask(url: string): Promise<z.infer<typeof Answer>> {
  const query = new URLSearchParams({
    arch: process.arch === 'x64' ? 'amd64' : process.arch,
    platform: process.platform,
    format: 'tar.gz',
    'sdk-name': 'sdk-typescript',
    'sdk-version': SDK_VERSION,
  })
  const response = await fetch(`${url}?${query.toString()}`, {
    signal: AbortSignal.timeout(ASK_TIMEOUT_MS),
  })
  if (!response.ok) throw new Error(`${url} answered ${response.status}`)
  return Answer.parse(await response.json())
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? error.cause.message : error.message
}

function failed(because: string): Fetched {
  return {
    kind: 'failed',
    problem: {
      code: 'download-failed',
      message: `The Temporal CLI could not be downloaded: ${because}.`,
      fix: 'Check the internet connection, or install the Temporal CLI yourself and put it on the PATH.',
    },
  }
}
