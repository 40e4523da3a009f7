import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { id, type LeadId } from '../../src/domain/ids.ts'
import { instant } from '../../src/domain/time.ts'
import { type LocalTemporal, startTemporal } from '../../src/local/temporal/server.ts'
import { createKey } from '../../src/store/company/api-keys.ts'
import { findLead } from '../../src/store/leads.ts'
import { until } from '../support/until.ts'
import { type Api, apiAt, freePorts, postedId } from './http.ts'
import { postgres } from './postgres.ts'
import { type OurProcess, openRig, type Rig, startProcess, startWorker } from './rig.ts'

let folder: string
let temporal: LocalTemporal
let rig: Rig
let api: Api
const processes: OurProcess[] = []

describe.skipIf(postgres === null).concurrent('without Temporal', () => {
  beforeAll(async () => {
    if (postgres === null) return
    folder = await mkdtemp(join(tmpdir(), 'rekindle-outage-'))
    temporal = await serve()
    rig = await openRig(postgres.url, temporal)
    const { key } = await createKey(rig.store.db, 'test', 'api', instant(Date.now()))
    const [publicPort = 0, privatePort = 0] = await freePorts(2)
    const ports = { PUBLIC_PORT: String(publicPort), PRIVATE_PORT: String(privatePort) }
    processes.push(startWorker(rig), startProcess(['src/cli.ts', 'api'], { ...rig.env, ...ports }))
    const url = `http://127.0.0.1:${privatePort}`
    api = apiAt(url, key)
    await until(async () => (await fetch(`${url}/healthz`)).ok, {
      timeoutMs: 120_000,
      what: 'an api that answers',
    })
  }, 180_000)

  afterAll(async () => {
    await Promise.all(processes.map((each) => each.stop()))
    await rig?.close()
    await temporal?.stop()
    await rm(folder ?? '', { recursive: true, force: true })
  }, 60_000)

  describe.sequential('for a while', () => {
    it('every lead goes on when its server is killed, and comes back by itself', async () => {
      const early = await Promise.all(['a', 'b', 'c', 'd'].map((name) => post(name, 'twice')))
      await all(early, (email) => hasMails(email, 1))
      // Each waits for its second email now, by a timer of the server.
      const pid = temporal.pid()
      if (pid === null) throw new Error('the server has no process')
      process.kill(pid, 'SIGKILL')
      const late = await Promise.all(['e', 'f', 'g', 'h'].map((name) => post(name, 'twice')))
      await until(() => ![null, pid].includes(temporal.pid()), { what: 'a new server' })
      await all([...early, ...late], (email) => hasMails(email, 2))
      await all([...early, ...late], (email) => mailsAreDistinct(email, 2))
    }, 240_000)

    it('leads and visits are accepted, and go on when it is back', async () => {
      const dead = await api.post('/v1/leads', {
        lead: { firstName: 'Ada', email: 'gone@example.com', source: 'crm' },
        dead: { reason: 'unresponsive', at: '2025-01-15T12:00:00Z' },
      })
      expect(dead.status).toBe(201)
      const deadId = id<LeadId>(postedId(dead.body))
      await temporal.stop()

      const emails = await Promise.all(['u', 'v', 'w', 'x'].map((name) => post(name, 'write')))
      const visit = await api.post('/v1/signals', {
        type: 'visit',
        email: 'gone@example.com',
        page: 'https://acme.example/pricing',
        interacted: true,
      })
      expect([200, 202], JSON.stringify(visit.body)).toContain(visit.status)
      expect((await findLead(rig.store.db, deadId))?.status).toBe('dead')
      for (const email of emails) expect(await rig.outbox.caught(email)).toEqual([])

      temporal = await serve()
      await all(emails, (email) => hasMails(email, 1))
      await until(async () => (await findLead(rig.store.db, deadId))?.status === 'nurturing', {
        timeoutMs: 60_000,
        what: 'the revival of a lead that came by while Temporal was away',
      })
      await all(emails, (email) => mailsAreDistinct(email, 1))
    }, 240_000)
  })
})

async function serve(): Promise<LocalTemporal> {
  const started = await startTemporal({
    store: { kind: 'folder', folder },
    private: true,
    ui: false,
  })
  if (started.kind === 'failed') throw new Error(started.problem.message)
  return started.server
}

async function post(name: string, cadence: string): Promise<string> {
  const email = `${name}@example.com`
  const { status, body } = await api.post('/v1/leads', {
    lead: { firstName: 'Ada', email, source: 'webform' },
    cadence,
    event: 'form',
  })
  expect(status, JSON.stringify(body)).toBe(201)
  return email
}

async function all(emails: readonly string[], what: (email: string) => Promise<unknown>) {
  await Promise.all(emails.map(what))
}

function hasMails(email: string, count: number): Promise<boolean> {
  return until(async () => (await rig.outbox.caught(email)).length >= count, {
    timeoutMs: 150_000,
    everyMs: 200,
    what: `email ${count} to ${email}`,
  })
}

/** As many as there should be, and each of another touch. */
async function mailsAreDistinct(email: string, count: number): Promise<void> {
  const touches = (await rig.outbox.caught(email)).map(({ touch }) => touch)
  expect(touches).toHaveLength(count)
  expect(new Set(touches).size).toBe(count)
}
