import { sql } from 'kysely'
import { beforeEach, describe, expect, it } from 'vitest'
import type { LeadId, VisitorId } from '../../src/domain/ids.ts'
import { DAY_MS, instant, plus } from '../../src/domain/time.ts'
import { newVisitorId, takeVisit } from '../../src/leads/web/visits.ts'
import type { Store } from '../../src/store/connect.ts'
import { verifyLedger } from '../../src/store/verify-ledger.ts'
import { forEachWorkbench, newPerson, type Workbench } from '../support/workbench.ts'

forEachWorkbench((_, opened) => {
  let bench: Workbench
  let people = 0
  beforeEach(() => {
    bench = opened()
  })

  /** A person of whom everything that can be known is known. */
  async function wellKnown() {
    const person = newPerson({
      firstName: 'Zephyrine',
      lastName: 'Oddfellow',
      company: 'Oddfellow Lanterns',
      externalId: `crm-oddfellow-${++people}`,
      zip: '10099',
      attributes: { pet: 'a heron named Quincy' },
      tags: ['vip-oddfellow'],
    })
    const leadId = await bench.post(person)
    let plan = await bench.look(leadId)
    plan = await bench.touch(leadId, plan)
    await bench.touch(leadId, plan)
    const visitorId = newVisitorId()
    await visit(visitorId, '/before/Oddfellow', null)
    await visit(visitorId, '/lanterns/Oddfellow', leadId)
    const because = `call ${person.phone} first`
    await bench.signal(leadId, { kind: 'pause', payload: { because } })
    await bench.look(leadId)
    const text = 'This is Zephyrine, Quincy says hello'
    await bench.signal(leadId, {
      kind: 'reply',
      payload: { channel: 'email', text, subject: 'Quincy', touchId: null },
    })
    await bench.look(leadId)
    const details = { reason: 'not_interested', words: 'Quincy hates lanterns' } as const
    await bench.signal(leadId, { kind: 'mark_dead', payload: { details } })
    await bench.look(leadId)
    const words = [
      ...['Zephyrine', 'Oddfellow', 'Quincy', '10099', '203.0.113.9', person.email],
      ...['vip-oddfellow', 'crm-oddfellow'],
      ...[person.phone, person.phone.slice(2), because],
    ]
    return { leadId, person, words }
  }

  /** A page view by the lead's own visitor; until it is identified nobody knows whose it is. */
  async function visit(visitorId: VisitorId, path: string, identifiedAs: LeadId | null) {
    const seen = {
      visitorId,
      page: `https://acme.example${path}`,
      kind: 'page',
      token: null,
    } as const
    await bench.store.transaction((trx) =>
      takeVisit(trx, { ...seen, identifiedAs, at: bench.clock.now }),
    )
  }

  describe('erasing a person', () => {
    it('takes every word about them out of every table', async () => {
      const { leadId, words } = await wellKnown()
      const known = await find(bench.store, words)
      // The search finds what is there, so that finding nothing afterwards means something.
      for (const word of words) expect(known.some((hit) => hit.word === word)).toBe(true)
      // A moment whose digits happen to be those of the ZIP says nothing about anybody.
      await bench.store.db
        .updateTable('touches')
        .set({ dispatched_wall_at: instant(1_795_710_099_000) })
        .where('lead_id', '=', leadId)
        .execute()
      await bench.signal(leadId, { kind: 'erase', payload: {} })
      expect(await find(bench.store, words)).toEqual([])
      const plan = await bench.look(leadId)
      expect(plan.next).toEqual({ do: 'complete' })
      expect(await find(bench.store, words)).toEqual([])
    })

    it('keeps the ledger’s chain, which says that it happened', async () => {
      const { leadId } = await wellKnown()
      await bench.signal(leadId, { kind: 'erase', payload: {} })
      await bench.look(leadId)
      await bench.look(leadId)
      const entries = await bench.store.db
        .selectFrom('ledger_entries')
        .select(['kind', 'payload', 'salt'])
        .where('lead_id', '=', leadId)
        .orderBy('seq')
        .execute()
      expect(entries.filter(({ kind }) => kind === 'erasure')).toHaveLength(1)
      expect(entries.at(-1)?.kind).toBe('erasure')
      expect(entries.slice(0, -1).every(({ salt }) => salt === null)).toBe(true)
      const { faults } = await verifyLedger(bench.store, [bench.deps.ledgerKey])
      expect(faults).toEqual([])
    })

    it('never writes to them again, also when they come back by a list', async () => {
      const { leadId, person } = await wellKnown()
      await bench.signal(leadId, { kind: 'erase', payload: {} })
      bench.clock.now = plus(bench.clock.now, DAY_MS)
      await bench.reset()
      const again = await bench.post(newPerson({ email: person.email, phone: person.phone }), {
        form: false,
      })
      expect(again).not.toBe(leadId)
      await lookUntilQuiet(bench, again)
      expect(bench.caught()).toEqual([])
    })

    it('stops what is planned for them at once', async () => {
      const leadId = await bench.post()
      const plan = await bench.look(leadId)
      await bench.signal(leadId, { kind: 'erase', payload: {} })
      await bench.touch(leadId, plan)
      expect(bench.caught()).toEqual([])
      expect(await bench.lead(leadId)).toMatchObject({ status: 'erased', next_words: 'erased' })
    })
  })
})

async function lookUntilQuiet(bench: Workbench, leadId: LeadId): Promise<void> {
  let plan = await bench.look(leadId)
  for (let turn = 0; turn < 10 && plan.next.do !== 'complete'; turn += 1) {
    bench.clock.now = plus(bench.clock.now, plan.next.ms ?? 0)
    plan = plan.next.do === 'touch' ? await bench.touch(leadId, plan) : await bench.look(leadId)
  }
}

interface Hit {
  readonly table: string
  readonly word: string
}

/** Which tables hold a word, in any column of any row, as text. */
async function find(store: Store, words: readonly string[]): Promise<Hit[]> {
  const { rows: tables } = await sql<{ name: string }>`
    select table_name as name from information_schema.tables
    where table_schema = 'public' and table_type = 'BASE TABLE'`.execute(store.db)
  expect(tables.length).toBeGreaterThan(20)
  const hits: Hit[] = []
  for (const { name } of tables) {
    const { rows } = await sql<{ text: string }>`
      select to_jsonb(t)::text as text from ${sql.table(name)} t`.execute(store.db)
    const all = rows.map(({ text }) => text).join('\n')
    hits.push(...words.filter((word) => says(all, word)).map((word) => ({ table: name, word })))
  }
  return hits
}

/** Whether a text has a word; a short number must stand alone, since ids and times hold any digits. */
function says(text: string, word: string): boolean {
  if (!/^\d{1,6}$/.test(word)) return text.includes(word)
  return new RegExp(`(?<![\\da-z])${word}(?![\\da-z])`, 'i').test(text)
}
