import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import type { LeadId, VisitorId } from '../../src/domain/ids.ts'
import { DAY_MS, HOUR_MS, instant, plus } from '../../src/domain/time.ts'
import { type Action, act } from '../../src/leads/actions.ts'
import { upsertLead } from '../../src/leads/incoming/upsert.ts'
import { newVisitorId, takeVisit } from '../../src/leads/web/visits.ts'
import { devTime } from '../../src/local/dev-fast-forward.ts'
import { type Lab, labRules, startLab } from '../../src/local/lab.ts'
import { findLead } from '../../src/store/leads.ts'
import { linkVisitor } from '../../src/store/people/visitors.ts'
import { type TestNamespace, testNamespace } from '../support/temporal.ts'
import { until } from '../support/until.ts'

let space: TestNamespace
let lab: Lab

beforeAll(async () => {
  space = await testNamespace()
  lab = await startLab({
    temporal: { address: inject('temporalAddress'), namespace: space.namespace },
  })
})
afterAll(async () => {
  await lab?.stop()
  await space?.close()
})

let leads = 0

async function addLead(): Promise<LeadId> {
  const { store, hashKeys, doorbell, now } = lab.intake
  const post = {
    lead: { email: `lead-${++leads}@example.com`, timezone: 'America/New_York' },
    consents: [],
    cadence: undefined,
    form: true,
    visitorId: null,
    dead: null,
  }
  const context = {
    hashKeys,
    rules: await labRules(store),
    via: 'test',
    receivedAt: now(),
    begunBy: 'api',
    eventId: null,
  } as const
  const { lead, ring } = await store.transaction((trx) => upsertLead(trx, post, context))
  if (ring !== null) doorbell.ring([ring])
  return lead.id
}

async function operate(leadId: LeadId, action: Action): Promise<void> {
  const { store, doorbell, now } = lab.intake
  const rules = await labRules(store)
  const context = { who: 'test', receivedAt: now(), rules, eventId: null }
  const { rings } = await store.transaction((trx) => act(trx, leadId, action, context))
  doorbell.ring(rings)
  await doorbell.settle()
}

const sent = (leadId: LeadId) =>
  lab.intake.store.db
    .selectFrom('touches')
    .select(['step_id', 'dispatched_at', 'state'])
    .where('lead_id', '=', leadId)
    .where('state', 'in', ['sent', 'delivered'])
    .orderBy('dispatched_at')
    .execute()

const firstSent = (leadId: LeadId) =>
  until(async () => (await sent(leadId)).length > 0, { what: 'the first email' })

const leadOf = async (leadId: LeadId) => {
  const lead = await findLead(lab.intake.store.db, leadId)
  if (lead === null) throw new Error('the lead is gone')
  return lead
}

describe('fast-forward of one lead', () => {
  it('to its next touch makes exactly one more message, at its own time', async () => {
    const leadId = await addLead()
    await firstSent(leadId)
    for (const count of [2, 3]) {
      expect(await lab.time.fastForward(leadId, 'next-touch')).toEqual({ kind: 'done' })
      const touches = await sent(leadId)
      expect(touches).toHaveLength(count)
      expect(await lab.time.clockOf(leadId)).toBeGreaterThanOrEqual(
        touches.at(-1)?.dispatched_at ?? Number.NaN,
      )
    }
    const [, second] = await sent(leadId)
    expect((second?.dispatched_at ?? 0) - Date.now()).toBeGreaterThan(HOUR_MS)
  })

  it('by days does all that falls due, through the death and on; nobody else’s time moves', async () => {
    const [leadId, other] = [await addLead(), await addLead()]
    await firstSent(leadId)
    await firstSent(other)
    const before = Date.now()
    expect(await lab.time.fastForward(leadId, { ms: 30 * DAY_MS })).toEqual({ kind: 'done' })
    expect(await leadOf(leadId)).toMatchObject({
      status: 'dead',
      dead_reason: 'unresponsive',
      next_kind: 'look',
    })
    const ahead = (await lab.time.clockOf(leadId)) - before
    expect(ahead).toBeGreaterThanOrEqual(30 * DAY_MS)
    expect(ahead).toBeLessThan(30 * DAY_MS + HOUR_MS)
    expect((await lab.time.clockOf(other)) - Date.now()).toBeLessThan(HOUR_MS)
    expect(await leadOf(other)).toMatchObject({ status: 'nurturing' })
  })

  it('to the next touch of a dead lead ends where its life takes a turn: the check-in', async () => {
    const leadId = await addLead()
    await firstSent(leadId)
    await lab.pass(leadId, 30 * DAY_MS)
    expect(await lab.time.fastForward(leadId, 'next-touch')).toEqual({ kind: 'done' })
    expect(await leadOf(leadId)).toMatchObject({ status: 'nurturing' })
  })

  it('makes the same visitor’s next page a new visit', async () => {
    const leadId = await addLead()
    await firstSent(leadId)
    const { store, now } = lab.intake
    const visitorId: VisitorId = newVisitorId()
    await store.transaction((trx) => linkVisitor(trx, visitorId, leadId, 'form', now()))
    const page = () =>
      store.transaction((trx) =>
        takeVisit(trx, {
          visitorId,
          page: 'https://acme.example/',
          kind: 'page',
          token: null,
          identifiedAs: null,
          at: now(),
        }),
      )
    const visits = () =>
      store.db
        .selectFrom('signals')
        .select('id')
        .where('lead_id', '=', leadId)
        .where('kind', '=', 'visit')
        .execute()
    await page()
    await page()
    expect(await visits()).toHaveLength(1)
    await lab.pass(leadId, DAY_MS)
    await page()
    expect(await visits()).toHaveLength(2)
  })

  it('waits for a dated hold, and refuses one that only a person lifts', async () => {
    const leadId = await addLead()
    await firstSent(leadId)
    const date = plus(instant(Date.now()), 60 * DAY_MS)
    await operate(leadId, { kind: 'hold', until: date, because: 'asked for it' })
    expect(await lab.time.fastForward(leadId, 'next-touch')).toEqual({ kind: 'done' })
    expect(await lab.time.clockOf(leadId)).toBeGreaterThanOrEqual(date)
    await operate(leadId, { kind: 'pause', because: 'wait' })
    expect(await lab.time.fastForward(leadId, 'next-touch')).toMatchObject({
      kind: 'refused',
      because: 'The lead is held.',
    })
  })

  it('is refused with a reason and a remedy when nothing is planned or there is no lead', async () => {
    const leadId = await addLead()
    await firstSent(leadId)
    await operate(leadId, { kind: 'convert', note: null })
    const converted = await lab.time.fastForward(leadId, { ms: DAY_MS })
    expect(converted).toMatchObject({ kind: 'refused' })
    expect(converted).toHaveProperty('fix')
    const unknown = await lab.time.fastForward('lead_none' as LeadId, 'next-touch')
    expect(unknown).toMatchObject({ kind: 'refused', because: 'There is no such lead.' })
  })

  it('is refused wherever messages may leave, before anything moves', async () => {
    const leadId = await addLead()
    await firstSent(leadId)
    for (const outbound of ['live', 'allowlist'] as const) {
      const time = devTime({
        connection: lab.engine.link.connection,
        namespace: space.namespace,
        store: lab.intake.store,
        outbound,
      })
      const refused = await time.fastForward(leadId, { ms: DAY_MS })
      expect(refused).toMatchObject({ kind: 'refused', fix: 'Start with OUTBOUND=catch.' })
    }
    expect((await lab.time.clockOf(leadId)) - Date.now()).toBeLessThan(HOUR_MS)
  })
})
