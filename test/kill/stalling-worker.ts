// A worker for kill tests: the real activities on the real store and channels, but each attempt
// at a touch of a lead that is named stands still at its place, until this process is killed, or
// is told to go on.
//
//   stalling-worker.ts '{"stalls": {"<lead id>": "before send"}, "bundle": "…", "shiftMs": 0}'
//
// Prints "ready", "stalled <lead id>" for each, and "ended <lead id>" when the attempt is over. A
// line on its input lets all of them go.
import { AsyncLocalStorage } from 'node:async_hooks'
import { once } from 'node:events'
import { NativeConnection, Worker } from '@temporalio/worker'
import { z } from 'zod'
import type { ActivityDeps, Timing } from '../../src/activities/deps.ts'
import { createActivities } from '../../src/activities/index.ts'
import { readConfig } from '../../src/config.ts'
import { type Plan, TASK_QUEUES, type TouchInput } from '../../src/domain/contract.ts'
import { instant } from '../../src/domain/time.ts'
import { channelsOf } from '../../src/wiring/channels.ts'
import { cachedSettings } from '../../src/wiring/engine.ts'
import { derivedKey } from '../../src/wiring/keys.ts'
import { createLog, installRuntime } from '../../src/wiring/log.ts'
import { openConfiguredStore } from '../../src/wiring/store.ts'
import { temporalOf } from '../../src/wiring/temporal.ts'
import { type AtStall, type Attempt, STALLS, stalling } from './stalls.ts'

const options = z
  .object({
    stalls: z.record(z.string(), z.enum(STALLS)).default({}),
    bundle: z.string(),
    /** How far this machine's clock stands ahead of (or, negative, behind) the others'. */
    shiftMs: z.number().default(0),
  })
  .parse(JSON.parse(process.argv[2] ?? '{}'))

const reading = readConfig()
if (!reading.ok) throw new Error(reading.problems.join('\n'))
const { config } = reading
installRuntime(createLog(config))
const { store, hashKeys } = await openConfiguredStore(config, 'stalling worker', false)
const publicUrl = config.PUBLIC_URL ?? 'http://127.0.0.1:1'
const deps: ActivityDeps = {
  store,
  settings: cachedSettings(store),
  ledgerKey: derivedKey(hashKeys, 'ledger'),
  ...channelsOf(config, publicUrl),
  publicUrl,
  inboundDomain: 'rekindle.invalid',
}

const attempts = new AsyncLocalStorage<Attempt>()
const letGo = once(process.stdin, 'data')
const atStall: AtStall = async (leadId, stall) => {
  if (options.stalls[leadId] !== stall) return
  process.stdout.write(`stalled ${leadId}\n`)
  await letGo
}
const real = createActivities(stalling(deps, attempts, atStall), shiftedTiming)
const activities: typeof real = {
  look: real.look,
  touch: (input) => attempts.run({ leadId: input.leadId, transactions: 0 }, () => attempt(input)),
}

async function attempt(input: TouchInput): Promise<Plan> {
  const { leadId } = input
  try {
    await atStall(leadId, 'begin')
    const plan = await real.touch(input)
    await atStall(leadId, 'end')
    return plan
  } finally {
    process.stdout.write(`ended ${leadId}\n`)
  }
}

function shiftedTiming(scheduledAt: Timing['scheduledAt']): Timing {
  const now = () => instant(Date.now() + options.shiftMs)
  return { mode: 'wall', scheduledAt, now, wall: now }
}

const { address, namespace } = temporalOf(config)
const connection = await NativeConnection.connect({ address })
const base = { connection, namespace, activities, maxConcurrentActivityTaskExecutions: 100 }
const workers = [
  await Worker.create({
    ...base,
    taskQueue: TASK_QUEUES.leads,
    workflowBundle: { codePath: options.bundle },
  }),
  await Worker.create({ ...base, taskQueue: TASK_QUEUES.email }),
  await Worker.create({ ...base, taskQueue: TASK_QUEUES.sms }),
]
process.stdout.write('ready\n')
await Promise.all(workers.map((worker) => worker.run()))
