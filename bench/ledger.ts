import { sql } from 'kysely'
import type { LeadId } from '../src/domain/ids.ts'
import { instant } from '../src/domain/time.ts'
import type { Store } from '../src/store/connect.ts'
import { appendLedger } from '../src/store/ledger.ts'
import { newId } from '../src/store/new-id.ts'
import { verifyLedger } from '../src/store/verify-ledger.ts'
import { watchMemory, withOwnStore } from './support/own-store.ts'

export interface LedgerBench {
  readonly store: string
  readonly leads: number
  readonly entries: number
  readonly entriesPerSecond: number
  /** Resident memory of this process in MB: before, and at the most. */
  readonly memoryMb: { readonly before: number; readonly most: number }
}

const KEY = Buffer.alloc(32, 7)
/** Four for each touch: decision, intent, dispatch, outcome. */
const ENTRIES_EACH = 20
const LEADS_AT_ONCE = 200

/** What `rekindle ledger verify` recomputes a second, over so many leads. */
export async function measureLedger(
  leads: number,
  say: (line: string) => void,
): Promise<LedgerBench> {
  return withOwnStore(async (store, words) => {
    for (let from = 0; from < leads; from += LEADS_AT_ONCE) {
      await fill(store, Math.min(LEADS_AT_ONCE, leads - from))
    }
    say(`  ${leads} leads are written`)
    const memory = watchMemory()
    const started = performance.now()
    const report = await verifyLedger(store, [KEY])
    const seconds = (performance.now() - started) / 1_000
    if (report.faults.length > 0 || report.entries !== leads * ENTRIES_EACH) {
      throw new Error('the ledger of the bench is not sound')
    }
    return {
      store: words,
      leads,
      entries: report.entries,
      entriesPerSecond: Math.round(report.entries / seconds),
      memoryMb: { before: memory.startMb, most: memory.most() },
    }
  })
}

async function fill(store: Store, leads: number): Promise<void> {
  const at = instant(Date.now())
  const rules = ['consent', 'frequency_caps', 'calling_window', 'preferred_hours'].map((rule) => ({
    ...{ rule, verdict: 'allow', because: 'It is 12:00 New York, within 08:00–21:00.' },
    ...{ inputs: { zone: 'America/New_York', states: ['NY'] }, source: null },
  }))
  const entries = Array.from({ length: ENTRIES_EACH }, (_, n) => ({
    kind: 'decision' as const,
    at,
    meta: { touch: `touch_${n}`, verdict: 'allowed', rulesVersion: '2.2026-11-26.1f0c93ab' },
    payload: { local: 'Tue 24 Nov 12:00 New York', because: 'Yes, now.', rules },
  }))
  await store.transaction(async (trx) => {
    for (let n = 0; n < leads; n += 1) {
      const id = newId<LeadId>('lead')
      await sql`insert into leads (id, source, status, created_at, updated_at)
        values (${id}, 'bench', 'converted', ${at}, ${at})`.execute(trx)
      await appendLedger(trx, KEY, { id, ledger_head: null, ledger_count: 0 }, entries)
    }
  })
}
