// A whole engine in virtual time for one test file: the shared Temporal server, a namespace and a
// store of its own, the bundle that was made once, and catchers.
import pino from 'pino'
import { afterAll, beforeAll, inject } from 'vitest'
import type { LeadId, SignalId } from '../../src/domain/ids.ts'
import type { Signal } from '../../src/domain/signals.ts'
import { type Instant, instant } from '../../src/domain/time.ts'
import { type Accepted, accept } from '../../src/leads/accept.ts'
import { ringOf } from '../../src/leads/intake.ts'
import type { LeadInput } from '../../src/leads/lead-fields.ts'
import type { Post, Upserted } from '../../src/leads/post.ts'
import { hashesOf, lockContactKeys } from '../../src/leads/stops.ts'
import { upsertLead } from '../../src/leads/upsert.ts'
import { type Lab, labRules, startLab } from '../../src/local/lab.ts'
import type { OutboxItem } from '../../src/local/outbox.ts'
import { findLead, type LeadRow, lockLead } from '../../src/store/leads.ts'
import { newId } from '../../src/store/new-id.ts'
import { installRuntime } from '../../src/wiring/log.ts'
import { testNamespace, type TestNamespace } from './temporal.ts'
import { until } from './until.ts'
import { newPerson, textConsent } from './workbench.ts'

export interface TestLab {
  readonly lab: Lab
  readonly namespace: TestNamespace
  /** Posts a lead's own form, unless `more` says otherwise, and rings as the api does. */
  post(lead?: LeadInput, more?: Partial<Post>): Promise<Upserted>
  /** Accepts a signal and rings as the api does; waits until the planner has looked. */
  signal(leadId: LeadId, signal: Signal): Promise<Accepted>
  /** Lets the lead live for so long on its own clock. */
  pass(leadId: LeadId, ms: number): Promise<void>
  /** What the lead's own clock shows. */
  clockOf(leadId: LeadId): Promise<Instant>
  lead(leadId: LeadId): Promise<LeadRow>
  /** The lead's row once it is planned and its workflow has heard all bells. */
  settled(leadId: LeadId): Promise<LeadRow>
  /** Steps that were dropped, and why, in order. */
  dropped(leadId: LeadId): Promise<{ step: string; by: string }[]>
  /** What was caught for these contact points, in order. */
  mails(...to: readonly (string | null | undefined)[]): OutboxItem[]
}

/** Opens the lab before the tests of a file and stops it after them. */
export function testLab(): () => TestLab {
  let opened: TestLab | null = null
  beforeAll(async () => {
    opened = await open()
  })
  afterAll(async () => {
    await opened?.lab.stop()
    await opened?.namespace.close()
  })
  return () => {
    if (opened === null) throw new Error('the lab opens before the first test')
    return opened
  }
}

async function open(): Promise<TestLab> {
  installRuntime(pino({ level: 'silent' }))
  const namespace = await testNamespace()
  const lab = await startLab({
    temporal: { address: namespace.address, namespace: namespace.namespace },
    bundle: { codePath: inject('workflowBundlePath') },
  })
  const { store, hashKeys, doorbell } = lab.intake
  const rules = await labRules(store)

  const lead = async (leadId: LeadId) => {
    const row = await findLead(store.db, leadId)
    if (row === null) throw new Error('no such lead')
    return row
  }
  const settled = (leadId: LeadId) =>
    until(
      async () => {
        const row = await lead(leadId)
        return row.next_kind !== 'unplanned' && row.rung_revision >= row.revision ? row : null
      },
      { what: 'a plan' },
    )

  return {
    lab,
    namespace,
    post: async (input = newPerson(), more = {}) => {
      const receivedAt = instant(Date.now())
      const post: Post = {
        lead: input,
        consents: [textConsent(receivedAt)],
        cadence: 'new-lead',
        form: true,
        visitorId: null,
        dead: null,
        ...more,
      }
      const context = {
        hashKeys,
        rules,
        via: 'test',
        receivedAt,
        begunBy: 'api',
        eventId: null,
      } as const
      const taken = await store.transaction((trx) => upsertLead(trx, post, context))
      if (taken.ring) doorbell.ring([taken.ring])
      return taken
    },
    signal: async (leadId, signal) => {
      const accepted = await store.transaction(async (trx) => {
        await lockContactKeys(trx, await hashesOf(trx, leadId))
        const row = await lockLead(trx, leadId)
        if (row === null) throw new Error('no such lead')
        const receivedAt = instant(Date.now())
        return accept(trx, row, { id: newId<SignalId>('signal'), signal, via: 'test', receivedAt })
      })
      if (accepted.kind === 'accepted' && accepted.rings) {
        doorbell.ring([ringOf(accepted.lead, signal.kind)])
      }
      await settled(accepted.lead.id)
      return accepted
    },
    pass: (leadId, ms) => lab.pass(leadId, ms),
    clockOf: (leadId) => lab.time.clockOf(leadId),
    lead,
    settled,
    dropped: async (leadId) => {
      const entries = await store.db
        .selectFrom('ledger_entries')
        .select('meta')
        .where('lead_id', '=', leadId)
        .where('kind', '=', 'decision')
        .orderBy('seq')
        .execute()
      return entries.flatMap(({ meta }) =>
        meta.verdict === 'dropped' ? [{ step: String(meta.step), by: String(meta.by) }] : [],
      )
    },
    mails: (...to) =>
      lab.catchers.outbox
        .list({ limit: 10_000 })
        .items.filter((item) => to.some((each) => each === item.to)),
  }
}
