// The real Temporal server for the tests, in memory and able to skip time.
//
// As a vitest global set-up it starts one server for the whole run and provides its address
// (`inject('temporalAddress')`). `TEST_TEMPORAL_ADDRESS` names a server to use instead; it must
// skip time and let namespaces be registered. TEMPORAL_ADDRESS is never looked at.
import { randomUUID } from 'node:crypto'
import { Connection } from '@temporalio/client'
import { inject } from 'vitest'
import type { TestProject } from 'vitest/node'
import { ensureNamespace, ensureSearchAttributes } from '../../src/local/temporal/namespace.ts'
import { startTemporal } from '../../src/local/temporal/server.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** host:port of a running Temporal server that skips time where it is switched on. */
    temporalAddress: string
  }
}

interface TestServer {
  readonly address: string
  readonly stop: () => Promise<void>
}

/** Vitest's global set-up: see the head of this file. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const run = shared()
  run.users += 1
  run.server ??= start()
  const server = await run.server
  project.provide('temporalAddress', server.address)
  return async () => {
    run.users -= 1
    if (run.users === 0) await server.stop()
  }
}

async function start(): Promise<TestServer> {
  const address = process.env.TEST_TEMPORAL_ADDRESS
  if (address) return { address, stop: async () => {} }
  const result = await startTemporal({
    store: { kind: 'memory' },
    private: true,
    timeSkipping: 'required',
    ui: false,
    onProgress: (line) => console.log(line),
  })
  if (result.kind === 'started') return result.server
  throw new Error(`${result.problem.message} ${result.problem.fix}`)
}

/** A namespace of its own on the shared server, with our search attributes registered. */
export interface TestNamespace {
  readonly address: string
  readonly namespace: string
  /** Started workflows keep real time; wrap it with `withTimeSkipping` for virtual time. */
  readonly connection: Connection
  /** Closes the connection; the namespace goes with the server. */
  readonly close: () => Promise<void>
}

/** Registers a fresh namespace, so that a test file sees no workflows but its own. */
export async function testNamespace(): Promise<TestNamespace> {
  const address = inject('temporalAddress')
  const namespace = `test-${randomUUID()}`
  const connection = await Connection.connect({ address })
  await ensureNamespace(connection, namespace, { retentionDays: 1 })
  await ensureSearchAttributes(connection, namespace)
  return { address, namespace, connection, close: () => connection.close() }
}

interface SharedRun {
  users: number
  server: Promise<TestServer> | null
}

/** Several vitest projects load this file, each its own copy; the server is one all the same. */
function shared(): SharedRun {
  const key = Symbol.for('rekindle.test.temporal')
  const holder = globalThis as { [key: symbol]: SharedRun | undefined }
  return (holder[key] ??= { users: 0, server: null })
}
