import { pino } from 'pino'
import { expect, it } from 'vitest'
import type { LeadId } from '../../src/domain/ids.ts'
import { DAY_MS, instant } from '../../src/domain/time.ts'
import type { Store } from '../../src/store/connect.ts'
import {
  archiveCursor,
  archiveRun,
  moveArchiveCursor,
  runsOf,
} from '../../src/store/watch/run-archive.ts'
import { markUnrung, unrungLeads } from '../../src/store/watch/unrung.ts'
import { leadsWithWorkflow, overdueLeads, unlookedLeads } from '../../src/store/watch/watched.ts'
import { firstWords } from '../../src/temporal/first-words.ts'
import { HeardBook } from '../../src/temporal/heard.ts'
import { readHarmony } from '../../src/temporal/metrics.ts'
import { deferred } from '../../src/temporal/ring-queue.ts'
import { forEachStore } from '../support/stores.ts'
import { postLead } from './rig.ts'

const log = pino({ level: 'silent' })
const later = instant(Date.now() + DAY_MS)

forEachStore((kind, open) => {
  it('what was heard is written for many leads at once, and never taken back', async () => {
    const store = await open()
    const leads = await postMany(store, 20)
    const book = new HeardBook(store, log)
    await Promise.all(leads.map((leadId, index) => book.add(leadId, index + 1)))
    await Promise.all(leads.map((leadId) => book.add(leadId, 3)))
    expect(await Promise.all(leads.map((leadId) => rungOf(store, leadId)))).toEqual(
      leads.map((_, index) => Math.max(index + 1, 3)),
    )
  })

  it.skipIf(kind === 'pglite')('a row that is locked is written when it is free', async () => {
    const store = await open()
    const [locked, free] = await postMany(store, 2)
    if (!locked || !free) throw new Error('no leads')
    const book = new HeardBook(store, log)
    const [held, release] = [deferred(), deferred()]
    const holding = store.transaction(async (trx) => {
      await trx.selectFrom('leads').where('id', '=', locked).select('id').forUpdate().execute()
      held.resolve()
      await release.promise
    })
    await held.promise
    const heard = book.add(locked, 5)
    await book.add(free, 5)
    expect(await rungOf(store, free)).toBe(5)
    expect(await rungOf(store, locked)).toBe(0)
    release.resolve()
    await Promise.all([holding, heard])
    expect(await rungOf(store, locked)).toBe(5)
  })

  it('unrung leads come in order of urgency, and can be made unrung again', async () => {
    const store = await open()
    const { leadId: bulk } = await postLead(store, { priority: 'import' })
    const { leadId: calm } = await postLead(store)
    const find = async (besides: LeadId[] = []) =>
      (await unrungLeads(store.db, { before: later, besides, limit: 9 })).map(({ id }) => id)
    expect(await find()).toEqual([calm, bulk])
    expect(await find([calm])).toEqual([bulk])
    await store.db.updateTable('leads').set({ rung_revision: 9 }).execute()
    expect(await find()).toEqual([])
    await markUnrung(store.db, [bulk])
    expect(await find()).toEqual([bulk])
  })

  it('a sweep pages through late and rolling leads without missing any', async () => {
    const store = await open()
    const leads = await postMany(store, 5)
    const long = instant(Date.now() - DAY_MS)
    await store.db.updateTable('leads').set({ next_kind: 'look', next_at: long }).execute()
    const late: LeadId[] = []
    for (let after: Parameters<typeof overdueLeads>[1]['after'] = null; ; ) {
      const page = await overdueLeads(store.db, { before: later, after, limit: 2 })
      late.push(...page.map(({ id }) => id))
      const last = page.at(-1)
      if (!last?.next_at) break
      after = { at: last.next_at, id: last.id }
    }
    expect(late.toSorted()).toEqual(leads.toSorted())
    const rolling: LeadId[] = []
    for (let after: LeadId | null = null; ; ) {
      const page = await leadsWithWorkflow(store.db, { after, limit: 2 })
      rolling.push(...page.map(({ id }) => id))
      after = page.at(-1)?.id ?? null
      if (after === null) break
    }
    expect(new Set(rolling)).toEqual(new Set(leads))
    expect(rolling).toHaveLength(5)

    const [first] = leads
    await store.db
      .updateTable('leads')
      .set({ next_kind: 'unplanned', rung_revision: 9 })
      .where('id', '=', first ?? ('' as LeadId))
      .execute()
    const unlooked = await unlookedLeads(store.db, { before: later, limit: 9 })
    expect(unlooked.map(({ id }) => id)).toEqual([first])
    // The others were never rung: they have no workflow to miss, and the relay rings them.
    const heard = await leadsWithWorkflow(store.db, { after: null, limit: 9, heard: true })
    expect(heard.map(({ id }) => id)).toEqual([first])
  })

  it('a first start is told what the first look will find, and the rows remember it', async () => {
    const store = await open()
    const { leadId: held } = await postLead(store)
    const words = await firstWords(store.db, [held, 'nobody' as LeadId])
    expect([...words.keys()]).toEqual([held])
    expect(words.get(held)).toMatchObject({ status: 'held', cadence: null, source: 'webform' })
    await store.db.updateTable('leads').set({ source: 'changed' }).execute()
    expect((await firstWords(store.db, [held])).get(held)).toEqual(words.get(held))
  })

  it('a run is kept whether it was noted or not, and the cursor moves', async () => {
    const store = await open()
    const { leadId } = await postLead(store)
    const [startedAt, closedAt] = [instant(1_000), instant(2_000)]
    const run = { runId: 'r1', leadId, startedAt, closedAt, history: '{"events":[]}' }
    await archiveRun(store.db, run, later)
    await archiveRun(store.db, { ...run, history: '{}' }, later)
    expect(await runsOf(store.db, leadId)).toEqual([
      {
        run_id: 'r1',
        lead_id: leadId,
        started_at: startedAt,
        closing_at: closedAt,
        history: '{}',
        archived_at: later,
      },
    ])
    expect(await archiveCursor(store.db)).toBeNull()
    await moveArchiveCursor(store.db, startedAt)
    await moveArchiveCursor(store.db, closedAt)
    expect(await archiveCursor(store.db)).toBe(closedAt)
  })

  it('the counts are numbers', async () => {
    const store = await open()
    await postMany(store, 3)
    const harmony = await readHarmony(store, later)
    expect(harmony).toMatchObject({ stuck: 0, unrung: 3, overdue: 0, unarchived: 0 })
    expect(harmony.unrungSeconds).toBeGreaterThan(80_000)
  })
})

async function postMany(store: Store, count: number): Promise<LeadId[]> {
  const leads: LeadId[] = []
  for (let n = 0; n < count; n += 1) leads.push((await postLead(store)).leadId)
  return leads
}

async function rungOf(store: Store, leadId: LeadId): Promise<number> {
  const row = await store.db
    .selectFrom('leads')
    .select('rung_revision')
    .where('id', '=', leadId)
    .executeTakeFirstOrThrow()
  return row.rung_revision
}
