import { Client, type WorkflowHandle } from '@temporalio/client'
import { ApplicationFailure } from '@temporalio/common'
import { NativeConnection, Worker } from '@temporalio/worker'
import pino from 'pino'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import type { LeadActivities } from '../../src/activities/contract.ts'
import { withoutWords } from '../../src/activities/failure.ts'
import {
  DOORBELL,
  LEAD_WORKFLOW,
  type LeadAttributes,
  type LookInput,
  leadWorkflowId,
  type Next,
  type Plan,
  STATUS_QUERY,
  type StepTouchRef,
  TASK_QUEUES,
  type TouchInput,
} from '../../src/domain/contract.ts'
import { type EpisodeId, id, type LeadId } from '../../src/domain/ids.ts'
import { DAY_MS } from '../../src/domain/time.ts'
import { enableTimeSkipping } from '../../src/local/temporal/time-skipping.ts'
import { newId } from '../../src/store/new-id.ts'
import { installRuntime } from '../../src/wiring/log.ts'
import { everyWordOf, recordGolden } from '../support/golden.ts'
import { type TestNamespace, testNamespace } from '../support/temporal.ts'
import { until } from '../support/until.ts'

/** The workflow alone, with activities that say what the test tells them to. */
let test: TestNamespace
let client: Client
let stop: () => Promise<void>

const asked: { what: 'look' | 'touch'; input: LookInput | TouchInput }[] = []
let answerLook: LeadActivities['look']
let answerTouch: LeadActivities['touch']
const activities: LeadActivities = {
  look: (input) => {
    asked.push({ what: 'look', input })
    return answerLook(input)
  },
  touch: (input) => {
    asked.push({ what: 'touch', input })
    return answerTouch(input)
  },
}

beforeAll(async () => {
  installRuntime(pino({ level: 'silent' }))
  test = await testNamespace()
  client = new Client({ connection: test.connection, namespace: test.namespace })
  const connection = await NativeConnection.connect({ address: test.address })
  const workers = await Promise.all(
    Object.values(TASK_QUEUES).map((taskQueue) =>
      Worker.create({
        connection,
        namespace: test.namespace,
        taskQueue,
        activities,
        ...(taskQueue === TASK_QUEUES.leads && {
          workflowBundle: { codePath: inject('workflowBundlePath') },
        }),
      }),
    ),
  )
  const runs = workers.map((worker) => worker.run())
  stop = async () => {
    for (const worker of workers) worker.shutdown()
    await Promise.all(runs)
    await connection.close()
    await test.close()
  }
})
afterAll(() => stop?.())

beforeEach(() => {
  asked.length = 0
  answerLook = () => Promise.resolve(plan({ do: 'wait', ms: null }))
  answerTouch = () => Promise.resolve(plan({ do: 'wait', ms: null }))
})

/** The workflow of the test, ended with it: one that skips time would ask for ever. */
let running: WorkflowHandle | null = null
afterEach(async () => {
  const handle = running
  running = null
  await handle?.terminate().catch(() => {})
  await until(async () => handle === null || !(await isOpen(handle)))
})

const isOpen = async (handle: WorkflowHandle) => (await handle.describe()).status.name === 'RUNNING'

const touch = (more: Partial<StepTouchRef> = {}): StepTouchRef => ({
  episodeId: id<EpisodeId>('episode_1'),
  stepId: 'hello',
  visit: 1,
  attempt: 1,
  channel: 'email',
  ...more,
})
const plan = (next: Next, more: Partial<Plan> = {}): Plan => ({
  v: 1,
  revision: 1,
  next,
  summary: 'step hello, email',
  details: 'step hello, email: allowed then',
  priority: 1,
  transitioned: null,
  ...more,
})
const NURTURING: LeadAttributes = {
  status: 'nurturing',
  deadReason: null,
  cadence: 'new-lead',
  source: 'webform',
  owner: 'sam',
}

async function start() {
  const leadId = newId<LeadId>('lead')
  const workflowId = leadWorkflowId(leadId)
  const handle = await client.workflow.start(LEAD_WORKFLOW, {
    workflowId,
    taskQueue: TASK_QUEUES.leads,
    args: [{ v: 1, leadId }],
  })
  const current = client.workflow.getHandle(workflowId)
  running = current
  return {
    leadId,
    handle,
    current,
    address: { namespace: test.namespace, workflowId },
  }
}
const whats = () => asked.map(({ what }) => what)
const waitFor = (count: number) => until(() => asked.length >= count, { what: `${count} calls` })

describe('the lead workflow', () => {
  it('looks, makes the touch that is planned, and goes on with the plan it brings', async () => {
    answerLook = () => Promise.resolve(plan({ do: 'touch', ms: 0, touch: touch() }))
    const { leadId, current } = await start()
    await waitFor(2)
    expect(whats()).toEqual(['look', 'touch'])
    expect(asked[1]?.input).toEqual({ v: 1, leadId, revision: 1, touch: touch() })
    await until(async () => (await current.query<Plan>(STATUS_QUERY))?.next.do === 'wait')
  })

  it('looks again at a bell, and does not make the touch it was waiting for', async () => {
    let revision = 1
    answerLook = () =>
      Promise.resolve(plan({ do: 'touch', ms: DAY_MS, touch: touch() }, { revision }))
    const { current } = await start()
    await waitFor(1)
    revision = 2
    await current.signal(DOORBELL, { seq: 2, kind: 'reply' })
    await waitFor(2)
    await until(async () => (await current.query<Plan>(STATUS_QUERY)).revision === 2)
    expect(whats()).toEqual(['look', 'look'])
  })

  it('tells ops in words what it waits for, and why', async () => {
    const details = 'step hello, sms, Tue 24 Nov 10:05 New York: the window opens then'
    answerLook = () =>
      Promise.resolve(plan({ do: 'touch', ms: DAY_MS, touch: touch() }, { details }))
    const { current } = await start()
    await waitFor(1)
    const metadata = () =>
      current.query<{ currentDetails?: string }>('__temporal_workflow_metadata')
    await until(async () => (await metadata()).currentDetails === details)
    const timer = await until(async () => {
      const { events } = await current.fetchHistory()
      return events?.find((event) => event.timerStartedEventAttributes)
    })
    expect(Buffer.from(timer.userMetadata?.summary?.data ?? []).toString()).toBe(
      '"step hello, email"',
    )
  })

  it('does not look for a bell that its plan has seen already', async () => {
    answerLook = () => Promise.resolve(plan({ do: 'wait', ms: null }, { revision: 7 }))
    const { current } = await start()
    await waitFor(1)
    await until(async () => (await current.query<Plan | null>(STATUS_QUERY)) !== null)
    await current.signal(DOORBELL, { seq: 7, kind: 'reply' })
    await current.signal(DOORBELL, { seq: 3, kind: 'relay' })
    await until(async () => signalsIn((await current.fetchHistory()).events) === 2)
    await current.query(STATUS_QUERY)
    expect(whats()).toEqual(['look'])
  })

  it('looks once, not for ever, at a bell ahead of a store that was restored', async () => {
    const { current } = await start()
    await waitFor(1)
    await until(async () => (await current.query<Plan | null>(STATUS_QUERY)) !== null)
    await current.signal(DOORBELL, { seq: 1_000_000, kind: 'relay' })
    await waitFor(2)
    await until(async () => isIdle((await current.describe()).raw))
    await current.signal(DOORBELL, { seq: 1_000_001, kind: 'relay' })
    await waitFor(3)
    await until(async () => isIdle((await current.describe()).raw))
    expect(whats()).toEqual(['look', 'look', 'look'])
  })

  it('continues as new at a transition, with the lead’s words for ops and the plan in hand', async () => {
    answerLook = () =>
      Promise.resolve(plan({ do: 'wait', ms: null }, { revision: 4, transitioned: NURTURING }))
    const { handle, current } = await start()
    await until(async () => (await current.describe()).runId !== handle.firstExecutionRunId)
    await until(async () => (await current.query<Plan | null>(STATUS_QUERY)) !== null)
    const { searchAttributes } = await current.describe()
    expect(searchAttributes).toMatchObject({
      LeadStatus: ['nurturing'],
      Cadence: ['new-lead'],
      Source: ['webform'],
      Owner: ['sam'],
    })
    expect(whats()).toEqual(['look'])
    expect(await current.query(STATUS_QUERY)).toMatchObject({ revision: 4, transitioned: null })
  })

  it('completes when nothing more will happen, and a bell starts it anew', async () => {
    answerLook = () => Promise.resolve(plan({ do: 'complete' }))
    const { handle, leadId } = await start()
    await handle.result()
    const again = await client.workflow.signalWithStart(LEAD_WORKFLOW, {
      workflowId: leadWorkflowId(leadId),
      taskQueue: TASK_QUEUES.leads,
      args: [{ v: 1, leadId }],
      signal: DOORBELL,
      signalArgs: [{ seq: 2, kind: 'visit' }],
    })
    await again.result()
    // The bell told of more than the first plan had seen: it looks until it has.
    expect(new Set(whats())).toEqual(new Set(['look']))
    expect(asked.length).toBeGreaterThanOrEqual(2)
  })

  it('parks a lead whose touch cannot even be tried; no failure ends it, none holds a word', async () => {
    const secret = 'ada@quillfeather.example'
    let looks = 0
    answerLook = ({ trouble }) => {
      looks += 1
      return Promise.resolve(
        trouble === null && looks === 1
          ? plan({ do: 'touch', ms: 0, touch: touch() })
          : plan({ do: 'wait', ms: 15 * 60_000 }),
      )
    }
    answerTouch = () => {
      throw withoutWords('touch', new TypeError(`cannot write to ${secret}`))
    }
    const { current, address } = await start()
    await waitFor(2)
    await enableTimeSkipping(test.connection, address)
    await until(() => whats().lastIndexOf('look') > whats().indexOf('touch'), {
      what: 'the look after the failure',
    })
    const tries = whats().filter((what) => what === 'touch').length
    expect(tries).toBe(8)
    const parked = asked.find(
      ({ what, input }) => what === 'look' && 'trouble' in input && input.trouble !== null,
    )
    expect(parked?.input).toMatchObject({ trouble: 'touch_failed' })
    expect((await current.describe()).status.name).toBe('RUNNING')
    const history = await current.fetchHistory()
    const failed = history.events?.find((event) => event.activityTaskFailedEventAttributes)
    const failure = failed?.activityTaskFailedEventAttributes?.failure
    expect(failure?.message).toBe('touch failed: TypeError')
    expect(failure?.stackTrace).toContain('lead.server.test.ts')
    expect(everyWordOf(history)).not.toContain(secret)
    recordGolden('parked-1', history)
  })

  it('keeps on looking for as long as the store is away', async () => {
    let failures = 0
    answerLook = () => {
      failures += 1
      if (failures < 4) throw ApplicationFailure.create({ message: 'away', type: 'away' })
      return Promise.resolve(plan({ do: 'wait', ms: null }))
    }
    const { current, address } = await start()
    await enableTimeSkipping(test.connection, address)
    await until(async () => (await current.query<Plan | null>(STATUS_QUERY)) !== null)
    expect(failures).toBe(4)
    expect((await current.describe()).status.name).toBe('RUNNING')
  })
})

interface Raw {
  readonly pendingActivities?: readonly unknown[] | null
  readonly pendingWorkflowTask?: unknown
}

/** Nothing is under way: the workflow has said all it had to say. */
function isIdle({ pendingActivities, pendingWorkflowTask }: Raw): boolean {
  return (pendingActivities ?? []).length === 0 && !pendingWorkflowTask
}

function signalsIn(
  events: { workflowExecutionSignaledEventAttributes?: unknown }[] | null | undefined,
) {
  return (events ?? []).filter((event) => event.workflowExecutionSignaledEventAttributes).length
}
