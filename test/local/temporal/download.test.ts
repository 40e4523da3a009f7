import { execFileSync } from 'node:child_process'
import { readdir, readFile, symlink } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { downloadCli, downloadedCli } from '../../../src/local/temporal/download.ts'
import { findTemporal } from '../../../src/local/temporal/find.ts'
import { findOnPath } from '../../../src/local/temporal/run.ts'
import { SDK_VERSION } from '../../../src/local/temporal/versions.ts'
import { fakeCli, type Sandbox, sandbox } from '../../support/temporal-fakes.ts'

let box: Sandbox
let site: Server
let base: string
let asked: string[]
/** What the site says to the question for the archive. */
let answer: () => { readonly status: number; readonly body: string }

beforeEach(async () => {
  box = await sandbox()
  await fakeCli(join(box.folder, 'temporal'), '1.9.1', '1.32.0')
  // Unpacking needs these two, which the sandbox's PATH does not have.
  for (const tool of ['tar', 'gzip']) {
    const path = await findOnPath(tool, process.env)
    if (path !== null) await symlink(path, join(box.bin, tool))
  }
  const archive = join(box.folder, 'cli.tar.gz')
  execFileSync('tar', ['-czf', archive, '-C', box.folder, 'temporal'])
  const bytes = await readFile(archive)
  asked = []
  site = createServer((request, response) => {
    asked.push(request.url ?? '')
    if (request.url?.startsWith('/cli.tar.gz')) return response.end(bytes)
    const { status, body } = answer()
    return response.writeHead(status).end(body)
  })
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve))
  base = `http://127.0.0.1:${(site.address() as AddressInfo).port}`
  const info = { archiveUrl: `${base}/cli.tar.gz`, fileToExtract: 'temporal' }
  answer = () => ({ status: 200, body: JSON.stringify(info) })
})

afterEach(async () => {
  site.closeAllConnections()
  await new Promise((resolve) => site.close(resolve))
  await box.remove()
})

const env = () => box.env
const download = () => downloadCli(env(), { url: `${base}/cli/default`, onProgress: () => {} })

describe('downloadCli', () => {
  it('asks as the SDK does, unpacks the program, and keeps it', async () => {
    expect(await download()).toEqual({ kind: 'ok', path: downloadedCli(env()) })
    expect(asked[0]).toContain(`sdk-name=sdk-typescript&sdk-version=${SDK_VERSION}`)
    const before = asked.length
    expect((await download()).kind).toBe('ok')
    expect(asked).toHaveLength(before)
  })

  it('fails with the reason when the site does, and leaves nothing behind', async () => {
    answer = () => ({ status: 503, body: 'down' })
    const result = await download()
    expect(result).toMatchObject({ kind: 'failed', problem: { code: 'download-failed' } })
    expect(JSON.stringify(result)).toContain('503')
    expect(await readdir(join(box.cache, 'temporal'))).toEqual([])
  })

  it('fails when the answer is not what was agreed', async () => {
    answer = () => ({ status: 200, body: '{"archiveUrl": 1}' })
    expect((await download()).kind).toBe('failed')
  })

  it('is one of the ways to find a server', async () => {
    const found = await findTemporal({
      env: env(),
      private: true,
      downloadUrl: `${base}/cli/default`,
    })
    expect(found).toMatchObject({ found: { kind: 'cli', place: 'download' } })
  })
})

describe('the version in the question', () => {
  it("is the SDK's, as pinned in package.json", async () => {
    const path = join(import.meta.dirname, '../../../package.json')
    const { dependencies } = JSON.parse(await readFile(path, 'utf8'))
    expect(dependencies['@temporalio/client']).toBe(SDK_VERSION)
  })
})
