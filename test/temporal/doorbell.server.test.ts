import { Client } from '@temporalio/client'
import { NativeConnection } from '@temporalio/worker'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { leadWorkflowId } from '../../src/domain/contract.ts'
import { openTemporal } from '../../src/temporal/connection.ts'
import { createDoorbell } from '../../src/temporal/create-doorbell.ts'
import { createRelay } from '../../src/temporal/relay.ts'
import { until } from '../support/until.ts'
import { createGate } from './gate.ts'
import { openRig, type Posted, type Rig } from './rig.ts'

let rig: Rig

beforeAll(async () => {
  rig = await openRig()
})
afterAll(() => rig.close())

const ringer = () => createDoorbell({ client: rig.client, store: rig.store, log: rig.log })

describe('a ring', () => {
  it('starts the workflow with its input, attributes and priority, and is written down', async () => {
    const { leadId, ring } = await rig.post({ cadence: 'new-lead', form: true })
    const doorbell = ringer()
    doorbell.ring([ring])
    await doorbell.settle()

    const description = await rig.client.workflow.getHandle(leadWorkflowId(leadId)).describe()
    expect(description.status.name).toBe('RUNNING')
    expect(description.taskQueue).toBe('leads')
    expect(description.priority?.priorityKey).toBe(1)
    expect(description.searchAttributes).toMatchObject({
      LeadStatus: ['nurturing'],
      Cadence: ['new-lead'],
      Source: ['webform'],
    })
    const lead = await rig.lead(leadId)
    expect(lead.rung_revision).toBe(lead.revision)
    expect(JSON.parse(lead.shown ?? '')).toEqual({
      status: 'nurturing',
      deadReason: null,
      cadence: 'new-lead',
      source: 'webform',
      owner: null,
    })
    expect(doorbell.counts()).toEqual({ heard: 1, left: 0, open: 0 })
    await doorbell.close()
  })

  it('starts a new lead without a bell, and rings it when it runs already', async () => {
    const { leadId, ring } = await rig.post()
    const bellsOf = async () => {
      const { events } = await rig.client.workflow.getHandle(leadWorkflowId(leadId)).fetchHistory()
      return (events ?? []).filter((event) => event.workflowExecutionSignaledEventAttributes).length
    }
    for (const bells of [0, 1]) {
      const doorbell = ringer()
      doorbell.ring([ring])
      await doorbell.settle()
      expect(doorbell.counts()).toEqual({ heard: 1, left: 0, open: 0 })
      expect(await bellsOf()).toBe(bells)
      await doorbell.close()
    }
  })

  it('starts a new lead the ordinary way when the worker’s own connection does not serve', async () => {
    const { leadId, ring } = await rig.post({ cadence: 'new-lead', form: true })
    const gate = await createGate(rig.test.address)
    await gate.open()
    const connection = await NativeConnection.connect({ address: gate.address })
    const here = new Client({ connection, namespace: rig.test.namespace })
    await gate.shut()
    const { client, store, log } = rig
    const doorbell = createDoorbell({ client, here, store, log })
    doorbell.ring([ring])
    await doorbell.settle()
    expect(doorbell.counts()).toEqual({ heard: 1, left: 0, open: 0 })
    const { status } = await client.workflow.getHandle(leadWorkflowId(leadId)).describe()
    expect(status.name).toBe('RUNNING')
    await doorbell.close()
  })

  it('of one lead that is rung many times at once is heard a few times at most', async () => {
    const { leadId, ring } = await rig.post()
    const doorbell = ringer()
    for (let seq = 1; seq <= 500; seq += 1) doorbell.ring([{ ...ring, seq }])
    await doorbell.settle()
    const { events } = await rig.client.workflow.getHandle(leadWorkflowId(leadId)).fetchHistory()
    const bells = (events ?? []).filter((event) => event.workflowExecutionSignaledEventAttributes)
    expect(bells.length).toBeLessThanOrEqual(2)
    expect((await rig.lead(leadId)).rung_revision).toBe(500)
  })

  it('never takes back a later revision that was heard', async () => {
    const { leadId, ring } = await rig.post()
    const doorbell = ringer()
    doorbell.ring([{ ...ring, seq: 9 }])
    await doorbell.settle()
    doorbell.ring([{ ...ring, seq: 4 }])
    await doorbell.settle()
    expect((await rig.lead(leadId)).rung_revision).toBe(9)
  })

  it('of a hot lead does not wait behind a queue of imports', async () => {
    const doorbell = createDoorbell({ client: rig.client, store: rig.store, log: rig.log })
    const imports = await postMany(150, 'import')
    expect(imports[0]?.ring.priority).toBe(5)
    doorbell.ring(imports.map(({ ring }) => ring))
    await until(() => doorbell.counts().heard > 4, { what: 'the import to be under way' })
    const hot = await rig.post({ form: true, cadence: 'new-lead' })
    expect(hot.ring.priority).toBe(1)
    doorbell.ring([hot.ring])
    await until(async () => (await rig.status(hot.leadId)) === 'RUNNING', { everyMs: 2 })
    expect(doorbell.counts().open).toBeGreaterThan(40)
    await doorbell.close()
    expect(doorbell.counts()).toMatchObject({ heard: 151, left: 0, open: 0 })
  })

  it('for a lead that does not exist is dropped', async () => {
    const { ring } = await rig.post()
    const doorbell = ringer()
    doorbell.ring([{ ...ring, leadId: `${ring.leadId}x` as typeof ring.leadId }])
    await doorbell.settle()
    expect(doorbell.counts()).toEqual({ heard: 0, left: 1, open: 0 })
    expect(doorbell.healthy).toBe(true)
  })
})

describe('while Temporal is away', () => {
  it('nothing throws, little is tried, and the relay rings everything when it is back', async () => {
    const gate = await createGate(rig.test.address)
    const link = openTemporal(
      { address: gate.address, namespace: rig.test.namespace },
      { role: 'test' },
    )
    const { store, log } = rig
    const doorbell = createDoorbell({ client: link.client, store, log, timeoutMs: 300 })
    const relay = createRelay({ store, doorbell, log, everyMs: 50, graceMs: 0 })
    try {
      expect(await link.check(300)).toMatchObject({
        kind: 'not_reached',
        trouble: { code: 'temporal_away' },
      })
      const posted = [...(await postMany(20)), ...(await postMany(20, 'import'))]
      relay.start()
      doorbell.ring(posted.map(({ ring }) => ring))
      await doorbell.settle()
      expect(doorbell.healthy).toBe(false)
      expect(doorbell.counts().heard).toBe(0)
      for (const { leadId } of posted) expect(await rig.status(leadId)).toBeNull()

      await gate.open()
      await until(() => doorbell.healthy, { what: 'the doorbell to be healthy again' })
      await until(async () => (await unrungAmong(posted)) === 0, { what: 'all to be rung' })
      for (const { leadId } of posted) expect(await rig.status(leadId)).toBe('RUNNING')
      expect(await link.check()).toEqual({ kind: 'reached' })

      // A second outage, with a connection that stood before.
      await gate.shut()
      const later = await postMany(3)
      doorbell.ring(later.map(({ ring }) => ring))
      await doorbell.settle()
      expect(doorbell.healthy).toBe(false)
      await gate.open()
      await until(async () => (await unrungAmong(later)) === 0, { what: 'the later ones' })
    } finally {
      await relay.stop()
      await doorbell.close()
      await link.close()
      await gate.shut()
    }
    expect(rig.logged()).toContain('Temporal does not answer')
    expect(rig.logged()).not.toMatch(/@example\.com|Ada/)
  })

  it('a namespace that is not there is named', async () => {
    const link = openTemporal({ address: rig.test.address, namespace: 'none' }, { role: 'test' })
    expect(await link.check()).toMatchObject({ trouble: { code: 'namespace_missing' } })
    const { store, log } = rig
    const doorbell = createDoorbell({ client: link.client, store, log })
    doorbell.ring([(await rig.post()).ring])
    await doorbell.settle()
    expect(doorbell.healthy).toBe(false)
    await link.close()
  })
})

describe('the relay', () => {
  it('rings imports no faster than it may, and the others at once', async () => {
    const { store, log } = rig
    const doorbell = ringer()
    const relay = createRelay({
      store,
      doorbell,
      log,
      everyMs: 20,
      graceMs: 0,
      importsPerSecond: 5,
    })
    const [imports, others] = [await postMany(30, 'import'), await postMany(30)]
    relay.start()
    await until(async () => (await unrungAmong(others)) === 0)
    expect(await unrungAmong(imports)).toBeGreaterThan(10)
    await until(async () => (await unrungAmong(imports)) < 15, { what: 'imports to follow' })
    await relay.stop()
    await doorbell.close()
  })

  it('leaves alone what its own ringer has just changed', async () => {
    const { store, log } = rig
    const { leadId } = await rig.post()
    const doorbell = ringer()
    const relay = createRelay({ store, doorbell, log, everyMs: 5, graceMs: 3_600_000 })
    relay.start()
    const before = relay.rung()
    const { leadId: other, ring } = await rig.post()
    doorbell.ring([ring])
    await until(async () => (await rig.status(other)) === 'RUNNING')
    expect(relay.rung()).toBe(before)
    expect(await rig.status(leadId)).toBeNull()
    await relay.stop()
    await doorbell.close()
  })
})

async function postMany(count: number, priority?: 'import'): Promise<Posted[]> {
  const posted: Posted[] = []
  const post = priority ? ({ priority, cadence: 'new-lead' } as const) : {}
  for (let n = 0; n < count; n += 1) posted.push(await rig.post(post))
  return posted
}

async function unrungAmong(posted: readonly Posted[]): Promise<number> {
  const rows = await rig.store.db
    .selectFrom('leads')
    .select('id')
    .where(
      'id',
      'in',
      posted.map(({ leadId }) => leadId),
    )
    .whereRef('rung_revision', '<', 'revision')
    .execute()
  return rows.length
}
