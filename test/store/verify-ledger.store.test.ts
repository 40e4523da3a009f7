import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import type { LeadId } from '../../src/domain/ids.ts'
import { instant } from '../../src/domain/time.ts'
import type { Store } from '../../src/store/connect.ts'
import { json } from '../../src/store/json.ts'
import { lockLead } from '../../src/store/leads.ts'
import { appendLedger } from '../../src/store/ledger.ts'
import { newId } from '../../src/store/new-id.ts'
import { verifyLedger } from '../../src/store/verify-ledger.ts'
import { forEachStore } from '../support/stores.ts'

const key = randomBytes(32)
const at = instant(Date.parse('2026-11-22T15:00:00Z'))

forEachStore((_kind, open) => {
  it('finds nothing wrong with chains as they were written', async () => {
    const store = await open()
    await leadWith(store, 3)
    await leadWith(store, 1)
    await leadWith(store, 0)
    const report = await verifyLedger(store, [key])
    expect(report).toEqual({ leads: 3, entries: 4, erased: 0, faults: [], moreFaults: false })
  })

  it('holds payloads whatever the order in which the database keeps their keys', async () => {
    const store = await open()
    const leadId = await leadWith(store, 0)
    await append(store, leadId, { zebra: 1, a: { y: null, x: [1.5, 'é'] }, longerKey: '\u{1F600}' })
    expect((await verifyLedger(store, [key])).faults).toEqual([])
  })

  it('accepts entries under an older key, and no other', async () => {
    const store = await open()
    await leadWith(store, 2)
    expect((await verifyLedger(store, [randomBytes(32), key])).faults).toEqual([])
    const faults = (await verifyLedger(store, [randomBytes(32)])).faults
    expect(faults.map(({ kind }) => kind)).toEqual(['edited', 'edited'])
  })

  it('finds an edited entry, an edited payload and a changed time', async () => {
    const store = await open()
    const leadId = await leadWith(store, 4)
    const set = (seq: number, values: Record<string, unknown>) =>
      store.db
        .updateTable('ledger_entries')
        .set(values)
        .where('lead_id', '=', leadId)
        .where('seq', '=', seq)
        .execute()
    await set(1, { meta: json({ touch: 'another' }) })
    await set(2, { payload: json({ text: 'another' }) })
    await set(4, { at: at + 1 })
    const { faults } = await verifyLedger(store, [key])
    expect(faults.map(({ seq, kind }) => [seq, kind])).toEqual([
      [1, 'edited'],
      [2, 'payload_edited'],
      [4, 'edited'],
    ])
  })

  it('finds a gap and a cut tail, also when all is gone', async () => {
    const store = await open()
    const gap = await leadWith(store, 3)
    const cut = await leadWith(store, 3)
    const gone = await leadWith(store, 2)
    await remove(store, gap, [2])
    await remove(store, cut, [3])
    await remove(store, gone, [1, 2])
    const { faults } = await verifyLedger(store, [key])
    const found = faults.map(({ leadId, seq, kind }) => ({ leadId, seq, kind }))
    expect(found).toHaveLength(3)
    expect(found).toContainEqual({ leadId: gap, seq: 3, kind: 'gap' })
    expect(found).toContainEqual({ leadId: cut, seq: null, kind: 'truncated' })
    expect(found).toContainEqual({ leadId: gone, seq: null, kind: 'truncated' })
  })

  it('finds two entries in each other’s place, also when their links were mended', async () => {
    const store = await open()
    const swapped = await leadWith(store, 4)
    const mended = await leadWith(store, 4)
    for (const leadId of [swapped, mended]) await swap(store, leadId, 2, 3)
    await relink(store, mended)
    const { faults } = await verifyLedger(store, [key])
    for (const leadId of [swapped, mended]) {
      const found = faults.filter((fault) => fault.leadId === leadId)
      expect(found.map(({ seq, kind }) => [seq, kind])).toEqual([
        [2, 'edited'],
        [3, 'edited'],
        [4, 'edited'],
      ])
    }
  })

  it('finds entries that were added behind the lead’s back', async () => {
    const store = await open()
    const leadId = await leadWith(store, 1)
    const forged = {
      lead_id: leadId,
      seq: 2,
      kind: 'outcome' as const,
      at,
      meta: json({}),
      payload: json(null),
      salt: null,
      payload_hash: 'x',
      previous: null,
      hash: 'x',
    }
    await store.db.insertInto('ledger_entries').values(forged).execute()
    const { faults } = await verifyLedger(store, [key])
    expect(faults.map(({ seq, kind }) => [seq, kind])).toEqual([[2, 'added']])
  })

  it('holds after an erasure, and knows an erased payload from a removed one', async () => {
    const store = await open()
    const erased = await leadWith(store, 2)
    const robbed = await leadWith(store, 2)
    await store.db
      .updateTable('ledger_entries')
      .set({ payload: json(null), salt: null })
      .execute()
    await store.db
      .updateTable('leads')
      .set({ status: 'erased', erased_at: at })
      .where('id', '=', erased)
      .execute()
    const report = await verifyLedger(store, [key])
    expect(report.erased).toBe(4)
    expect(report.faults.map(({ leadId, kind }) => [leadId, kind])).toEqual([
      [robbed, 'payload_missing'],
      [robbed, 'payload_missing'],
    ])
  })

  it('finds entries of a lead that is not there', async () => {
    const store = await open()
    const leadId = await leadWith(store, 2)
    await store.db.deleteFrom('leads').where('id', '=', leadId).execute()
    const { faults } = await verifyLedger(store, [key])
    expect(faults.map((fault) => [fault.leadId, fault.kind])).toEqual([[leadId, 'unknown_lead']])
  })
})

async function leadWith(store: Store, entries: number): Promise<LeadId> {
  const leadId = newId<LeadId>('lead')
  await store.db
    .insertInto('leads')
    .values({
      id: leadId,
      source: 'test',
      tags: json([]),
      attributes: json({}),
      status: 'nurturing',
      dead_details: json(null),
      created_at: at,
      updated_at: at,
    })
    .execute()
  for (let n = 1; n <= entries; n += 1) await append(store, leadId, { text: `words ${n}` })
  return leadId
}

async function append(
  store: Store,
  leadId: LeadId,
  payload: Record<string, unknown>,
): Promise<void> {
  await store.transaction(async (trx) => {
    const lead = await lockLead(trx, leadId)
    if (lead === null) throw new Error('no such lead')
    await appendLedger(trx, key, lead, [
      { kind: 'intent', at, meta: { touch: 'touch_1', b: 2, a: { d: null, c: 1 } }, payload },
    ])
  })
}

async function remove(store: Store, leadId: LeadId, seqs: readonly number[]): Promise<void> {
  await store.db
    .deleteFrom('ledger_entries')
    .where('lead_id', '=', leadId)
    .where('seq', 'in', seqs)
    .execute()
}

/** Puts two entries in each other's place, as somebody with the database may. */
async function swap(store: Store, leadId: LeadId, one: number, other: number): Promise<void> {
  const elsewhere = 99
  const moves: readonly (readonly [number, number])[] = [
    [one, elsewhere],
    [other, one],
    [elsewhere, other],
  ]
  for (const [from, seq] of moves) {
    await store.db
      .updateTable('ledger_entries')
      .set({ seq })
      .where('lead_id', '=', leadId)
      .where('seq', '=', from)
      .execute()
  }
}

/** Lets each entry name the hash of the one that now stands before it. */
async function relink(store: Store, leadId: LeadId): Promise<void> {
  const entries = await store.db
    .selectFrom('ledger_entries')
    .select(['seq', 'hash'])
    .where('lead_id', '=', leadId)
    .orderBy('seq')
    .execute()
  for (const [index, { seq }] of entries.entries()) {
    await store.db
      .updateTable('ledger_entries')
      .set({ previous: entries[index - 1]?.hash ?? null })
      .where('lead_id', '=', leadId)
      .where('seq', '=', seq)
      .execute()
  }
}
