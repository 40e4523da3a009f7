import { beforeEach, describe, expect, it } from 'vitest'
import type { LeadId } from '../../src/domain/ids.ts'
import type { Signal } from '../../src/domain/signals.ts'
import { acceptNow, forEachWorkbench, type Workbench } from '../support/workbench.ts'

const VISIT: Signal = {
  kind: 'visit',
  payload: { sessionId: 's-1', visitorId: null, page: null, interacted: true },
}
const CLICK: Signal = { kind: 'click', payload: { touchId: null, target: 'https://acme.example' } }
const REPLY: Signal = {
  kind: 'reply',
  payload: { channel: 'sms', text: 'Who is this?', subject: null, touchId: null },
}

forEachWorkbench((_, opened) => {
  let bench: Workbench
  beforeEach(() => {
    bench = opened()
  })
  const signalsOf = (leadId: LeadId) =>
    bench.store.db
      .selectFrom('signals')
      .select(['seq', 'kind', 'processed_at', 'effect'])
      .where('lead_id', '=', leadId)
      .orderBy('seq')
      .execute()

  describe('an event', () => {
    it('is a row in the lead’s own sequence, and makes its plan stale', async () => {
      const leadId = await bench.post()
      const plan = await bench.look(leadId)
      await bench.signal(leadId, VISIT)
      expect(await signalsOf(leadId)).toMatchObject([
        { seq: 1, kind: 'form', processed_at: bench.clock.now },
        { seq: 2, kind: 'visit', processed_at: null },
      ])
      expect(await bench.lead(leadId)).toMatchObject({
        revision: plan.revision + 1,
        next_kind: 'unplanned',
      })
    })

    it('that came before changes nothing the second time', async () => {
      const leadId = await bench.post()
      expect((await bench.signal(leadId, VISIT, `visit-of-${leadId}`)).kind).toBe('accepted')
      const before = await bench.lead(leadId)
      expect((await bench.signal(leadId, VISIT, `visit-of-${leadId}`)).kind).toBe('repeated')
      expect(await bench.lead(leadId)).toEqual(before)
    })

    it('that changes nothing is stored and rings nobody', async () => {
      const leadId = await bench.post()
      const { revision } = await bench.look(leadId)
      expect(await bench.signal(leadId, CLICK)).toMatchObject({ kind: 'accepted', rings: false })
      expect(await bench.lead(leadId)).toMatchObject({ revision, next_kind: 'touch' })
      expect((await signalsOf(leadId)).at(-1)).toMatchObject({
        kind: 'click',
        effect: 'recorded: a click alone never changes a state',
      })
    })

    it('that cannot be obeyed is refused with words, and not stored', async () => {
      const leadId = await bench.post()
      const refused = await bench.signal(leadId, { kind: 'revive', payload: { cadence: null } })
      expect(refused).toMatchObject({ kind: 'refused', because: 'the lead is alive' })
      expect(await signalsOf(leadId)).toHaveLength(1)
    })

    it('of an erased person is not even stored', async () => {
      const leadId = await bench.post()
      await bench.signal(leadId, { kind: 'erase', payload: {} })
      const known = await signalsOf(leadId)
      expect((await bench.signal(leadId, VISIT)).kind).toBe('ignored')
      expect(await signalsOf(leadId)).toEqual(known)
    })

    it('of a duplicate goes to the lead that survived', async () => {
      const survivor = await bench.post()
      const leadId = await bench.post()
      const details = { reason: 'duplicate', survivor } as const
      await bench.signal(leadId, { kind: 'mark_dead', payload: { details } })
      const accepted = await bench.signal(leadId, REPLY)
      expect(accepted.lead.id).toBe(survivor)
      expect((await bench.lead(survivor)).status).toBe('engaged')
      expect((await bench.lead(leadId)).dead_reason).toBe('duplicate')
    })
  })

  it('numbers what comes at once without a gap', async () => {
    const leadId = await bench.post()
    await Promise.all(Array.from({ length: 12 }, () => bench.signal(leadId, VISIT)))
    const seqs = (await signalsOf(leadId)).map(({ seq }) => seq)
    expect(seqs).toEqual(Array.from({ length: 13 }, (_, n) => n + 1))
    expect((await bench.lead(leadId)).last_seq).toBe(13)
  })

  it('holds every channel at a reply, before anybody looks', async () => {
    const leadId = await bench.post()
    const plan = await bench.look(leadId)
    await bench.signal(leadId, REPLY)
    expect(await bench.lead(leadId)).toMatchObject({ status: 'engaged', episode_id: null })
    const tasks = await bench.store.db
      .selectFrom('tasks')
      .select(['kind', 'title', 'done_at'])
      .where('lead_id', '=', leadId)
      .execute()
    expect(tasks).toEqual([{ kind: 'reply', title: 'Answer the lead', done_at: null }])
    await bench.touch(leadId, plan)
    expect(bench.caught()).toEqual([])
  })

  it('undoes all of itself when the transaction fails', async () => {
    const leadId = await bench.post()
    const before = await bench.lead(leadId)
    const broken = bench.store.transaction(async (trx) => {
      await acceptNow(trx, leadId, REPLY, bench.clock.now)
      throw new Error('undone')
    })
    await expect(broken).rejects.toThrow('undone')
    expect(await bench.lead(leadId)).toEqual(before)
  })
})
