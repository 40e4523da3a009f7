import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { builtPath, SERVER_PROGRAM, UI_PROGRAM } from '../../../src/local/temporal/build.ts'
import { describeFound } from '../../../src/local/temporal/describe.ts'
import { downloadedCli } from '../../../src/local/temporal/download.ts'
import { type FindOptions, findTemporal } from '../../../src/local/temporal/find.ts'
import { choosePorts } from '../../../src/local/temporal/ports.ts'
import {
  fakeCli,
  fakeGo,
  fakeServer,
  type Sandbox,
  sandbox,
  script,
} from '../../support/temporal-fakes.ts'

let box: Sandbox
/** Nothing listens there, so a download fails as it does without internet. */
let nowhere: string

beforeEach(async () => {
  box = await sandbox()
  const free = await choosePorts({ http: { kind: 'any' } })
  nowhere = free.kind === 'ok' ? `http://127.0.0.1:${free.ports.http}` : ''
})
afterEach(() => box.remove())

function find(options: Partial<FindOptions> = {}) {
  return findTemporal({ env: box.env, downloadUrl: nowhere, ...options })
}

const temporal = () => join(box.bin, 'temporal')

describe('the order in which a server is looked for', () => {
  it('takes the CLI on the PATH before everything else on the machine', async () => {
    await fakeCli(temporal(), '1.9.1', '1.32.0')
    await fakeCli(downloadedCli(box.env), '1.9.1', '1.32.0')
    await fakeServer(builtPath(SERVER_PROGRAM, box.env), '1.32.0')
    const result = await find()
    expect(result).toEqual({
      kind: 'found',
      found: {
        kind: 'cli',
        place: 'path',
        path: temporal(),
        cliVersion: '1.9.1',
        serverVersion: '1.32.0',
        timeSkipping: true,
        timeSkippingFlag: false,
      },
      refused: [],
    })
  })

  it('takes the downloaded CLI before the built server', async () => {
    await fakeCli(downloadedCli(box.env), '1.9.1', '1.32.0')
    await fakeServer(builtPath(SERVER_PROGRAM, box.env), '1.32.0')
    const result = await find()
    expect(result).toMatchObject({ found: { kind: 'cli', place: 'download' } })
    expect(result.refused.map(({ problem }) => problem.code)).toEqual(['not-there'])
  })

  it('takes the built server, with its UI, before it downloads or builds anything', async () => {
    await fakeServer(builtPath(SERVER_PROGRAM, box.env), '1.32.0')
    await fakeServer(builtPath(UI_PROGRAM, box.env), '2.54.1')
    const result = await find()
    expect(result).toMatchObject({
      found: { kind: 'server', serverVersion: '1.32.0', ui: builtPath(UI_PROGRAM, box.env) },
    })
    expect(result.refused.map(({ place }) => place)).toEqual(['path', 'download'])
  })

  it('builds the server and its UI when nothing is there and nothing can be downloaded', async () => {
    await fakeGo(box, '1.32.0')
    const lines: string[] = []
    const result = await find({ onProgress: (line) => lines.push(line) })
    expect(result).toMatchObject({
      found: { kind: 'server', path: builtPath(SERVER_PROGRAM, box.env), timeSkipping: true },
    })
    expect(result.refused.map(({ problem }) => problem.code)).toContain('download-failed')
    expect(lines.join('\n')).toContain('about six minutes the first time')
  })

  it('only looks when it is told to fetch nothing', async () => {
    await fakeGo(box, '1.32.0')
    const result = await find({ fetch: false })
    expect(result).toMatchObject({ kind: 'none', problem: { code: 'not-fetched' } })
    expect(describeFound(result)).toContain('the first start downloads')
    expect(result.refused.map(({ problem }) => problem.code)).toEqual([
      'not-there',
      'not-fetched',
      'not-fetched',
    ])
  })

  it('says what to do when there is no way to a server', async () => {
    const result = await find()
    expect(result).toMatchObject({ kind: 'none', problem: { code: 'no-server' } })
    expect(result.refused.at(-1)?.problem.message).toContain('no "go" on the PATH')
  })
})

describe('TEMPORAL_ADDRESS', () => {
  it('that does not answer is an error, although a server could be started', async () => {
    await fakeCli(temporal(), '1.9.1', '1.32.0')
    const address = nowhere.replace('http://', '')
    const result = await find({ env: { ...box.env, TEMPORAL_ADDRESS: address } })
    expect(result).toMatchObject({ kind: 'none', problem: { code: 'address-unreachable' } })
    expect(describeFound(result)).toContain(`TEMPORAL_ADDRESS=${address}`)
  })

  it('is not looked at for a private server', async () => {
    await fakeCli(temporal(), '1.9.1', '1.32.0')
    const env = { ...box.env, TEMPORAL_ADDRESS: nowhere.replace('http://', '') }
    expect(await find({ env, private: true })).toMatchObject({ found: { place: 'path' } })
  })
})

describe('a candidate', () => {
  it('that is too old is passed over, with the reason', async () => {
    await fakeCli(temporal(), '1.1.1', '1.24.2')
    await fakeServer(builtPath(SERVER_PROGRAM, box.env), '1.32.0')
    const result = await find({ ui: false })
    expect(result).toMatchObject({ found: { kind: 'server', ui: null } })
    expect(result.refused[0]).toMatchObject({ place: 'path', problem: { code: 'too-old' } })
    expect(describeFound(result)).toContain('1.24.2')
  })

  it('that cannot skip time is passed over only where that is needed', async () => {
    await fakeCli(temporal(), '1.5.1', '1.29.1')
    await fakeServer(builtPath(SERVER_PROGRAM, box.env), '1.32.0')
    expect(await find({ ui: false })).toMatchObject({ found: { timeSkipping: false } })
    const needed = await find({ ui: false, needTimeSkipping: true })
    expect(needed).toMatchObject({ found: { kind: 'server', timeSkipping: true } })
    expect(needed.refused[0]?.problem.code).toBe('no-time-skipping')
  })

  it('with the flag for it can skip time, whatever its version says', async () => {
    await fakeCli(temporal(), '1.9.4', '1.31.0', true)
    expect(await find({ needTimeSkipping: true })).toMatchObject({
      found: { place: 'path', timeSkipping: true, timeSkippingFlag: true },
    })
  })

  it('that is broken is passed over, with the way to look at it', async () => {
    await script(temporal(), 'echo "segmentation fault" >&2; exit 139')
    await fakeServer(builtPath(SERVER_PROGRAM, box.env), '1.32.0')
    const result = await find({ ui: false })
    expect(result.kind).toBe('found')
    expect(result.refused[0]?.problem.message).toContain('code 139')
  })
})

describe('describeFound', () => {
  it('names what was found, where, its versions, and what it can', async () => {
    await fakeCli(temporal(), '1.9.1', '1.32.0')
    expect(describeFound(await find())).toBe(
      `Temporal CLI 1.9.1 with server 1.32.0 from temporal on the PATH (${temporal()}), can skip time.`,
    )
  })

  it('lists what was tried, and ends in what to do, when nothing was found', async () => {
    const text = describeFound(await find({ fetch: false }))
    expect(text).toContain('What to do: Install the Temporal CLI')
    expect(text.match(/^ {2}- /gm)).toHaveLength(3)
  })
})
