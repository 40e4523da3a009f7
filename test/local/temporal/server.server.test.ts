import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Client, Connection } from '@temporalio/client'
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest'
import { z } from 'zod'
import { builtPath, SERVER_PROGRAM } from '../../../src/local/temporal/build.ts'
import { SEARCH_ATTRIBUTES } from '../../../src/local/temporal/namespace.ts'
import { identify } from '../../../src/local/temporal/process-identity.ts'
import {
  type LocalTemporal,
  type StartOptions,
  startTemporal,
} from '../../../src/local/temporal/server.ts'
import { fakeServer, sandbox } from '../../support/temporal-fakes.ts'
import { until } from '../../support/until.ts'

let folder: string
const started: LocalTemporal[] = []
const parents: ChildProcess[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rekindle-server-'))
})

afterEach(async () => {
  for (const parent of parents.splice(0)) parent.kill('SIGKILL')
  for (const server of started.splice(0)) await server.stop()
  // A server whose parent was killed may still be on its way out.
  await until(async () => (await running()).length === 0, { what: 'no server on the folder' })
  await rm(folder, { recursive: true, force: true })
})

function start(options: Partial<StartOptions> = {}) {
  return startTemporal({ store: { kind: 'folder', folder }, private: true, ui: false, ...options })
}

async function startedServer(options: Partial<StartOptions> = {}): Promise<LocalTemporal> {
  const result = await start(options)
  if (result.kind === 'failed') throw new Error(result.problem.message)
  started.push(result.server)
  return result.server
}

/** The processes that the folder's note speaks of, as far as they still live. */
async function running(): Promise<number[]> {
  const Note = z.object({ processes: z.array(z.object({ pid: z.number() })) })
  const text = await readFile(join(folder, 'temporal', 'running.json'), 'utf8').catch(() => null)
  if (text === null) return []
  const alive = await Promise.all(
    Note.parse(JSON.parse(text)).processes.map((p) => identify(p.pid)),
  )
  return alive.filter((who) => who !== null).map((who) => who.pid)
}

/** Those of the processes that still live; a zombie does not. */
async function alive(pids: readonly number[]): Promise<number[]> {
  const identities = await Promise.all(pids.map((pid) => identify(pid)))
  return identities.filter((who) => who !== null).map((who) => who.pid)
}

async function ended(pids: readonly number[]): Promise<boolean> {
  return (await alive(pids)).length === 0
}

async function withClient<T>(
  server: { address: string; namespace?: string },
  work: (client: Client, connection: Connection) => Promise<T>,
): Promise<T> {
  const connection = await Connection.connect({ address: server.address })
  try {
    return await work(
      new Client({ connection, namespace: server.namespace ?? 'rekindle' }),
      connection,
    )
  } finally {
    await connection.close()
  }
}

/** Starts a process that starts a server; see its file. */
async function parent() {
  const script = join(import.meta.dirname, '../../support/temporal-parent.ts')
  const child = spawn(process.execPath, ['--import', 'tsx', script, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  })
  parents.push(child)
  const lines = createInterface({ input: child.stdout })
  const [line] = await once(lines, 'line')
  const Says = z.object({ address: z.string(), uiUrl: z.string().nullable(), pid: z.number() })
  return { child, server: Says.parse(JSON.parse(String(line))) }
}

describe('startTemporal', () => {
  it('registers the namespace for 90 days and the search attributes', async () => {
    const server = await startedServer()
    await withClient(server, async (_, connection) => {
      const { namespace } = server
      const found = await connection.workflowService.describeNamespace({ namespace })
      const ttl = found.config?.workflowExecutionRetentionTtl?.seconds
      expect(Number(ttl)).toBe(90 * 24 * 60 * 60)
      const names = await connection.operatorService.listSearchAttributes({ namespace })
      expect(Object.keys(names.customAttributes).sort()).toEqual([...SEARCH_ATTRIBUTES].sort())
    })
  })

  it('keeps workflows, addresses and settings over a restart', async () => {
    const first = await startedServer({ retentionDays: 7 })
    const options = { workflowId: 'lead:1', taskQueue: 'leads' }
    await withClient(first, (client) => client.workflow.start('lead', options))
    await first.stop()
    const second = await startedServer({ retentionDays: 7 })
    expect(second.address).toBe(first.address)
    await withClient(second, async (client) => {
      const { status } = await client.workflow.getHandle('lead:1').describe()
      expect(status.name).toBe('RUNNING')
    })
  })

  it('goes to other ports when its own were taken meanwhile', async () => {
    const first = await startedServer()
    await withClient(first, (client) =>
      client.workflow.start('lead', { workflowId: 'lead:1', taskQueue: 'leads' }),
    )
    await first.stop()
    const squatter = createServer()
    const port = Number(first.address.split(':')[1])
    await new Promise<void>((resolve) => squatter.listen(port, '127.0.0.1', resolve))
    try {
      const second = await startedServer()
      expect(second.address).not.toBe(first.address)
      const { status } = await withClient(second, (client) =>
        client.workflow.getHandle('lead:1').describe(),
      )
      expect(status.name).toBe('RUNNING')
    } finally {
      await new Promise((resolve) => squatter.close(resolve))
    }
  })

  it('refuses a fixed port that is taken, and says which', async () => {
    const squatter = createServer()
    await new Promise<void>((resolve) => squatter.listen(0, '127.0.0.1', resolve))
    const address = squatter.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    try {
      const result = await start({ port })
      expect(result).toMatchObject({ kind: 'failed', problem: { code: 'port-taken' } })
      expect(JSON.stringify(result)).toContain(String(port))
    } finally {
      await new Promise((resolve) => squatter.close(resolve))
    }
  })

  it('refuses a folder whose server runs', async () => {
    await startedServer()
    expect(await start()).toMatchObject({ kind: 'failed', problem: { code: 'already-running' } })
  })

  it('starts the Web UI and says where it is', async () => {
    const server = await startedServer({ store: { kind: 'memory' }, ui: true })
    expect(server.uiUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    const page = await fetch(`${server.uiUrl}/api/v1/namespaces/rekindle`)
    expect(page.status).toBe(200)
  })

  it('skips time only where that is asked for', async () => {
    const off = await startedServer()
    expect(off.timeSkipping).toBe(false)
    await off.stop()
    const on = await startedServer({ timeSkipping: 'required' })
    expect(on.timeSkipping).toBe(true)
  })

  it('listens on loopback only', async () => {
    await startedServer({ ui: true })
    const config = await readFile(join(folder, 'temporal', 'server.yaml'), 'utf8')
    expect(config.match(/bindOnLocalHost: true/g)).toHaveLength(4)
    const ports = z
      .record(z.string(), z.number())
      .parse(JSON.parse(await readFile(join(folder, 'temporal', 'ports.json'), 'utf8')))
    const listeners = await listeningOn(Object.values(ports))
    expect(listeners.size).toBe(process.platform === 'linux' ? 9 : 0)
    for (const host of listeners.values()) expect(host).toBe(LOOPBACK_IN_PROC)
  })

  it('reports the last words of a server that does not start', async () => {
    const box = await sandbox()
    await fakeServer(builtPath(SERVER_PROGRAM, box.env), '1.32.0')
    const result = await start({ env: box.env })
    await box.remove()
    expect(result).toMatchObject({ kind: 'failed', problem: { code: 'start-failed' } })
    expect(JSON.stringify(result)).toContain('the disk is full')
    expect(await running()).toEqual([])
  })
})

describe('TEMPORAL_ADDRESS', () => {
  it('is used and set up, and left running by stop', async () => {
    const env = { ...process.env, TEMPORAL_ADDRESS: inject('temporalAddress') }
    const server = await startedServer({ env, private: false, namespace: 'external' })
    expect(server).toMatchObject({ found: { kind: 'address' }, timeSkipping: true, uiUrl: null })
    await server.stop()
    await withClient(server, async (client) => {
      expect((await client.workflow.count()).count).toBe(0)
    })
    expect(await readdir(folder)).toEqual([])
  })
})

describe('the end', () => {
  it('comes with stop, leaving no process and no note', async () => {
    const server = await startedServer({ ui: true })
    const pids = await running()
    expect(pids).toHaveLength(2)
    expect(server.pid()).toBe(pids[0])
    await server.stop()
    expect(await alive(pids)).toEqual([])
    expect(server.pid()).toBeNull()
    expect(await readdir(join(folder, 'temporal'))).not.toContain('running.json')
    await server.stop()
  })

  it('comes with a kill -9 of the parent', async () => {
    const { child, server } = await parent()
    const pids = await running()
    expect(pids).toHaveLength(2)
    await withClient(server, (client) =>
      client.workflow.start('lead', { workflowId: 'lead:1', taskQueue: 'leads' }),
    )
    child.kill('SIGKILL')
    await until(() => ended(pids), { what: 'the end of server and UI' })
    const again = await startedServer()
    expect(again.address).toBe(server.address)
    const { status } = await withClient(again, (client) =>
      client.workflow.getHandle('lead:1').describe(),
    )
    expect(status.name).toBe('RUNNING')
  })

  it.runIf(process.platform === 'linux')(
    'comes with the next start when parent and watcher are both killed',
    async () => {
      const { child, server } = await parent()
      const pids = await running()
      const watchers = await childrenOf(child.pid ?? 0, 'sh')
      expect(watchers).toHaveLength(1)
      child.kill('SIGSTOP')
      for (const watcher of watchers) process.kill(watcher, 'SIGKILL')
      child.kill('SIGKILL')
      await once(child, 'exit')
      expect(await alive(pids)).toEqual(pids)
      const again = await startedServer()
      expect(again.address).toBe(server.address)
      expect(await alive(pids)).toEqual([])
    },
  )

  it.runIf(process.platform === 'linux')(
    'comes with the parent although an earlier watcher was killed',
    async () => {
      const { child } = await parent()
      const pids = await running()
      const [watcher = 0] = await childrenOf(child.pid ?? 0, 'sh')
      process.kill(watcher, 'SIGKILL')
      await until(async () => {
        const now = await childrenOf(child.pid ?? 0, 'sh')
        return now.length === 1 && now[0] !== watcher
      })
      child.kill('SIGKILL')
      await until(() => ended(pids), { what: 'the end of server and UI' })
    },
  )

  it('does not come with Ctrl-C while the parent still drains', async () => {
    const { child, server } = await parent()
    process.kill(-(child.pid ?? 0), 'SIGINT')
    const { status } = await withClient(server, async (client) => {
      await client.workflow.start('lead', { workflowId: 'lead:2', taskQueue: 'leads' })
      return client.workflow.getHandle('lead:2').describe()
    })
    expect(status.name).toBe('RUNNING')
    expect(await alive([server.pid])).toEqual([server.pid])
  })

  it('is undone when only the server is killed', async () => {
    const lines: string[] = []
    const server = await startedServer({ onProgress: (line) => lines.push(line) })
    await withClient(server, (client) =>
      client.workflow.start('lead', { workflowId: 'lead:1', taskQueue: 'leads' }),
    )
    const pid = server.pid()
    process.kill(pid ?? 0, 'SIGKILL')
    await until(() => server.pid() !== null && server.pid() !== pid, { what: 'another server' })
    const { status } = await until(() =>
      withClient(server, (client) => client.workflow.getHandle('lead:1').describe()),
    )
    expect(status.name).toBe('RUNNING')
    expect(lines.join()).toContain('SIGKILL')
    expect(await running()).toEqual([server.pid()])
  })
})

/** The children of a process that run a certain program, from /proc. */
async function childrenOf(pid: number, program: string): Promise<number[]> {
  const found: number[] = []
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '')
    const [, command, rest = ''] = /^\d+ \((.*)\) (.*)$/s.exec(stat) ?? []
    const [state, ppid] = rest.split(' ')
    if (command === program && state !== 'Z' && Number(ppid) === pid) found.push(Number(name))
  }
  return found
}

/** 127.0.0.1 as /proc/net/tcp writes it. */
const LOOPBACK_IN_PROC = '0100007F'

/** The host, in /proc's spelling, on which each of these ports is listened to; IPv6 too. */
async function listeningOn(ports: readonly number[]): Promise<Map<number, string>> {
  const hosts = new Map<number, string>()
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    const text = await readFile(table, 'utf8').catch(() => '')
    for (const line of text.split('\n').slice(1)) {
      const [, local = '', , state] = line.trim().split(/\s+/)
      const [host = '', port = ''] = local.split(':')
      if (state === '0A' && ports.includes(Number.parseInt(port, 16)))
        hosts.set(Number.parseInt(port, 16), host)
    }
  }
  return hosts
}
