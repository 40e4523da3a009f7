// The engine without Temporal: real activities on a real store, real SMTP and HTTP to catchers,
// and one clock in the test's hand. For tests of what the activities do to the rows.
import { afterAll, beforeAll, beforeEach } from 'vitest'
import type { ActivityDeps, Timing } from '../../src/activities/deps.ts'
import { lookAt } from '../../src/activities/look.ts'
import { makeTouch } from '../../src/activities/touch/touch.ts'
import { parseCadenceSet } from '../../src/domain/cadence/file/set.ts'
import {
  DEFAULT_SETTINGS,
  type EngineRules,
  engineRules,
} from '../../src/domain/company/company.ts'
import type { LookInput, Plan, TouchInput } from '../../src/domain/contract.ts'
import { id, type LeadId, type SignalId } from '../../src/domain/ids.ts'
import type { Signal } from '../../src/domain/signals.ts'
import { type Instant, instant } from '../../src/domain/time.ts'
import { type Accepted, accept } from '../../src/leads/accept.ts'
import type { LeadInput } from '../../src/leads/incoming/lead-fields.ts'
import type { Post } from '../../src/leads/incoming/post.ts'
import { upsertLead } from '../../src/leads/incoming/upsert.ts'
import { publish } from '../../src/leads/publishing/publish.ts'
import { hashesOf, lockContactKeys } from '../../src/leads/stops.ts'
import { type Catchers, startCatchers } from '../../src/local/catchers.ts'
import type { OutboxItem } from '../../src/local/outbox.ts'
import { publishShipped } from '../../src/local/shipped.ts'
import type { Store } from '../../src/store/connect.ts'
import { type HashKeys, hashKeysFrom } from '../../src/store/hash-key.ts'
import { findLead, type LeadRow, lockLead } from '../../src/store/leads.ts'
import { newId } from '../../src/store/new-id.ts'
import type { TouchRow } from '../../src/store/touches.ts'
import type { Doorbell } from '../../src/temporal/doorbell.ts'
import { caughtChannels } from '../../src/wiring/channels.ts'
import { forEachSharedStore } from './stores.ts'

/** A Tuesday, noon in New York: every channel may be used. */
const TUESDAY_NOON = instant(Date.parse('2026-11-24T17:00:00Z'))

const NEW_YORK_AREA_CODES = [212, 332, 347, 646, 718, 917, 929]
let people = 0

interface Person extends LeadInput {
  readonly email: string
  readonly phone: string
}

/** Somebody in New York whom nobody knows yet; nothing of it may reach a history or a log. */
export function newPerson(): Person
export function newPerson<T extends LeadInput>(more: T): Omit<Person, keyof T> & T
export function newPerson(more: LeadInput = {}): LeadInput {
  const n = people++
  const areaCode = NEW_YORK_AREA_CODES[Math.floor(n / 100)]
  if (areaCode === undefined) throw new Error('there are no more numbers to give away')
  return {
    firstName: 'Ada',
    lastName: `Quillfeather${n}`,
    company: 'Quillfeather Works',
    email: `ada${n}@quillfeather.example`,
    phone: `+1${areaCode}55501${String(n % 100).padStart(2, '0')}`,
    zip: '10001',
    source: 'webform',
    ...more,
  }
}

/** Two emails around a text, any hour that the law allows. */
const FILES = [
  {
    path: 'cadences/drip.yaml',
    text: `name: drip
title: Drip
purpose: nurture
priority: 50
steps:
  - { id: first, email: drip/first, at: asap, hours: any }
  - { id: text, sms: drip/text, at: asap, hours: any }
  - { id: last, email: drip/last, after: 1d, at: asap, hours: any }
end-after: 1d
end: { dead: unresponsive }
`,
  },
  {
    path: 'cadences/texts.yaml',
    text: `name: texts
title: Texts
purpose: nurture
priority: 50
steps:
  - { id: text, sms: drip/text, at: asap, hours: any }
  - { id: more, sms: drip/text, after: 1d, at: asap, hours: any }
end-after: 1d
end: { dead: unresponsive }
`,
  },
  {
    path: 'cadences/caller.yaml',
    text: `name: caller
title: Caller
purpose: nurture
priority: 50
steps:
  - { id: call, task: { kind: call, title: Call } }
  - { id: again, after: 1h, task: { kind: voicemail, title: Call again } }
  - { id: letter, after: 1h, task: { kind: other, title: Write a letter } }
  - { id: last, email: drip/last, after: 1d, at: asap, hours: any }
end-after: 1d
end: { dead: unresponsive }
`,
  },
  { path: 'templates/drip/first.md', text: '---\nsubject: First\n---\nHi {{ lead.firstName }}!\n' },
  { path: 'templates/drip/last.md', text: '---\nsubject: Last\n---\nStill there?\n' },
  { path: 'templates/drip/text.sms.txt', text: '{{ company.brand }}: hello!\n' },
]

/** Where an attempt at a touch can be made to stand still. */
export type Stage =
  /** Before the transaction that decides and writes the intent. */
  | 'decide'
  /** In that transaction, when all is written and nothing committed. */
  | 'commit'
  /** Before the transaction that wins the right to send. */
  | 'dispatch'
  /** When the right to send was just won. */
  | 'won'
  /** With the right to send, as the provider is called. */
  | 'send'
  /** With the provider's answer, before it is written down. */
  | 'settle'

/** A place at which an attempt waits until it is let go. */
export interface Stall {
  readonly stage: Stage
  /** Resolves when the attempt has come to the place. */
  readonly reached: Promise<void>
  letGo(): void
  readonly wait: () => Promise<void>
}

export function stallAt(stage: Stage): Stall {
  const arrived = promised()
  const released = promised()
  return {
    stage,
    reached: arrived.promise,
    letGo: released.resolve,
    wait: () => {
      arrived.resolve()
      return released.promise
    },
  }
}

function promised(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {}
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve }
}

export interface Workbench {
  readonly store: Store
  readonly hashKeys: HashKeys
  readonly deps: ActivityDeps
  readonly catchers: Catchers
  readonly rules: EngineRules
  /** The engine's clock, and how far the wall clock is from the real one. */
  readonly clock: { now: Instant; wallAheadMs: number }
  /** Posts a lead's form, by other rules or at another time where these are given. */
  post(
    lead?: LeadInput,
    more?: Partial<Post>,
    by?: EngineRules,
    receivedAt?: Instant,
  ): Promise<LeadId>
  /** Accepts a signal as an edge does, and rings nobody. */
  signal(leadId: LeadId, signal: Signal, eventId?: string): Promise<Accepted>
  look(leadId: LeadId, trouble?: LookInput['trouble'], runId?: string): Promise<Plan>
  /** One attempt at the touch that was planned. */
  touch(leadId: LeadId, plan: Plan, stall?: Stall): Promise<Plan>
  lead(leadId: LeadId): Promise<LeadRow>
  touches(leadId: LeadId): Promise<TouchRow[]>
  /** What was caught in this test, in order. */
  mails(channel?: 'email' | 'sms'): readonly OutboxItem[]
  /** The same as subjects, of texts their words. */
  caught(channel?: 'email' | 'sms'): string[]
  /** Back to Tuesday noon, with no sender halted, no alert open and nothing caught. */
  reset(): Promise<void>
  close(): Promise<void>
}

/** A workbench for a suite on each store; before every test it is as new, but for its leads. */
export function forEachWorkbench(
  suite: (kind: Store['kind'], bench: () => Workbench) => void,
): void {
  forEachSharedStore((kind, store) => {
    let bench: Workbench | null = null
    const opened = () => {
      if (bench === null) throw new Error('the workbench opens before the first test')
      return bench
    }
    beforeAll(async () => {
      bench = await openWorkbench(store())
    })
    beforeEach(() => opened().reset())
    afterAll(() => bench?.close())
    suite(kind, opened)
  })
}

/** Publishes the cadences, and starts catchers; the store stays the caller's. */
async function openWorkbench(store: Store): Promise<Workbench> {
  const clock = { now: TUESDAY_NOON, wallAheadMs: 0 }
  await publishShipped(store, clock.now)
  const set = parseCadenceSet(FILES)
  if (!set.ok) throw new Error(set.problems.map(({ message }) => message).join(' '))
  await store.transaction((trx) => publish(trx, set, 'test', clock.now))

  const catchers = await startCatchers()
  const publicUrl = 'http://127.0.0.1:7400'
  const channels = caughtChannels(catchers, publicUrl)
  const hashKeys = hashKeysFrom('5c'.repeat(32))
  const rules = engineRules(DEFAULT_SETTINGS)
  const deps: ActivityDeps = {
    store,
    settings: () => Promise.resolve(rules),
    ledgerKey: Buffer.alloc(32, 7),
    ...channels,
    publicUrl,
    inboundDomain: 'rekindle.invalid',
  }
  const timing = (): Timing => ({
    mode: 'virtual',
    scheduledAt: clock.now,
    now: () => clock.now,
    wall: () => instant(Date.now() + clock.wallAheadMs),
  })

  let cursor: string | null = null
  const caughtSince = (channel?: 'email' | 'sms') =>
    catchers.outbox.list({ ...(channel && { channel }), ...(cursor !== null && { cursor }) }).items

  return {
    store,
    hashKeys,
    deps,
    catchers,
    rules,
    clock,
    post: async (lead = newPerson(), more = {}, by = rules, receivedAt = clock.now) => {
      const post: Post = {
        lead,
        consents: [textConsent(clock.now)],
        cadence: 'drip',
        form: true,
        visitorId: null,
        dead: null,
        ...more,
      }
      const context = {
        hashKeys,
        rules: by,
        via: 'test',
        receivedAt,
        begunBy: 'api' as const,
        eventId: null,
      }
      const taken = await store.transaction((trx) => upsertLead(trx, post, context))
      return taken.lead.id
    },
    signal: (leadId, signal, eventId) =>
      store.transaction((trx) => acceptNow(trx, leadId, signal, clock.now, eventId)),
    look: (leadId, trouble = null, runId = 'run-1') =>
      lookAt(deps, { v: 1, leadId, trouble }, runId, timing()),
    touch: (leadId, plan, stall) =>
      makeTouch(stall ? stalled(deps, stall) : deps, touchInput(leadId, plan), 'run-1', timing()),
    lead: async (leadId) => {
      const lead = await findLead(store.db, leadId)
      if (lead === null) throw new Error('no such lead')
      return lead
    },
    touches: (leadId) =>
      store.db
        .selectFrom('touches')
        .selectAll()
        .where('lead_id', '=', leadId)
        .orderBy('intent_at')
        .orderBy('attempt')
        .execute(),
    caught: (channel) => caughtSince(channel).map(({ subject, text }) => subject ?? text),
    mails: (channel) => caughtSince(channel),
    reset: async () => {
      Object.assign(clock, { now: TUESDAY_NOON, wallAheadMs: 0 })
      cursor = catchers.outbox.list({ limit: 10_000 }).cursor
      await store.db.deleteFrom('holds').where('scope', '!=', 'lead').execute()
      await store.db.deleteFrom('alerts').execute()
    },
    close: async () => {
      await channels.email.close()
      await channels.sms.close()
      await catchers.close()
    },
  }
}

/** A written consent to texts, given by the lead's own form. */
export function textConsent(at: Instant): Post['consents'][number] {
  return {
    channel: 'sms',
    basis: 'express_written',
    disclosure: 'web-2026-03',
    at,
    source: 'https://acme.example/quote',
    ip: '203.0.113.9',
  }
}

export function touchInput(leadId: LeadId, plan: Plan): TouchInput {
  if (plan.next.do !== 'touch') throw new Error(`no touch is planned: ${plan.details}`)
  return { v: 1, leadId, revision: plan.revision, touch: plan.next.touch }
}

/** Accepts a signal in the caller's transaction: contact keys first, then the lead. */
export async function acceptNow(
  trx: Parameters<typeof accept>[0],
  leadId: LeadId,
  signal: Signal,
  receivedAt: Instant,
  eventId?: string,
): Promise<Accepted> {
  await lockContactKeys(trx, await hashesOf(trx, leadId))
  const lead = await lockLead(trx, leadId)
  if (lead === null) throw new Error('no such lead')
  const signalId = eventId === undefined ? newId<SignalId>('signal') : id<SignalId>(eventId)
  return accept(trx, lead, { id: signalId, signal, via: 'test', receivedAt })
}

/** The same engine, but one attempt stands still at one place. */
function stalled(deps: ActivityDeps, stall: Stall): ActivityDeps {
  const before: Partial<Record<number, Stage>> = { 1: 'decide', 2: 'dispatch', 3: 'settle' }
  let count = 0
  const pauseIf = (stage: Stage | undefined) =>
    stage === stall.stage ? stall.wait() : Promise.resolve()
  const store: Store = {
    ...deps.store,
    transaction: async (work, options) => {
      count += 1
      const mine = count
      await pauseIf(before[mine])
      const result = await deps.store.transaction(async (trx) => {
        const written = await work(trx)
        if (mine === 1) await pauseIf('commit')
        return written
      }, options)
      if (mine === 2) await pauseIf('won')
      return result
    },
  }
  return {
    ...deps,
    store,
    email: {
      ...deps.email,
      send: async (...args) => {
        await pauseIf('send')
        return deps.email.send(...args)
      },
    },
    sms: {
      ...deps.sms,
      send: async (...args) => {
        await pauseIf('send')
        return deps.sms.send(...args)
      },
    },
  }
}

/** Rings nobody: the test looks when it wants to. */
export const noDoorbell: Doorbell = {
  ring: () => {},
  healthy: true,
  settle: () => Promise.resolve(),
}
