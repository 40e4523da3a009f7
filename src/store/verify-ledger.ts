import type { Selectable } from 'kysely'
import type { LeadId } from '../domain/ids.ts'
import type { Executor } from './executor.ts'
import { lockLead } from './leads.ts'
import { chainHash, hashPayload, signedMeta } from './ledger.ts'
import type { LeadsTable, LedgerEntriesTable } from './schema.ts'
import type { Store } from './store.ts'

export type LedgerFaultKind =
  /** Meta, order or hash of an entry is not what was written. */
  | 'edited'
  | 'payload_edited'
  /** A payload is gone, and the lead was not erased. */
  | 'payload_missing'
  | 'gap'
  /** The last entries are gone. */
  | 'truncated'
  /** Entries stand behind the last that the lead knows of. */
  | 'added'
  /** The lead's row is gone, its entries are there. */
  | 'unknown_lead'

export interface LedgerFault {
  readonly leadId: LeadId
  /** The entry; null when it is about the lead's whole chain. */
  readonly seq: number | null
  readonly kind: LedgerFaultKind
  readonly because: string
}

export interface LedgerReport {
  readonly leads: number
  readonly entries: number
  /** Entries whose payload was erased with its person; their hashes still hold. */
  readonly erased: number
  /** The first of them, at most MOST_FAULTS. */
  readonly faults: readonly LedgerFault[]
  /** There are others: a ledger that is broken throughout must not fill the memory. */
  readonly moreFaults: boolean
}

type Entry = Selectable<LedgerEntriesTable>
type Chained = Pick<Selectable<LeadsTable>, 'id' | 'ledger_head' | 'ledger_count' | 'erased_at'>

/** Leads read at once. */
const PAGE = 100
const MOST_FAULTS = 1_000
const COLUMNS = ['id', 'ledger_head', 'ledger_count', 'erased_at'] as const

/**
 * Recomputes every lead's chain, and compares its end with the head and count on the lead's row.
 * `keys` are all under which entries may have been signed, the current one first. Safe beside
 * running workers: what looks wrong is read again under the lead's lock before it is reported.
 */
export async function verifyLedger(
  store: Store,
  keys: readonly Buffer[],
  onProgress: (leads: number) => void = () => {},
): Promise<LedgerReport> {
  const tally = { leads: 0, entries: 0, erased: 0 }
  const faults: LedgerFault[] = []
  let moreFaults = false
  const note = (found: readonly LedgerFault[]) => {
    faults.push(...found.slice(0, MOST_FAULTS - faults.length))
    moreFaults ||= faults.length === MOST_FAULTS && found.length > 0
  }
  for await (const page of chains(store.db)) {
    for (const { lead, entries } of page) {
      const suspect = faultsOf(lead, entries, keys).length > 0
      if (suspect) note(await lookAgain(store, lead.id, keys))
      tally.leads += 1
      tally.entries += entries.length
      tally.erased += entries.filter(({ salt }) => salt === null).length
    }
    onProgress(tally.leads)
  }
  for await (const page of strayEntries(store.db)) note(page)
  return { ...tally, faults, moreFaults }
}

interface Chain {
  readonly lead: Chained
  readonly entries: readonly Entry[]
}

/** Every lead with its entries, some at a time: only one page of them is held in memory. */
async function* chains(executor: Executor): AsyncGenerator<readonly Chain[]> {
  for (let after = ''; ; ) {
    const leads = await chainedLeads(executor, after)
    const last = leads.at(-1)
    if (last === undefined) return
    const byLead = new Map(leads.map(({ id }) => [id, [] as Entry[]]))
    for (const entry of await entriesOf(executor, [...byLead.keys()])) {
      byLead.get(entry.lead_id)?.push(entry)
    }
    yield leads.map((lead) => ({ lead, entries: byLead.get(lead.id) ?? [] }))
    after = last.id
  }
}

/** The same for one lead, under its lock. */
export async function verifyLead(
  store: Store,
  leadId: LeadId,
  keys: readonly Buffer[],
): Promise<Omit<LedgerReport, 'leads' | 'moreFaults'>> {
  return store.transaction(async (trx) => {
    const lead = await lockLead(trx, leadId)
    const entries = await entriesOf(trx, [leadId])
    return {
      entries: entries.length,
      erased: entries.filter(({ salt }) => salt === null).length,
      faults: lead === null ? [] : faultsOf(lead, entries, keys),
    }
  })
}

/** What is wrong with one lead's chain. */
function faultsOf(
  lead: Chained,
  entries: readonly Entry[],
  keys: readonly Buffer[],
): readonly LedgerFault[] {
  const faults: LedgerFault[] = []
  const fault = (kind: LedgerFaultKind, seq: number | null, because: string) => {
    faults.push({ leadId: lead.id, seq, kind, because })
  }
  let previous: string | null = null
  let expected = 1
  for (const entry of entries) {
    if (entry.seq > lead.ledger_count) {
      fault('added', entry.seq, `The lead knows of ${lead.ledger_count} entries only.`)
      continue
    }
    if (entry.seq !== expected) {
      fault('gap', entry.seq, `Entry ${expected} should come before it.`)
    } else if (entry.previous !== previous || !isSigned(entry, keys)) {
      fault('edited', entry.seq, 'Its hash is not that of what it says and of the entry before.')
    }
    checkPayload(lead, entry, fault)
    previous = entry.hash
    expected = entry.seq + 1
  }
  if (expected <= lead.ledger_count) {
    const missing = lead.ledger_count - expected + 1
    fault('truncated', null, `The last ${missing} of ${lead.ledger_count} entries are gone.`)
  } else if (previous !== lead.ledger_head) {
    fault('edited', null, 'The last entry is not the one that the lead’s row names.')
  }
  return faults
}

function checkPayload(
  lead: Chained,
  entry: Entry,
  fault: (kind: LedgerFaultKind, seq: number, because: string) => void,
): void {
  if (entry.salt !== null) {
    if (hashPayload(entry.salt, entry.payload) === entry.payload_hash) return
    fault('payload_edited', entry.seq, 'Its payload is not the one that was written.')
  } else if (entry.payload !== null) {
    fault('payload_edited', entry.seq, 'It has a payload, and nothing to check it by.')
  } else if (lead.erased_at === null) {
    fault('payload_missing', entry.seq, 'Its payload was erased, and the lead was not.')
  }
}

function isSigned(entry: Entry, keys: readonly Buffer[]): boolean {
  const meta = signedMeta(entry)
  return keys.some((key) => chainHash(key, entry.previous, meta, entry.payload_hash) === entry.hash)
}

/** The same under the lead's lock: an entry or an erasure may have come between two reads. */
function lookAgain(
  store: Store,
  leadId: LeadId,
  keys: readonly Buffer[],
): Promise<readonly LedgerFault[]> {
  return store.transaction(async (trx) => {
    const lead = await lockLead(trx, leadId)
    return lead === null ? [] : faultsOf(lead, await entriesOf(trx, [leadId]), keys)
  })
}

function chainedLeads(executor: Executor, after: string): Promise<Chained[]> {
  return executor
    .selectFrom('leads')
    .select(COLUMNS)
    .where('id', '>', after as LeadId)
    .orderBy('id')
    .limit(PAGE)
    .execute()
}

async function entriesOf(executor: Executor, leadIds: readonly LeadId[]): Promise<Entry[]> {
  if (leadIds.length === 0) return []
  return await executor
    .selectFrom('ledger_entries')
    .selectAll()
    .where('lead_id', 'in', leadIds)
    .orderBy('lead_id')
    .orderBy('seq')
    .execute()
}

/** Entries whose lead is not there, a page of leads at a time. */
async function* strayEntries(executor: Executor): AsyncGenerator<readonly LedgerFault[]> {
  for (let after = ''; ; ) {
    const rows = await strayLeads(executor, after)
    const last = rows.at(-1)
    if (last === undefined) return
    yield rows.map(({ lead_id }) => ({
      leadId: lead_id,
      seq: null,
      kind: 'unknown_lead',
      because: 'There are entries of a lead that is not there.',
    }))
    after = last.lead_id
  }
}

function strayLeads(executor: Executor, after: string): Promise<{ lead_id: LeadId }[]> {
  return executor
    .selectFrom('ledger_entries')
    .select('lead_id')
    .distinct()
    .where('lead_id', '>', after as LeadId)
    .where((on) =>
      on.not(
        on.exists(
          on
            .selectFrom('leads')
            .select('leads.id')
            .whereRef('leads.id', '=', 'ledger_entries.lead_id'),
        ),
      ),
    )
    .orderBy('lead_id')
    .limit(PAGE)
    .execute()
}
