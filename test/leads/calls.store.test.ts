import { beforeEach, describe, expect, it } from 'vitest'
import type { LeadId } from '../../src/domain/ids.ts'
import { DAY_MS, HOUR_MS, plus } from '../../src/domain/time.ts'
import { evidencePack } from '../../src/leads/evidence/evidence-pack.ts'
import { evidencePage } from '../../src/leads/evidence/evidence-page.ts'
import { loadPerson } from '../../src/leads/people.ts'
import { beginCall, explainCall, finishTask } from '../../src/leads/tasks/calls.ts'
import { relationshipOf } from '../../src/leads/tasks/relationship.ts'
import { patchLead } from '../../src/store/leads.ts'
import { addTask, type NewTask } from '../../src/store/work/tasks.ts'
import { forEachWorkbench, newPerson, type Workbench } from '../support/workbench.ts'

forEachWorkbench((kind, opened) => {
  let bench: Workbench
  beforeEach(() => {
    bench = opened()
  })

  const context = () => ({
    who: 'test',
    at: bench.clock.now,
    rules: bench.rules,
    ledgerKey: bench.deps.ledgerKey,
  })
  const give = async (leadId: LeadId, task: NewTask['kind'] = 'call'): Promise<string> => {
    await addTask(bench.store.db, {
      leadId,
      kind: task,
      title: 'Call',
      because: 'the lead asked for it',
      assignee: null,
      dueAt: null,
      at: bench.clock.now,
    })
    const rows = await bench.store.db
      .selectFrom('tasks')
      .select('id')
      .where('lead_id', '=', leadId)
      .where('kind', '=', task)
      .where('done_at', 'is', null)
      .execute()
    return rows.at(-1)?.id ?? ''
  }
  const begin = (taskId: string) =>
    bench.store.transaction((trx) => beginCall(trx, taskId, context()))
  const done = (taskId: string, called = true) =>
    bench.store.transaction((trx) => finishTask(trx, taskId, called, context()))
  const counted = async (leadId: LeadId) => {
    const { policy } = await loadPerson(bench.store.db, await bench.lead(leadId), bench.clock.now)
    return policy.recent.filter(({ channel }) => channel === 'call').length
  }
  const decisions = async (leadId: LeadId) => {
    const rows = await bench.store.db
      .selectFrom('ledger_entries')
      .select(['meta', 'payload'])
      .where('lead_id', '=', leadId)
      .where('kind', '=', 'decision')
      .orderBy('seq')
      .execute()
    return rows.filter(({ meta }) => meta.channel === 'call')
  }

  describe('a call', () => {
    it('is asked about again when the phone is taken up, recorded, and counts once', async () => {
      const leadId = await bench.post()
      const taskId = await give(leadId)
      expect(await begin(taskId)).toMatchObject({ leadId, allowed: true, nextAllowedAt: null })
      expect(await counted(leadId)).toBe(1)
      expect(await done(taskId)).toEqual({ leadId, call: null })
      expect(await counted(leadId)).toBe(1)
      expect(await decisions(leadId)).toMatchObject([
        {
          meta: { verdict: 'allowed', task: taskId },
          payload: { local: 'Tue 24 Nov 12:00 New York' },
        },
      ])
    })

    it('is denied at night, long after its task was given, and counts for nothing', async () => {
      const leadId = await bench.post()
      const taskId = await give(leadId)
      bench.clock.now = plus(bench.clock.now, 11 * HOUR_MS)
      const said = await begin(taskId)
      expect(said).toMatchObject({ allowed: false, nextAllowedAt: '2026-11-25T13:00:00Z' })
      expect(said.words).toMatch(/^Not now\. It is 23:00 New York, outside/)
      expect(await counted(leadId)).toBe(0)
      expect(await decisions(leadId)).toMatchObject([
        { meta: { verdict: 'denied', by: 'calling_window' }, payload: { because: said.words } },
      ])
    })

    it('that was made all the same counts, and whoever made it hears that it was not allowed', async () => {
      const leadId = await bench.post()
      const taskId = await give(leadId, 'voicemail')
      await bench.signal(leadId, {
        kind: 'opt_out',
        payload: { channel: 'sms', how: 'text STOP', words: null },
      })
      // The stop has closed the task: what was open then is no call any more.
      expect(await done(taskId)).toEqual({ leadId, call: null })
      expect(await counted(leadId)).toBe(0)
      const another = await give(leadId)
      expect((await done(another)).call).toMatchObject({ allowed: false })
      expect(await counted(leadId)).toBe(1)
      expect((await decisions(leadId)).at(-1)).toMatchObject({ meta: { by: 'suppression' } })
    })

    it('that was not made, or is no call, counts for nothing', async () => {
      const leadId = await bench.post()
      expect(await done(await give(leadId), false)).toEqual({ leadId, call: null })
      const letter = await give(leadId, 'other')
      await expect(begin(letter)).rejects.toMatchObject({ code: 'no_call' })
      expect(await done(letter)).toEqual({ leadId, call: null })
      await expect(begin(letter)).rejects.toMatchObject({ code: 'no_call' })
      expect(await counted(leadId)).toBe(0)
      expect(await decisions(leadId)).toEqual([])
      await expect(begin('task_of_nobody')).rejects.toMatchObject({ status: 404 })
    })

    it('that is reported counts, is not counted again by its task, and an incoming one does not', async () => {
      const leadId = await bench.post()
      const taskId = await give(leadId)
      const payload = { outcome: null, note: null }
      await bench.signal(leadId, { kind: 'call', payload: { ...payload, from: 'lead' } })
      expect(await counted(leadId)).toBe(0)
      await bench.signal(leadId, { kind: 'call', payload })
      expect(await counted(leadId)).toBe(1)
      await done(taskId)
      expect(await counted(leadId)).toBe(1)
    })

    it('of a person counts for every lead with the number: of five at once, three may', async () => {
      const { phone } = newPerson()
      const ids: LeadId[] = []
      for (let n = 0; n < 5; n += 1) {
        ids.push(await bench.post(newPerson({ phone }), { cadence: 'drip' }))
      }
      const tasks = await Promise.all(ids.map((leadId) => give(leadId)))
      const said = await Promise.all(tasks.map(begin))
      expect(said.filter(({ allowed }) => allowed)).toHaveLength(3)
      for (const leadId of ids) expect(await counted(leadId)).toBe(3)
      const [first] = ids
      if (first === undefined) throw new Error('there are five')
      const now = await explainCall(
        bench.store.db,
        await bench.lead(first),
        bench.clock.now,
        bench.rules,
      )
      expect(now.words).toContain('3 texts and calls in 24 hours, and the law allows 3')
    })

    it('stands in the evidence with what was decided then', async () => {
      const leadId = await bench.post()
      await begin(await give(leadId))
      await bench.signal(leadId, { kind: 'call', payload: { outcome: null, note: null } })
      const lead = await bench.lead(leadId)
      const pack = await evidencePack(bench.store, lead, [bench.deps.ledgerKey], bench.clock.now)
      expect(pack.chain.sound).toBe(true)
      expect(pack.calls).toMatchObject([{ decision: { verdict: 'allowed' } }, { decision: null }])
      const page = String(await evidencePage(pack))
      expect(page).toContain('Reported from elsewhere')
    })
  })

  describe('an established business relationship', () => {
    it('is that of the person, whichever of its leads asked or bought', async () => {
      const { phone } = newPerson()
      const one = await bench.post(newPerson({ phone }), { form: false, cadence: null })
      const other = await bench.post(newPerson({ phone }), { form: false, cadence: null })
      expect(await relationshipOf(bench.store.db, one)).toEqual({
        inquiredAt: null,
        boughtAt: null,
      })
      await bench.signal(other, { kind: 'form', payload: { cadence: null, freshConsent: false } })
      await bench.signal(other, { kind: 'purchase', payload: { amount: null, currency: null } })
      expect(await relationshipOf(bench.store.db, one)).toEqual({
        inquiredAt: bench.clock.now,
        boughtAt: bench.clock.now,
      })
      const stranger = await bench.post(newPerson(), { form: false, cadence: null })
      expect((await relationshipOf(bench.store.db, stranger)).boughtAt).toBeNull()
    })
  })

  describe('a check-in by telephone', () => {
    const postponed = async () => {
      const leadId = await bench.post(newPerson(), { form: false, cadence: null })
      await bench.signal(leadId, {
        kind: 'mark_dead',
        payload: { details: { reason: 'postponing', postponements: [] } },
      })
      await bench.look(leadId)
      await patchLead(bench.store.db, await bench.lead(leadId), { check_in_at: bench.clock.now })
      return leadId
    }
    const openCalls = async (leadId: LeadId) =>
      (
        await bench.store.db
          .selectFrom('tasks')
          .select('title')
          .where('lead_id', '=', leadId)
          .where('kind', '=', 'call')
          .where('done_at', 'is', null)
          .execute()
      ).map(({ title }) => title)

    it('waits until the law’s cap has room', async () => {
      const leadId = await postponed()
      for (let n = 0; n < 3; n += 1) {
        await bench.signal(leadId, { kind: 'call', payload: { outcome: null, note: null } })
      }
      const plan = await bench.look(leadId)
      expect(plan.next).toEqual({ do: 'wait', ms: DAY_MS })
      expect(plan.details).toContain('the law allows 3')
      expect(await openCalls(leadId)).toEqual([])
      bench.clock.now = plus(bench.clock.now, DAY_MS)
      await bench.look(leadId)
      expect(await openCalls(leadId)).toEqual(['Check in with the lead'])
    })

    it('of somebody who is on a list of stops is given to nobody, and the ledger says why', async () => {
      const leadId = await postponed()
      await bench.store.db
        .insertInto('suppressions')
        .values({
          id: `suppression_${kind}_check_in`,
          contact_hash: (await hashOf(leadId)) ?? '',
          channel: 'sms',
          cause: 'import',
          how: 'imported list',
          at: bench.clock.now,
          effective_at: bench.clock.now,
        })
        .execute()
      await bench.look(leadId)
      expect(await openCalls(leadId)).toEqual([])
      const lead = await bench.lead(leadId)
      expect([lead.check_in_at, lead.check_ins]).toEqual([null, 1])
      const rows = await bench.store.db
        .selectFrom('ledger_entries')
        .select('meta')
        .where('lead_id', '=', leadId)
        .execute()
      expect(rows.at(-1)?.meta).toMatchObject({ verdict: 'dropped', by: 'suppression' })
    })

    async function hashOf(leadId: LeadId): Promise<string | undefined> {
      const row = await bench.store.db
        .selectFrom('contact_points')
        .select('hash')
        .where('lead_id', '=', leadId)
        .where('kind', '=', 'phone')
        .executeTakeFirst()
      return row?.hash
    }
  })
})
