import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { takeOwnerLock } from '../../src/store/engine/owner-lock.ts'
import { thisProcess } from '../../src/store/engine/process-identity.ts'
import { readInstance, removeInstance, writeInstance } from '../../src/store/instance.ts'

let dataDir: string
const racers: Racer[] = []

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'rekindle-lock-'))
})

afterEach(async () => {
  await Promise.all(racers.splice(0).map((racer) => racer.kill()))
  rmSync(dataDir, { recursive: true, force: true })
})

it('lets one own the folder, until it gives it free', () => {
  const lock = takeOwnerLock(dataDir)
  expect(() => takeOwnerLock(dataDir)).toThrow(String(process.pid))
  lock.release()
  takeOwnerLock(dataDir).release()
  expect(readdirSync(dataDir)).toEqual([])
})

it('can be read by its user only', () => {
  const lock = takeOwnerLock(dataDir)
  expect(statSync(lockPath()).mode & 0o777).toBe(0o600)
  lock.release()
})

it('is taken over from a killed process, by exactly one of many', async () => {
  const first = await startRacer()
  expect(await first.race()).toBe('won')
  await first.kill()

  const rivals = await Promise.all(Array.from({ length: 6 }, startRacer))
  const results = await Promise.all(rivals.map((rival) => rival.race()))
  expect(results.filter((result) => result === 'won')).toHaveLength(1)
  expect(results.filter((result) => result === 'data_folder_in_use')).toHaveLength(5)
  const owner = JSON.parse(readFileSync(lockPath(), 'utf8'))
  expect(owner.pid).toBe(rivals[results.indexOf('won')]?.pid)
  expect(readdirSync(dataDir)).toEqual(['owner.lock'])
})

it('is taken over when another process has the dead one’s pid', () => {
  writeLock({ ...thisProcess(), started: 'another time' })
  takeOwnerLock(dataDir).release()
})

it('is taken over after the machine has started anew', () => {
  writeLock({ ...thisProcess(), boot: 'an earlier one' })
  takeOwnerLock(dataDir).release()
})

it('is taken over when a taker died half-way', () => {
  const dead = { ...thisProcess(), started: 'another time' }
  const token = writeLock(dead)
  writeFileSync(
    `${lockPath()}.${token}`,
    JSON.stringify({ ...dead, started: 'a third time', token: randomUUID() }),
  )
  takeOwnerLock(dataDir).release()
  expect(readdirSync(dataDir)).toEqual([])
})

it.each([
  ['of another machine', JSON.stringify({ ...thisProcess(), host: 'other', token: randomUUID() })],
  ['of another container', lockOfOtherContainer()],
  ['that cannot be read', 'what is this'],
])('leaves a lock %s alone, and says which file to delete', (_, content) => {
  writeFileSync(lockPath(), content)
  expect(() => takeOwnerLock(dataDir)).toThrow(
    expect.objectContaining({
      code: 'data_folder_owner_unknown',
      fix: expect.stringContaining(lockPath()),
    }),
  )
  expect(readFileSync(lockPath(), 'utf8')).toBe(content)
  expect(readdirSync(dataDir)).toEqual(['owner.lock'])
})

const urls = { publicUrl: 'http://127.0.0.1:7100', privateUrl: 'http://127.0.0.1:7101' }

it('records the running instance for its user alone', () => {
  expect(readInstance(dataDir)).toBeNull()
  writeInstance(dataDir, urls)
  expect(statSync(join(dataDir, 'instance.json')).mode & 0o777).toBe(0o600)
  expect(readInstance(dataDir)).toEqual({ pid: process.pid, ...urls })
  removeInstance(dataDir)
  expect(readInstance(dataDir)).toBeNull()
})

it('knows no instance whose process is gone', () => {
  writeInstance(dataDir, urls)
  const path = join(dataDir, 'instance.json')
  const record = JSON.parse(readFileSync(path, 'utf8'))
  record.process.started = 'another time'
  writeFileSync(path, JSON.stringify(record))
  expect(readInstance(dataDir)).toBeNull()
})

function lockPath(): string {
  return join(dataDir, 'owner.lock')
}

function writeLock(owner: object): string {
  const token = randomUUID()
  writeFileSync(lockPath(), JSON.stringify({ ...owner, token }))
  return token
}

function lockOfOtherContainer(): string {
  return JSON.stringify({ ...thisProcess(), pidSpace: 'pid:[1]', token: randomUUID() })
}

/** A process that tries to become the owner when told to. */
class Racer {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>
  readonly #lines: Interface

  constructor() {
    const script = join(import.meta.dirname, '../support/lock-racer.ts')
    this.#child = spawn(process.execPath, ['--import', 'tsx', script, dataDir], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    this.#lines = createInterface({ input: this.#child.stdout })
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  async ready(): Promise<void> {
    await once(this.#lines, 'line')
  }

  async race(): Promise<string> {
    const answer = once(this.#lines, 'line')
    this.#child.stdin.write('go\n')
    const [line] = await answer
    return String(line)
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const gone = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await gone
  }
}

async function startRacer(): Promise<Racer> {
  const racer = new Racer()
  racers.push(racer)
  await racer.ready()
  return racer
}
