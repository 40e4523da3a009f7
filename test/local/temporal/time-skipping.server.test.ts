import { fileURLToPath } from 'node:url'
import { activityInfo } from '@temporalio/activity'
import { Client } from '@temporalio/client'
import { NativeConnection, Worker } from '@temporalio/worker'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DAY_MS, HOUR_MS } from '../../../src/domain/time.ts'
import {
  disableTimeSkipping,
  enableTimeSkipping,
  fastForward,
  supportsTimeSkipping,
  virtualClock,
  withTimeSkipping,
} from '../../../src/local/temporal/time-skipping.ts'
import { type TestNamespace, testNamespace } from '../../support/temporal.ts'
import { until } from '../../support/until.ts'
import type * as workflows from './clock-workflows.ts'
import type { ClockActivities } from './clock-workflows.ts'

const taskQueue = 'clock'
/** Real time passes too while a test runs. */
const SLACK_MS = 60_000

let test: TestNamespace
let native: NativeConnection
let worker: Worker
let working: Promise<void>
/** Starts workflows on real time, and on virtual time. */
let real: Client
let virtual: Client
let letGo: () => void = () => {}
/** A test that failed may have left its activity blocked, and the worker waits for it. */
let ended: () => void = () => {}

beforeAll(async () => {
  test = await testNamespace()
  const { address, namespace, connection } = test
  native = await NativeConnection.connect({ address })
  const end = new Promise<void>((resolve) => (ended = resolve))
  const activities: ClockActivities = {
    virtualNow: async () => activityInfo().currentAttemptScheduledTimestampMs,
    block: () => Promise.race([new Promise<void>((resolve) => (letGo = resolve)), end]),
  }
  worker = await Worker.create({
    connection: native,
    namespace,
    taskQueue,
    activities,
    workflowsPath: fileURLToPath(new URL('./clock-workflows.ts', import.meta.url)),
  })
  working = worker.run()
  real = new Client({ connection, namespace })
  virtual = new Client({ connection: withTimeSkipping(connection), namespace })
})

afterAll(async () => {
  ended()
  worker.shutdown()
  await working
  await native.close()
  await test.close()
})

let count = 0
function newWorkflow() {
  count += 1
  const workflowId = `clock-${count}`
  return { workflowId, address: { namespace: test.namespace, workflowId } }
}

async function readClock(address: { namespace: string; workflowId: string }) {
  return virtualClock(test.connection, address)
}

function isNear(actualMs: number, expectedMs: number) {
  expect(actualMs - expectedMs).toBeGreaterThanOrEqual(-1_000)
  expect(actualMs - expectedMs).toBeLessThan(SLACK_MS)
}

describe('time skipping', () => {
  it('is reported as supported by the server that the tests start', async () => {
    expect(await supportsTimeSkipping(test.connection, test.namespace)).toBe(true)
  })

  it('carries a workflow that starts through the connection over months in seconds', async () => {
    const { workflowId } = newWorkflow()
    const started = Date.now()
    const pauses = Array.from({ length: 12 }, () => 30 * DAY_MS)
    const at = await virtual.workflow.execute<typeof workflows.touches>('touches', {
      workflowId,
      taskQueue,
      args: [pauses],
    })
    expect(Date.now() - started).toBeLessThan(30_000)
    for (const [index, when] of at.entries()) isNear(when, started + (index + 1) * 30 * DAY_MS)
  })

  it('does so after a signal-with-start too', async () => {
    const { workflowId, address } = newWorkflow()
    const handle = await virtual.workflow.signalWithStart('touches', {
      workflowId,
      taskQueue,
      args: [[10 * DAY_MS]],
      signal: 'bell',
    })
    await handle.result()
    expect((await readClock(address)).offsetMs).toBeGreaterThan(9 * DAY_MS)
  })

  it('leaves a workflow alone that was started without it', async () => {
    const { workflowId, address } = newWorkflow()
    const options = { workflowId, taskQueue }
    await real.workflow.start('touches', { ...options, args: [[DAY_MS]] })
    expect(await readClock(address)).toMatchObject({ offsetMs: 0, skipping: false })
  })

  it('can be switched on and off while a workflow runs', async () => {
    const { workflowId, address } = newWorkflow()
    const options = { workflowId, taskQueue, args: [[DAY_MS, DAY_MS]] }
    const handle = await real.workflow.start('touches', options)
    await disableTimeSkipping(test.connection, address)
    expect(await readClock(address)).toMatchObject({ skipping: false })
    await enableTimeSkipping(test.connection, address)
    await handle.result()
    expect((await readClock(address)).offsetMs).toBeGreaterThan(2 * DAY_MS - SLACK_MS)
  })
})

describe('fastForward', () => {
  it('does what falls due on the way, stops at its target, and can be repeated', async () => {
    const { workflowId, address } = newWorkflow()
    const pauses = [30 * DAY_MS, 30 * DAY_MS, 30 * DAY_MS]
    const options = { workflowId, taskQueue, args: [pauses] }
    const handle = await real.workflow.start('touches', options)

    const first = await fastForward(test.connection, address, 45 * DAY_MS)
    expect(first.kind).toBe('reached')
    expect(await touchesIn(handle)).toBe(1)
    const clock = await readClock(address)
    isNear(clock.now, Date.now() + 45 * DAY_MS - 1_000)
    expect(clock.skipping).toBe(false)

    const second = await fastForward(test.connection, address, 20 * DAY_MS)
    expect(second.kind).toBe('reached')
    expect(await touchesIn(handle)).toBe(2)
  })

  it('to the instant of the next timer lets that timer fire', async () => {
    const { workflowId, address } = newWorkflow()
    const options = { workflowId, taskQueue, args: [[3 * HOUR_MS, DAY_MS]] }
    const handle = await real.workflow.start('touches', options)
    const due = await until(async () => nextTimer(handle), { what: 'the timer' })
    const { now } = await readClock(address)
    const reached = await fastForward(test.connection, address, due - now)
    expect(reached.kind).toBe('reached')
    await until(async () => (await touchesIn(handle)) === 1, { what: 'the touch' })
    isNear((await readClock(address)).now, due)
  })

  it('goes on through continue-as-new', async () => {
    const { workflowId, address } = newWorkflow()
    await real.workflow.start('hops', { workflowId, taskQueue, args: [3, 10 * DAY_MS] })
    const first = await real.workflow.getHandle(workflowId).describe()
    const started = Date.now()
    const result = await fastForward(test.connection, address, 25 * DAY_MS)
    expect(result.kind).toBe('reached')
    const now = await real.workflow.getHandle(workflowId).describe()
    expect(now.runId).not.toBe(first.runId)
    expect(await runsOf(workflowId)).toBe(3)
    isNear((await readClock(address)).now, started + 25 * DAY_MS)
  })

  it('moves a workflow that waits without a timer', async () => {
    const { workflowId, address } = newWorkflow()
    await real.workflow.start('patient', { workflowId, taskQueue })
    const result = await fastForward(test.connection, address, 500 * DAY_MS)
    expect(result.kind).toBe('reached')
    isNear((await readClock(address)).offsetMs, 500 * DAY_MS - 1_000)
  })

  it('waits for an activity that runs, and goes on after it', async () => {
    const { workflowId, address } = newWorkflow()
    const handle = await real.workflow.start('heldUp', { workflowId, taskQueue, args: [DAY_MS] })
    const held = await fastForward(test.connection, address, 2 * HOUR_MS, 1_500)
    expect(held).toEqual({ kind: 'waiting' })
    expect((await readClock(address)).offsetMs).toBeLessThan(HOUR_MS)
    await until(async () => (await handle.describe()).raw.pendingActivities?.[0]?.lastStartedTime)
    letGo()
    await until(async () => (await readClock(address)).offsetMs > 1.9 * HOUR_MS)
    expect((await readClock(address)).skipping).toBe(false)
  })

  it('says so when the workflow completes on the way', async () => {
    const { workflowId, address } = newWorkflow()
    const handle = await real.workflow.start('touches', { workflowId, taskQueue, args: [[DAY_MS]] })
    expect(await fastForward(test.connection, address, 30 * DAY_MS)).toEqual({ kind: 'ended' })
    await handle.result()
    isNear((await readClock(address)).offsetMs, DAY_MS - 1_000)
  })

  it('says so when the workflow does not run, or never did', async () => {
    const { workflowId, address } = newWorkflow()
    expect(await fastForward(test.connection, address, DAY_MS)).toEqual({ kind: 'ended' })
    await virtual.workflow.execute('touches', { workflowId, taskQueue, args: [[DAY_MS]] })
    expect(await fastForward(test.connection, address, DAY_MS)).toEqual({ kind: 'ended' })
  })

  it('gives way to a later one', async () => {
    const { workflowId, address } = newWorkflow()
    const handle = await real.workflow.start('heldUp', { workflowId, taskQueue, args: [DAY_MS] })
    await until(async () => (await handle.describe()).raw.pendingActivities?.[0]?.lastStartedTime)
    const first = fastForward(test.connection, address, HOUR_MS)
    await until(async () => (await readClock(address)).skipping)
    const second = fastForward(test.connection, address, 2 * HOUR_MS)
    expect((await first).kind).toBe('replaced')
    letGo()
    expect((await second).kind).toBe('reached')
  })
})

describe('a new workflow of an old id', () => {
  it('starts at real time', async () => {
    const { workflowId, address } = newWorkflow()
    const options = { workflowId, taskQueue }
    await virtual.workflow.execute('touches', { ...options, args: [[300 * DAY_MS]] })
    await until(() => real.workflow.start('patient', options), { what: 'the new workflow' })
    expect((await readClock(address)).offsetMs).toBe(0)
  })
})

interface History {
  fetchHistory(): ReturnType<ReturnType<Client['workflow']['getHandle']>['fetchHistory']>
}

async function touchesIn(handle: History): Promise<number> {
  const { events } = await handle.fetchHistory()
  return (events ?? []).filter((event) => event.activityTaskCompletedEventAttributes).length
}

/** When the first timer fires, on the workflow's own clock. */
async function nextTimer(handle: History): Promise<number | null> {
  const { events } = await handle.fetchHistory()
  const started = events?.find((event) => event.timerStartedEventAttributes)
  const length = started?.timerStartedEventAttributes?.startToFireTimeout
  if (!started?.eventTime || !length) return null
  return Number(started.eventTime.seconds) * 1_000 + Number(length.seconds) * 1_000
}

async function runsOf(workflowId: string): Promise<number> {
  let runs = 0
  await until(async () => {
    runs = (await real.workflow.count(`WorkflowId = '${workflowId}'`)).count
    return runs >= 3
  })
  return runs
}
