import { describe, expect, it } from 'vitest'
import type { BulkPace, BulkWork } from '../../src/domain/bulk.ts'
import { bulkWorkflowId } from '../../src/domain/contract.ts'
import type { BulkId, LeadId } from '../../src/domain/ids.ts'
import { DAY_MS } from '../../src/domain/time.ts'
import { turn } from '../../src/leads/bulk/turn.ts'
import { countLeads } from '../../src/leads/bulk/whom.ts'
import { labRules } from '../../src/local/lab.ts'
import { addBulk, findBulk } from '../../src/store/work/bulk-runs.ts'
import { everyWordOf, recordGolden } from '../support/golden.ts'
import { testLab } from '../support/lab.ts'
import { until } from '../support/until.ts'
import { newPerson } from '../support/workbench.ts'

const FAST: BulkPace = { kind: 'per_minute', perMinute: 6_000 }

describe('bulk runs on the real server', () => {
  const lab = testLab()

  async function begin(work: BulkWork, ids: readonly LeadId[], pace = FAST): Promise<BulkId> {
    const { store, now } = lab().lab.intake
    const whom = { kind: 'query', filter: { ids } } as const
    const rules = await labRules(store)
    const run = await store.transaction(async (trx) => {
      const judging = { now: now(), rules }
      const { count: total } = await countLeads(trx, { whom, knownBefore: now() }, judging)
      return addBulk(trx, {
        work,
        whom,
        pace,
        because: 'secret words',
        by: 'test',
        total,
        at: now(),
      })
    })
    return run.id
  }
  const stateOf = async (bulkId: BulkId) => {
    const run = await findBulk(lab().lab.intake.store.db, bulkId)
    if (run === null) throw new Error('no such run')
    return run
  }
  const ended = (bulkId: BulkId) =>
    until(
      async () => {
        const run = await stateOf(bulkId)
        return run.finished_at === null ? null : run
      },
      { what: 'the end of the run', timeoutMs: 60_000 },
    )
  const handleOf = (bulkId: BulkId) =>
    lab().lab.engine.link.client.workflow.getHandle(bulkWorkflowId(bulkId))
  const heldNow = async (ids: readonly LeadId[]) => {
    const rows = await Promise.all(ids.map((leadId) => lab().lead(leadId)))
    return rows.filter(({ next_words }) => next_words?.startsWith('held') ?? false).length
  }
  const stepOf = async (leadId: LeadId) => {
    const { db } = lab().lab.intake.store
    const lead = await lab().settled(leadId)
    const episode = await db
      .selectFrom('episodes')
      .select('step_id')
      .where('id', '=', lead.episode_id)
      .executeTakeFirst()
    return episode?.step_id ?? null
  }

  it('pauses many leads, and lets them go on in the mode that was chosen', async () => {
    const ids: LeadId[] = []
    for (let i = 0; i < 12; i += 1) {
      const { lead } = await lab().post(newPerson())
      await lab().pass(lead.id, DAY_MS)
      ids.push(lead.id)
    }
    expect((await ended(await begin({ kind: 'pause', because: 'test' }, ids))).done).toBe(12)
    await until(async () => ((await heldNow(ids)) === 12 ? true : null), { what: 'all are held' })
    const before = await Promise.all(ids.map(stepOf))
    const mailsBefore = lab().lab.catchers.outbox.list({ limit: 10_000 }).items.length
    // Five days in which clocks stand.
    for (const leadId of ids) await lab().pass(leadId, 5 * DAY_MS)
    expect(await Promise.all(ids.map(stepOf))).toEqual(before)
    expect(lab().lab.catchers.outbox.list({ limit: 10_000 }).items).toHaveLength(mailsBefore)

    const [shift, skip, one] = [ids.slice(0, 4), ids.slice(4, 8), ids.slice(8)]
    const runs = [
      await begin({ kind: 'resume', mode: 'shift' }, shift),
      await begin({ kind: 'resume', mode: 'skip-overdue' }, skip),
      await begin({ kind: 'resume', mode: 'send-one' }, one),
    ]
    for (const run of runs) expect(await ended(run)).toMatchObject({ done: 4, passed: 0 })
    await until(async () => ((await heldNow(ids)) === 0 ? true : null), { what: 'none is held' })
    // Nothing was overdue for those whose time was moved along; for the others something was.
    expect(await Promise.all(shift.map(stepOf))).toEqual(before.slice(0, 4))
    const skipped = await Promise.all(skip.map((leadId) => lab().dropped(leadId)))
    for (const drops of skipped) expect(drops.some(({ by }) => by === 'skipped')).toBe(true)
    const sentOne = await Promise.all(one.map((leadId) => lab().dropped(leadId)))
    for (const drops of sentOne) expect(drops.some(({ by }) => by === 'skipped')).toBe(false)
  })

  it('stands still, goes on and ends when an operator says so', async () => {
    const ids: LeadId[] = []
    for (let i = 0; i < 4; i += 1) ids.push((await lab().post(newPerson())).lead.id)
    const { store, now } = lab().lab.intake
    const say = (bulkId: BulkId, how: 'pause' | 'resume' | 'cancel') =>
      store.transaction((trx) => turn(trx, bulkId, how, 'test', now()))
    const slow: BulkPace = { kind: 'per_minute', perMinute: 12 }
    const bulkId = await begin({ kind: 'wake', because: 'test' }, ids, slow)
    await until(async () => ((await stateOf(bulkId)).done === 1 ? true : null), {
      what: 'the first lead',
    })
    await say(bulkId, 'pause')
    const resting = await until(
      async () => {
        const history = await handleOf(bulkId).fetchHistory()
        return everyWordOf(history).includes('paused: wake: 1 of 4') ? true : null
      },
      { what: 'the workflow rests' },
    )
    expect(resting).toBe(true)
    await say(bulkId, 'resume')
    await until(async () => ((await stateOf(bulkId)).done === 2 ? true : null), {
      what: 'the second lead',
    })
    await say(bulkId, 'cancel')
    await until(
      async () => ((await handleOf(bulkId).describe()).status.name === 'COMPLETED' ? true : null),
      { what: 'the workflow has ended' },
    )
    expect(await stateOf(bulkId)).toMatchObject({ state: 'cancelled', done: 2 })
    recordGolden('bulk-2', await handleOf(bulkId).fetchHistory())
  })

  it('spreads over days, in virtual time, and its history holds ids and numbers only', async () => {
    const ids: LeadId[] = []
    for (let i = 0; i < 9; i += 1) ids.push((await lab().post(newPerson())).lead.id)
    const bulkId = await begin({ kind: 'pause', because: 'Quillfeather' }, ids, {
      kind: 'per_day',
      perDay: 4,
    })
    const { connection } = lab().lab.engine.link
    const { namespace } = lab().lab.temporal
    await until(
      async () =>
        connection.workflowService
          .updateWorkflowExecutionOptions({
            namespace,
            workflowExecution: { workflowId: bulkWorkflowId(bulkId) },
            workflowExecutionOptions: { timeSkippingConfig: { enabled: true } },
            updateMask: { paths: ['time_skipping_config'] },
          })
          .then(
            () => true,
            () => null,
          ),
      { what: 'a run that skips time' },
    )
    await handleOf(bulkId).result()
    expect(await stateOf(bulkId)).toMatchObject({ state: 'done', done: 9 })
    const history = await handleOf(bulkId).fetchHistory()
    recordGolden('bulk-1', history)
    const { startTime, closeTime } = await handleOf(bulkId).describe()
    expect((closeTime?.getTime() ?? 0) - startTime.getTime()).toBeGreaterThan(DAY_MS)
    const text = everyWordOf(history)
    expect(text).toContain(bulkId)
    for (const secret of ['secret words', 'Quillfeather', 'quillfeather.example', ...ids]) {
      expect(text.includes(secret), secret).toBe(false)
    }
  })
})
