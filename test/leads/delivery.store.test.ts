import pino from 'pino'
import { beforeEach, describe, expect, it } from 'vitest'
import type { LeadId } from '../../src/domain/ids.ts'
import { type DeliveryReport, settleByProvider } from '../../src/leads/delivery.ts'
import { createEvidenceLoop } from '../../src/wiring/evidence.ts'
import { until } from '../support/until.ts'
import { forEachWorkbench, newPerson, type Workbench } from '../support/workbench.ts'

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

  describe('an uncertain text', () => {
    it('is found in the provider’s list, is settled, and closes the alert; it left once', async () => {
      const { leadId } = await uncertainText()
      const { sms, ledgerKey } = bench.deps
      const log = pino({ level: 'silent' })
      const loop = createEvidenceLoop({ store: bench.store, sms, ledgerKey, log, everyMs: 50 })
      loop.start()
      const settled = await until(async () => {
        const [touch] = await bench.touches(leadId)
        return touch?.state === 'sent' ? touch : null
      })
      await loop.stop()
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
