import pino from 'pino'
import { beforeEach, describe, expect, it } from 'vitest'
import type { LeadId, TouchId } from '../../src/domain/ids.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS, plus } from '../../src/domain/time.ts'
import { type DeliveryReport, settleByProvider } from '../../src/leads/messages/delivery.ts'
import { textReport } from '../../src/leads/messages/text-report.ts'
import { liftSender } from '../../src/leads/stops/senders.ts'
import { createEvidenceLoop } from '../../src/wiring/evidence.ts'
import { until } from '../support/until.ts'
import { forEachWorkbench, newPerson, noDoorbell, type Workbench } from '../support/workbench.ts'

forEachWorkbench((_, opened) => {
  let bench: Workbench
  beforeEach(() => {
    bench = opened()
  })

  /** A text that was taken by the provider, whose answer never came. */
  async function uncertainText() {
    const person = newPerson()
    const leadId = await bench.post(person, { cadence: 'texts' })
    const plan = await bench.look(leadId)
    const fault = { kind: 'http', status: 503, recorded: true, times: 1 }
    expect(bench.catchers.faults.set(person.phone, fault)).toEqual({ kind: 'set' })
    await bench.touch(leadId, plan)
    const [touch] = await bench.touches(leadId)
    expect(touch).toMatchObject({ state: 'uncertain', evidence: null })
    expect(await openAlerts(leadId)).toEqual(['uncertain'])
    if (touch === undefined) throw new Error('no touch was made')
    return { leadId, touchId: touch.id }
  }
  const openAlerts = async (leadId: LeadId) =>
    (
      await bench.store.db
        .selectFrom('alerts')
        .select('kind')
        .where('lead_id', '=', leadId)
        .where('resolved_at', 'is', null)
        .execute()
    ).map(({ kind }) => kind)
  const report = (
    touchId: Awaited<ReturnType<typeof uncertainText>>['touchId'],
    what: DeliveryReport,
  ) =>
    bench.store.transaction((trx) =>
      settleByProvider(trx, bench.deps.ledgerKey, touchId, {
        providerId: 'SM00000000000000000000000000000001',
        report: what,
        evidence: 'status callback',
        at: bench.clock.now,
      }),
    )

  /** A text that its provider took; the lead stands on the next step since. */
  async function takenText() {
    const person = newPerson()
    const leadId = await bench.post(person, { cadence: 'texts' })
    await bench.touch(leadId, await bench.look(leadId))
    return { leadId, person }
  }
  /** What the status callback of the lead's last text says, told twice. */
  async function fails(leadId: LeadId, errorCode: number) {
    const touch = (await bench.touches(leadId)).findLast(({ state }) => state === 'sent')
    if (touch === undefined) throw new Error('no text was taken')
    const what = textReport('undelivered', errorCode)
    if (what === null) throw new Error('this is no report')
    const told = () =>
      bench.store.transaction((trx) =>
        settleByProvider(trx, bench.deps.ledgerKey, touch.id, {
          providerId: touch.provider_id ?? '',
          report: what,
          evidence: 'status callback',
          at: bench.clock.now,
        }),
      )
    expect(await told()).toMatchObject({ changed: true })
    expect(await told()).toMatchObject({ changed: false })
  }
  const textsOf = async (leadId: LeadId) =>
    (await bench.touches(leadId)).map(({ step_id, attempt, state }) => [step_id, attempt, state])

  describe('a text that was taken and fails afterwards', () => {
    it('30003: is tried again after its time, and a second time, then the cadence goes on', async () => {
      const { leadId } = await takenText()
      for (const attempt of [2, 3]) {
        await fails(leadId, 30003)
        const plan = await bench.look(leadId)
        expect(plan.next).toMatchObject({
          do: 'touch',
          touch: { stepId: 'text', attempt },
          ms: 60 * MINUTE_MS,
        })
        bench.clock.now = plus(bench.clock.now, HOUR_MS)
        await bench.touch(leadId, plan)
      }
      await fails(leadId, 30003)
      expect((await bench.look(leadId)).next).toMatchObject({ touch: { stepId: 'more' } })
      expect(await textsOf(leadId)).toEqual([
        ['text', 1, 'failed'],
        ['text', 2, 'failed'],
        ['text', 3, 'failed'],
      ])
      expect(bench.caught('sms')).toHaveLength(3)
    })

    it('30034: halts the sender, blames nobody, and leaves again when that is mended', async () => {
      const { leadId } = await takenText()
      await fails(leadId, 30034)
      const held = await bench.look(leadId)
      expect(held.details).toContain('the sender is halted')
      const intake = {
        store: bench.store,
        hashKeys: bench.hashKeys,
        doorbell: noDoorbell,
        now: () => bench.clock.now,
      }
      await liftSender(intake, 'sms', 'ops')
      bench.clock.now = plus(bench.clock.now, HOUR_MS)
      await bench.touch(leadId, await bench.look(leadId))
      expect(await textsOf(leadId)).toEqual([
        ['text', 1, 'failed'],
        ['text', 2, 'sent'],
      ])
    })

    it('with a code that nobody knows: once more, then it waits for a person', async () => {
      const { leadId } = await takenText()
      await fails(leadId, 39999)
      bench.clock.now = plus(bench.clock.now, HOUR_MS)
      await bench.touch(leadId, await bench.look(leadId))
      await fails(leadId, 39999)
      expect((await bench.look(leadId)).details).toContain('held: it is parked')
      expect(await openAlerts(leadId)).toEqual(['unknown_answer'])
      await bench.signal(leadId, { kind: 'resume', payload: {} })
      bench.clock.now = plus(bench.clock.now, HOUR_MS)
      await bench.touch(leadId, await bench.look(leadId))
      expect((await textsOf(leadId)).at(-1)).toEqual(['text', 3, 'sent'])
      expect(await openAlerts(leadId)).toEqual([])
    })

    it('is not tried out of its turn, when a later message has left since', async () => {
      const { leadId } = await takenText()
      const [first] = await bench.touches(leadId)
      bench.clock.now = plus(bench.clock.now, DAY_MS)
      await bench.touch(leadId, await bench.look(leadId))
      await bench.store.transaction((trx) =>
        settleByProvider(trx, bench.deps.ledgerKey, first?.id ?? ('' as TouchId), {
          providerId: first?.provider_id ?? '',
          report: textReport('failed', 30003) ?? { kind: 'accepted' },
          evidence: 'status callback',
          at: bench.clock.now,
        }),
      )
      expect((await bench.look(leadId)).next.do).not.toBe('touch')
      expect(bench.caught('sms')).toHaveLength(2)
    })

    it('30004: the third time the number takes no texts any more', async () => {
      const { leadId } = await takenText()
      const validity = async () =>
        (
          await bench.store.db
            .selectFrom('contact_points')
            .select('validity')
            .where('lead_id', '=', leadId)
            .where('kind', '=', 'phone')
            .executeTakeFirstOrThrow()
        ).validity
      for (const [taken, expected] of [
        ['first', 'unknown'],
        ['second', 'unknown'],
        ['third', 'not_capable'],
      ]) {
        await fails(leadId, 30004)
        expect([taken, await validity()]).toEqual([taken, expected])
        if (taken === 'third') continue
        const jump = { kind: 'jump', payload: { step: 'text' } } as const
        await bench.signal(leadId, jump)
        await bench.touch(leadId, await bench.look(leadId))
      }
    })

    it('30007: more than a few, and ops is told, once', async () => {
      for (let n = 0; n < 5; n += 1) await fails((await takenText()).leadId, 30007)
      const filtered = await bench.store.db
        .selectFrom('alerts')
        .select('because')
        .where('kind', '=', 'texts_filtered')
        .execute()
      expect(filtered).toHaveLength(1)
    })
  })

  describe('an uncertain text', () => {
    it('is found in the provider’s list, is settled, and closes the alert; it left once', async () => {
      // The emulator dates by the engine's clock, and the provider's list by the wall's.
      bench.clock.wallAheadMs = bench.clock.now - Date.now()
      const { leadId } = await uncertainText()
      const { sms, ledgerKey } = bench.deps
      const log = pino({ level: 'silent' })
      const loop = createEvidenceLoop({
        intake: { store: bench.store, doorbell: noDoorbell, now: () => bench.clock.now },
        sms,
        ledgerKey,
        log,
        everyMs: 50,
      })
      loop.start()
      const settled = await until(async () => {
        const [touch] = await bench.touches(leadId)
        return touch && touch.state !== 'uncertain' ? touch : null
      })
      await loop.stop()
      expect(['sent', 'delivered']).toContain(settled.state)
      expect(settled.evidence).toContain('list')
      expect(settled.provider_id).toMatch(/^SM/)
      expect(await openAlerts(leadId)).toEqual([])
      expect(bench.caught('sms')).toHaveLength(1)
    })

    it('is settled by a status callback, which closes the alert', async () => {
      const { leadId, touchId } = await uncertainText()
      expect(await report(touchId, { kind: 'delivered' })).toMatchObject({ changed: true })
      expect((await bench.touches(leadId))[0]).toMatchObject({
        state: 'delivered',
        evidence: 'status callback',
      })
      expect(await openAlerts(leadId)).toEqual([])
      expect(await report(touchId, { kind: 'accepted' })).toMatchObject({ changed: false })
      expect((await bench.touches(leadId))[0]?.state).toBe('delivered')
    })
  })
})
