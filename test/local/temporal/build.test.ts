import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { build, builtPath, SERVER_PROGRAM } from '../../../src/local/temporal/build.ts'
import { fakeGo, type Sandbox, sandbox, script } from '../../support/temporal-fakes.ts'
import { until } from '../../support/until.ts'

let box: Sandbox

beforeEach(async () => {
  box = await sandbox()
})
afterEach(() => box.remove())

const start = (onProgress: (line: string) => void = () => {}) =>
  build(SERVER_PROGRAM, box.env, onProgress)

async function runsOfGo(): Promise<string[]> {
  const text = await readFile(join(box.folder, 'go-runs'), 'utf8').catch(() => '')
  return text.split('\n').filter((line) => line !== '')
}

/** What lies in the cache: no lock and no half build once all is done. */
const inCache = () => readdir(join(box.cache, 'temporal'))

describe('build', () => {
  it('installs the pinned module without debug symbols, into the cache', async () => {
    await fakeGo(box, '1.32.0')
    const path = builtPath(SERVER_PROGRAM, box.env)
    expect(path).toBe(join(box.cache, 'temporal', 'server-1.32.0', 'server'))
    expect(await start()).toEqual({ kind: 'ok', path })
    expect(await runsOfGo()).toEqual([
      'install -v -ldflags -s -w go.temporal.io/server/cmd/server@v1.32.0',
    ])
    expect(await inCache()).toEqual(['server-1.32.0'])
  })

  it('builds once', async () => {
    await fakeGo(box, '1.32.0')
    await start()
    await start()
    expect(await runsOfGo()).toHaveLength(1)
  })

  it('lets one of two build and the other wait for it', async () => {
    const go = join(box.folder, 'go-on')
    await fakeGo(box, '1.32.0', { until: go })
    const lines: string[] = []
    const first = start()
    await until(async () => (await runsOfGo()).length === 1)
    const second = start((line) => lines.push(line))
    await until(() => lines.some((line) => line.includes('waiting')))
    await writeFile(go, '')
    const path = builtPath(SERVER_PROGRAM, box.env)
    expect(await Promise.all([first, second])).toEqual([
      { kind: 'ok', path },
      { kind: 'ok', path },
    ])
    expect(await runsOfGo()).toHaveLength(1)
  })

  it('takes over from a builder that died, and removes what it left', async () => {
    await fakeGo(box, '1.32.0')
    const cache = join(box.cache, 'temporal')
    await script(join(cache, '.building-server-1.32.0-dead', 'server'), 'exit 1')
    const dead = { pid: process.pid, startedAt: 'an earlier process of this number' }
    await writeFile(join(cache, 'server-1.32.0.lock'), JSON.stringify(dead))
    expect((await start()).kind).toBe('ok')
    expect(await inCache()).toEqual(['server-1.32.0'])
  })

  it('reports the last words of a build that fails, and leaves nothing behind', async () => {
    await script(join(box.bin, 'go'), 'echo "no space left on device" >&2; exit 2')
    const result = await start()
    expect(result).toMatchObject({ kind: 'failed', problem: { code: 'build-failed' } })
    expect(JSON.stringify(result)).toContain('no space left on device')
    expect(await inCache()).toEqual([])
  })
})
