import pino from 'pino'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeTouch } from '../../src/activities/touch/touch.ts'
import { parseSmsStatus } from '../../src/channels/sms/inbound.ts'
import type { OutgoingSms, SmsChannel } from '../../src/channels/types.ts'
import { DEFAULT_SETTINGS, engineRules } from '../../src/domain/company/company.ts'
import type { Plan } from '../../src/domain/contract.ts'
import type { LeadId } from '../../src/domain/ids.ts'
import { HOUR_MS, instant, plus } from '../../src/domain/time.ts'
import { takeStatus } from '../../src/leads/replies/inbound-texts.ts'
import { liftSender } from '../../src/leads/stops/senders.ts'
import { caughtChannels, caughtLookup } from '../../src/wiring/channels.ts'
import { createEvidenceLoop } from '../../src/wiring/evidence.ts'
import { createPhoneLookupLoop } from '../../src/wiring/phone-lookups.ts'
import { RecordingDoorbell } from '../api/harness.ts'
import { startStatusReceiver } from '../support/status-receiver.ts'
import { until } from '../support/until.ts'
import {
  forEachWorkbench,
  newPerson,
  noDoorbell,
  touchInput,
  type Workbench,
} from '../support/workbench.ts'

/** What Twilio does wrong, and what becomes of the lead: told by its rows, over real HTTP. */
forEachWorkbench((_, opened) => {
  let bench: Workbench
  let reports: Awaited<ReturnType<typeof startStatusReceiver>>
  beforeAll(async () => {
    reports = await startStatusReceiver(async (form, touch) => {
      const status = parseSmsStatus(form)
      const intake = {
        store: bench.store,
        hashKeys: bench.hashKeys,
        doorbell: noDoorbell,
        now: () => bench.clock.now,
        ledgerKey: bench.deps.ledgerKey,
      }
      if (status) await takeStatus(intake, status, { named: touch, evidence: 'status callback' })
    })
  })
  afterAll(() => reports.close())
  beforeEach(() => {
    bench = opened()
  })

  async function due(fault: object | null) {
    const lead = newPerson()
    const leadId = await bench.post(lead, { cadence: 'texts' })
    if (fault !== null) bench.catchers.faults.set(lead.phone, fault)
    return { leadId, plan: await bench.look(leadId), to: lead.phone }
  }

  /** The workbench's channel, whose reports come back; impatient, for answers that never come. */
  const impatient = (): SmsChannel => {
    const { sms } = caughtChannels(bench.catchers, reports.url)
    return { ...sms, send: (message: OutgoingSms) => sms.send(message, { deadlineMs: 2_000 }) }
  }

  async function touch(leadId: LeadId, plan: Plan) {
    if (plan.next.do === 'touch') bench.clock.now = plus(bench.clock.now, plan.next.ms)
    const now = bench.clock.now
    const wall = () => instant(Date.now())
    const timing = { mode: 'virtual', scheduledAt: now, now: () => now, wall } as const
    return makeTouch({ ...bench.deps, sms: impatient() }, touchInput(leadId, plan), 'run-1', timing)
  }

  const stepOf = (plan: Plan) =>
    plan.next.do === 'touch' && 'stepId' in plan.next.touch ? plan.next.touch.stepId : plan.next.do
  const arrived = (to: string) => bench.mails('sms').filter((text) => text.to === to).length
  const states = async (leadId: LeadId) => (await bench.touches(leadId)).map(({ state }) => state)
  const settled = (leadId: LeadId, state: string) =>
    until(async () => (await states(leadId)).at(-1) === state)
  const validity = async (leadId: LeadId) =>
    (
      await bench.store.db
        .selectFrom('contact_points')
        .select('validity')
        .where('lead_id', '=', leadId)
        .where('kind', '=', 'phone')
        .executeTakeFirstOrThrow()
    ).validity

  it.each([
    ['429', { kind: 'http', status: 429, retryAfterS: 30, times: 1 }],
    ['its own error 20429', { kind: 'create-error', code: 20429, status: 429, times: 1 }],
    ['30001 in a report', { kind: 'callback-error', code: 30001, times: 1 }],
    ['30003 in a report', { kind: 'callback-error', code: 30003, times: 1 }],
  ])('%s: the same text goes later, once, and the number stays good', async (_what, fault) => {
    const { leadId, plan, to } = await due(fault)
    await touch(leadId, plan)
    await settled(leadId, 'failed')
    const before = arrived(to)
    const again = await bench.look(leadId)
    expect(stepOf(again)).toBe('text')
    await touch(leadId, again)
    await settled(leadId, 'delivered')
    expect(await states(leadId)).toEqual(['failed', 'delivered'])
    expect(arrived(to) - before).toBe(1)
    expect(await validity(leadId)).toBe('valid')
  })

  it('30003 again and again ends the step, and blames nobody', async () => {
    const { leadId, plan, to } = await due({ kind: 'callback-error', code: 30003 })
    let next = plan
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      await touch(leadId, next)
      await until(
        async () => (await states(leadId)).filter((s) => s === 'failed').length === attempt,
      )
      next = await bench.look(leadId)
    }
    expect(stepOf(next)).toBe('more')
    expect(await validity(leadId)).toBe('unknown')
    expect(arrived(to)).toBe(3)
    expect((await bench.lead(leadId)).status).toBe('nurturing')
  })

  it.each([
    ['time-out after acceptance', { kind: 'timeout-after-acceptance', times: 1 }],
    ['500, though it took the text', { kind: 'http', status: 500, recorded: true, times: 1 }],
  ])('%s: uncertain until the report, and never sent again', async (_what, fault) => {
    const { leadId, plan, to } = await due(fault)
    const next = await touch(leadId, plan)
    expect(stepOf(next)).toBe('more')
    await settled(leadId, 'delivered')
    // Nothing of the doubt stands on it any more.
    const known = { evidence: 'status callback', because: null, failure_code: null }
    expect((await bench.touches(leadId))[0]).toMatchObject(known)
    await bench.look(leadId)
    expect(arrived(to)).toBe(1)
  })

  it('time-out without any report: Twilio’s list settles it', async () => {
    const fault = { kind: 'timeout-after-acceptance', callbacks: false, times: 1 }
    const { leadId, plan, to } = await due(fault)
    await touch(leadId, plan)
    expect(await states(leadId)).toEqual(['uncertain'])
    // The engine's clock stands in the test's hand; the list is asked by the wall's.
    await bench.store.db
      .updateTable('touches')
      .set({ dispatched_wall_at: bench.clock.now })
      .where('lead_id', '=', leadId)
      .execute()
    const loop = createEvidenceLoop({
      intake: { store: bench.store, doorbell: noDoorbell, now: () => bench.clock.now },
      sms: impatient(),
      ledgerKey: bench.deps.ledgerKey,
      log: pino({ level: 'silent' }),
      everyMs: 20,
    })
    loop.start()
    await settled(leadId, 'sent')
    await loop.stop()
    expect(arrived(to)).toBe(1)
  })

  it('500 that took nothing stays uncertain: one text less is better than one twice', async () => {
    const { leadId, plan, to } = await due({ kind: 'http', status: 500, times: 1 })
    expect(stepOf(await touch(leadId, plan))).toBe('more')
    expect(await states(leadId)).toEqual(['uncertain'])
    expect(arrived(to)).toBe(0)
  })

  it.each([
    ['21610 when it is created', { kind: 'create-error', code: 21610 }],
    ['21610 in a report', { kind: 'callback-error', code: 21610 }],
  ])('%s: the person has stopped texts, and email is left', async (_what, fault) => {
    const { leadId, plan } = await due(fault)
    await touch(leadId, plan)
    await settled(leadId, 'failed')
    expect((await bench.lead(leadId)).status).toBe('nurturing')
    bench.clock.now = plus(bench.clock.now, 30 * HOUR_MS)
    expect(stepOf(await bench.look(leadId))).not.toBe('more')
    const kinds = await bench.store.db
      .selectFrom('signals')
      .select('kind')
      .where('lead_id', '=', leadId)
      .where('kind', 'in', ['opt_out', 'hard_bounce', 'soft_bounce'])
      .execute()
    expect(kinds).toEqual([{ kind: 'opt_out' }])
  })

  it('30006 in a report: the number keeps for calls, and gets no text', async () => {
    const { leadId, plan, to } = await due({ kind: 'callback-error', code: 30006 })
    await touch(leadId, plan)
    await settled(leadId, 'failed')
    expect(await validity(leadId)).toBe('not_capable')
    bench.clock.now = plus(bench.clock.now, 30 * HOUR_MS)
    await bench.look(leadId)
    expect(arrived(to)).toBe(1)
  })

  it('30034 in a report halts the sender; mended, the same text goes, once', async () => {
    const { leadId, plan, to } = await due({ kind: 'callback-error', code: 30034, times: 1 })
    await touch(leadId, plan)
    await settled(leadId, 'failed')
    expect(stepOf(await bench.look(leadId))).toBe('wait')
    const { store, hashKeys, clock } = bench
    const intake = { store, hashKeys, doorbell: new RecordingDoorbell(), now: () => clock.now }
    expect(await liftSender(intake, 'sms', 'test')).toBe(true)
    const before = arrived(to)
    await touch(leadId, await bench.look(leadId))
    await settled(leadId, 'delivered')
    expect(arrived(to) - before).toBe(1)
  })

  it('99999, which nobody knows, is tried once more, and then a person looks', async () => {
    const { leadId, plan } = await due({ kind: 'callback-error', code: 99999 })
    await touch(leadId, plan)
    await settled(leadId, 'failed')
    await touch(leadId, await bench.look(leadId))
    await until(async () => {
      const alerts = await bench.store.db
        .selectFrom('alerts')
        .select('kind')
        .where('lead_id', '=', leadId)
        .execute()
      return alerts.some(({ kind }) => kind === 'unknown_answer')
    })
    expect(stepOf(await bench.look(leadId))).toBe('wait')
  })

  describe('a number that is looked up', () => {
    const settings = engineRules({ ...DEFAULT_SETTINGS, lookUpPhones: true })
    const loop = () =>
      createPhoneLookupLoop({
        intake: {
          store: bench.store,
          hashKeys: bench.hashKeys,
          doorbell: noDoorbell,
          now: () => instant(Date.now()),
        },
        ...caughtLookup(bench.catchers),
        log: pino({ level: 'silent' }),
        everyMs: 20,
      })
    /** Captured by the wall clock, as an edge does. */
    async function captured(line: object) {
      const lead = newPerson()
      bench.catchers.faults.set(lead.phone, line)
      const leadId = await bench.post(lead, { cadence: 'texts' }, settings, instant(Date.now()))
      return { leadId, to: lead.phone }
    }
    const attempt = async (leadId: LeadId) => {
      const now = bench.clock.now
      const wall = () => instant(Date.now())
      const timing = { mode: 'virtual', scheduledAt: now, now: () => now, wall } as const
      const deps = { ...bench.deps, settings: () => Promise.resolve(settings) }
      const plan = await bench.look(leadId)
      return plan.next.do === 'touch'
        ? makeTouch(deps, touchInput(leadId, plan), 'run-1', timing)
        : plan
    }
    const lookups = () => bench.store.db.selectFrom('phone_lookups').selectAll().execute()

    it('waits a moment for the answer; a landline gets no text, and a task to call stays', async () => {
      const { leadId, to } = await captured({ kind: 'line', type: 'landline' })
      const waits = await attempt(leadId)
      expect(waits).toMatchObject({ next: { do: 'wait', ms: 5_000 } })
      const one = loop()
      one.start()
      await until(async () => (await lookups()).some(({ state }) => state === 'known'))
      await one.stop()
      await attempt(leadId)
      expect(arrived(to)).toBe(0)
      const dropped = await bench.store.db
        .selectFrom('ledger_entries')
        .select('payload')
        .where('lead_id', '=', leadId)
        .where('kind', '=', 'decision')
        .execute()
      expect(JSON.stringify(dropped)).toContain('landline')
      // Known for every lead that has it.
      const other = await bench.post({
        phone: to,
        email: `other-${to.slice(-4)}@quillfeather.example`,
      })
      expect(other).not.toBe(leadId)
    })

    it('nobody waits for a Twilio that fails: the text goes', async () => {
      const { leadId, to } = await captured({ kind: 'line', status: 401 })
      const one = loop()
      one.start()
      await until(async () => (await lookups()).every(({ state }) => state !== 'due'))
      await one.stop()
      await attempt(leadId)
      expect(arrived(to)).toBe(1)
    })
  })
})
