// One lab for a test file, and the things that leads, their owners and the world do in it.
import pino from 'pino'
import { inject } from 'vitest'
import { LEAD_WORKFLOW, leadWorkflowId } from '../../src/domain/contract.ts'
import type { LeadId, SignalId } from '../../src/domain/ids.ts'
import type { Signal } from '../../src/domain/signals.ts'
import { DAY_MS, type Instant } from '../../src/domain/time.ts'
import { type Accepted, accept } from '../../src/leads/accept.ts'
import { type Action, act } from '../../src/leads/actions.ts'
import type { ConsentInput } from '../../src/leads/incoming/consents.ts'
import type { LeadInput } from '../../src/leads/incoming/lead-fields.ts'
import type { Post } from '../../src/leads/incoming/post.ts'
import { upsertLead } from '../../src/leads/incoming/upsert.ts'
import { ringOf } from '../../src/leads/intake.ts'
import { takeOptOut } from '../../src/leads/person-signals.ts'
import { hashesOf, lockContactKeys } from '../../src/leads/stops.ts'
import { type Lab, labRules, startLab } from '../../src/local/lab.ts'
import type { OutboxItem } from '../../src/local/outbox.ts'
import { findLead, type LeadRow, lockLead } from '../../src/store/leads.ts'
import { newId } from '../../src/store/new-id.ts'
import { installRuntime } from '../../src/wiring/log.ts'
import { type TestNamespace, testNamespace } from './temporal.ts'
import { until } from './until.ts'

export class Play {
  readonly lab: Lab
  readonly space: TestNamespace

  private constructor(lab: Lab, space: TestNamespace) {
    this.lab = lab
    this.space = space
  }

  static async open(): Promise<Play> {
    installRuntime(pino({ level: 'silent' }))
    const space = await testNamespace()
    const { address, namespace } = space
    const bundle = { codePath: inject('workflowBundlePath') }
    const lab = await startLab({ temporal: { address, namespace }, bundle })
    return new Play(lab, space)
  }

  async close(): Promise<void> {
    await this.lab.stop()
    await this.space.close()
  }

  /** A consent to texts, as a form records it. */
  consent(at: Instant = this.lab.intake.now()): ConsentInput {
    const source = 'https://acme.example/quote'
    return { channel: 'sms', basis: 'express_written', disclosure: 'web-1', at, source, ip: null }
  }

  async post(lead: LeadInput, more: Partial<Post> = {}) {
    const { store, hashKeys, doorbell, now } = this.lab.intake
    const post: Post = {
      lead,
      consents: [],
      cadence: 'new-lead',
      form: true,
      visitorId: null,
      dead: null,
      ...more,
    }
    const rules = await labRules(store)
    const done = await store.transaction((trx) =>
      upsertLead(trx, post, {
        hashKeys,
        rules,
        via: 'test',
        receivedAt: now(),
        begunBy: 'api',
        eventId: null,
      }),
    )
    if (done.ring) doorbell.ring([done.ring])
    return done
  }

  /** A signal of any kind, as an edge would accept it. */
  async signal(leadId: LeadId, signal: Signal, id: string = newId('signal')): Promise<Accepted> {
    const { store, doorbell, now } = this.lab.intake
    const done = await store.transaction(async (trx) => {
      await lockContactKeys(trx, await hashesOf(trx, leadId))
      const lead = await lockLead(trx, leadId)
      if (lead === null) throw new Error('no such lead')
      return accept(trx, lead, {
        id: id as SignalId,
        signal,
        via: 'test',
        receivedAt: now(),
      })
    })
    if (done.kind === 'accepted' && done.rings) doorbell.ring([ringOf(done.lead, signal.kind)])
    return done
  }

  visit(leadId: LeadId, id?: string): Promise<Accepted> {
    const payload = { sessionId: id ?? 's', visitorId: null, page: '/pricing', interacted: true }
    return this.signal(leadId, { kind: 'visit', payload }, id)
  }

  reply(leadId: LeadId, text: string): Promise<Accepted> {
    const payload = { channel: 'email', text, subject: null, touchId: null } as const
    return this.signal(leadId, { kind: 'reply', payload })
  }

  async stopText(phone: string): Promise<void> {
    const { store, hashKeys, doorbell, now } = this.lab.intake
    const taken = await store.transaction((trx) =>
      takeOptOut(
        trx,
        hashKeys,
        { kind: 'phone', value: phone },
        {
          id: newId('sms'),
          signal: { kind: 'opt_out', payload: { channel: 'sms', how: 'text STOP', words: 'STOP' } },
          via: 'test',
          receivedAt: now(),
        },
      ),
    )
    doorbell.ring(taken.rings)
  }

  async operate(leadId: LeadId, action: Action): Promise<void> {
    const { store, doorbell, now } = this.lab.intake
    const rules = await labRules(store)
    const context = { who: 'test', receivedAt: now(), rules, eventId: null }
    const { rings } = await store.transaction((trx) => act(trx, leadId, action, context))
    doorbell.ring(rings)
  }

  async row(leadId: LeadId): Promise<LeadRow> {
    const row = await findLead(this.lab.intake.store.db, leadId)
    if (row === null) throw new Error('no such lead')
    return row
  }

  /** Waits until the planner has seen everything and the lead stands as wanted. */
  async planned(leadId: LeadId, is: (row: LeadRow) => boolean = () => true): Promise<LeadRow> {
    return until(
      async () => {
        const row = await this.row(leadId)
        return row.next_kind !== 'unplanned' && is(row) ? row : null
      },
      { what: 'the plan of the lead', timeoutMs: 60_000 },
    )
  }

  days(leadId: LeadId, days: number): Promise<void> {
    return this.lab.pass(leadId, days * DAY_MS)
  }

  /** What reached an address or number, oldest first. */
  caught(...to: readonly string[]): OutboxItem[] {
    return to
      .flatMap((each) => [...this.lab.catchers.outbox.list({ to: each }).items])
      .sort((a, b) => a.at - b.at)
  }

  workflow(leadId: LeadId) {
    return this.lab.engine.link.client.workflow.getHandle(leadWorkflowId(leadId))
  }

  /** All runs of the lead's workflow that Temporal lists, oldest first. */
  async runs(leadId: LeadId) {
    const { workflow } = this.lab.engine.link.client
    const query = `WorkflowType = '${LEAD_WORKFLOW}' AND WorkflowId = '${leadWorkflowId(leadId)}'`
    const runs = []
    for await (const run of workflow.list({ query })) runs.push(run)
    return runs.sort((a, b) => a.startTime.getTime() - b.startTime.getTime())
  }
}
