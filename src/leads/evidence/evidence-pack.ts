import type { Selectable } from 'kysely'
import type { LeadId } from '../../domain/ids.ts'
import { type Instant, toIso } from '../../domain/time.ts'
import type { Executor } from '../../store/executor.ts'
import type { LeadRow } from '../../store/leads.ts'
import type {
  DisclosuresTable,
  LedgerEntriesTable,
  SuppressionsTable,
  TouchesTable,
} from '../../store/schema.ts'
import type { Store } from '../../store/store.ts'
import { type LedgerFault, verifyLead } from '../../store/verify-ledger.ts'
import { stateWords, validUntil } from '../views/timeline/touch-words.ts'
import { isoOrNull } from '../views/view.ts'
import { contentHash } from './content-hash.ts'
import { asDecision, type EvidenceDecision, textOf } from './evidence-decision.ts'

type Entry = Selectable<LedgerEntriesTable>

/** All that shows why a lead was contacted, for a dispute. Instants are ISO 8601 in UTC. */
export interface EvidencePack {
  readonly madeAt: string
  readonly lead: {
    readonly id: string
    readonly status: string
    /** Its data were erased: hashes are all that is left. */
    readonly erased: boolean
    readonly contactPoints: readonly { readonly kind: string; readonly value: string }[]
    /** Keyed hashes of all contact points that it ever had or was sent to. */
    readonly contactHashes: readonly string[]
  }
  readonly consents: readonly Readonly<Record<string, unknown>>[]
  readonly stops: readonly EvidenceStop[]
  readonly touches: readonly EvidenceTouch[]
  /** Calls that were made, and what was decided when the phone was taken up. */
  readonly calls: readonly EvidenceCall[]
  /** Decisions that led to no message: denied, or a step that was dropped. */
  readonly otherDecisions: readonly EvidenceDecision[]
  readonly chain: {
    readonly sound: boolean
    readonly entries: number
    /** Entries whose payload was erased; their hashes still hold. */
    readonly erased: number
    readonly faults: readonly LedgerFault[]
    readonly head: string | null
    readonly rows: readonly Readonly<Record<string, unknown>>[]
  }
}

export interface EvidenceStop {
  readonly channel: string
  readonly cause: string
  readonly how: string
  readonly askedAt: string
  /** From then on no send began; null where it was not measured. */
  readonly effectiveAt: string | null
  /** Planned messages to the same contact point that were handed over after it took effect. */
  readonly sentAfter: number
}

export interface EvidenceCall {
  readonly at: string
  readonly by: string
  readonly contactHash: string | null
  /** null for a call that was reported from elsewhere. */
  readonly decision: EvidenceDecision | null
}

export interface EvidenceAnswer {
  readonly at: string
  readonly state: string | null
  readonly code: string | null
  readonly because: string | null
}

export interface EvidenceTouch {
  readonly id: string
  readonly channel: string
  readonly class: string
  readonly step: string | null
  readonly contactHash: string
  readonly state: string
  readonly meaning: string
  readonly decision: EvidenceDecision | null
  readonly dispatchedAt: string | null
  readonly deliveredAt: string | null
  /** Until when the provider was let try to deliver a text; null for emails. */
  readonly validUntil: string | null
  readonly content: {
    readonly subject: string | null
    readonly text: string | null
    readonly html: string | null
    /** SHA-256 of subject, text and HTML with a line break between; null when erased. */
    readonly sha256: string | null
    /** Whether it is the content that the ledger recorded when the message was decided. */
    readonly asRecorded: boolean | null
    /** The salted hash of the words in the ledger's chain, which an erasure leaves. */
    readonly ledgerHash: string | null
  }
  readonly providerId: string | null
  /** What the provider answered and reported, in order. */
  readonly answers: readonly EvidenceAnswer[]
}

/** Gathers the pack, and verifies the lead's chain under the given keys, the current one first. */
export async function evidencePack(
  store: Store,
  lead: LeadRow,
  keys: readonly Buffer[],
  now: Instant,
): Promise<EvidencePack> {
  const { db } = store
  const erased = lead.status === 'erased'
  const entries = await db
    .selectFrom('ledger_entries')
    .selectAll()
    .where('lead_id', '=', lead.id)
    .orderBy('seq')
    .execute()
  const touches = await db
    .selectFrom('touches')
    .selectAll()
    .where('lead_id', '=', lead.id)
    .orderBy('intent_at')
    .execute()
  const points = await db
    .selectFrom('contact_points')
    .select(['kind', 'value', 'hash'])
    .where('lead_id', '=', lead.id)
    .orderBy('created_at')
    .execute()
  const contactHashes = [
    ...new Set([...points.map(({ hash }) => hash), ...touches.map((touch) => touch.contact_hash)]),
  ].sort()
  const report = await verifyLead(store, lead.id, keys)
  return {
    madeAt: toIso(now),
    lead: {
      id: lead.id,
      status: lead.status,
      erased,
      contactPoints: points.map(({ kind, value }) => ({ kind, value })),
      contactHashes,
    },
    consents: erased ? [] : await consentsOf(db, contactHashes),
    stops: await stopsOf(db, contactHashes, touches),
    touches: touches.map((touch) => asTouch(touch, entries)),
    calls: await callsOf(db, lead.id, entries),
    otherDecisions: entries
      .filter(({ kind, meta }) => kind === 'decision' && meta.verdict !== 'allowed')
      .map(asDecision),
    chain: {
      sound: report.faults.length === 0,
      entries: report.entries,
      erased: report.erased,
      faults: report.faults,
      head: lead.ledger_head,
      rows: entries.map(({ seq, kind, at, meta, payload, salt, payload_hash, previous, hash }) => ({
        ...{ seq, kind, at: toIso(at), meta, payload, salt },
        ...{ payloadHash: payload_hash, previous, hash },
      })),
    },
  }
}

async function consentsOf(
  executor: Executor,
  hashes: readonly string[],
): Promise<Record<string, unknown>[]> {
  if (hashes.length === 0) return []
  const rows = await executor
    .selectFrom('consents')
    .select(['channel', 'basis', 'disclosure', 'source', 'ip', 'url', 'proof'])
    .select(['contact_hash', 'by_lead', 'received_at', 'at'])
    .where('contact_hash', 'in', hashes)
    .orderBy('at')
    .execute()
  const versions = await executor.selectFrom('disclosures').selectAll().orderBy('version').execute()
  return rows.map(({ contact_hash, by_lead, received_at, at, ...consent }) => ({
    ...consent,
    contactHash: contact_hash,
    at: toIso(at),
    receivedAt: toIso(received_at),
    byLead: by_lead,
    disclosureText: shownThen(versions, consent.disclosure, at)?.text ?? null,
    disclosureVersion: shownThen(versions, consent.disclosure, at)?.version ?? null,
  }))
}

/** The version of a disclosure that was shown at an instant; null when none is on file. */
function shownThen(
  versions: readonly Selectable<DisclosuresTable>[],
  disclosure: string | null,
  at: Instant,
): Selectable<DisclosuresTable> | null {
  const known = versions.filter(({ id, since_at }) => id === disclosure && since_at <= at)
  return known.at(-1) ?? null
}

async function stopsOf(
  executor: Executor,
  hashes: readonly string[],
  touches: readonly Selectable<TouchesTable>[],
): Promise<EvidenceStop[]> {
  if (hashes.length === 0) return []
  const rows = await executor
    .selectFrom('suppressions')
    .selectAll()
    .where('contact_hash', 'in', hashes)
    .orderBy('at')
    .execute()
  return rows.map((row) => ({
    channel: row.channel,
    cause: row.cause,
    how: row.how,
    askedAt: toIso(row.at),
    effectiveAt: isoOrNull(row.effective_at),
    sentAfter: touches.filter((touch) => isAfter(touch, row)).length,
  }))
}

async function callsOf(
  executor: Executor,
  leadId: LeadId,
  entries: readonly Entry[],
): Promise<EvidenceCall[]> {
  const rows = await executor
    .selectFrom('calls')
    .selectAll()
    .where('lead_id', '=', leadId)
    .orderBy('at')
    .execute()
  return rows.map(({ at, by, contact_hash: contactHash, task_id: task }) => {
    const decided = entries.findLast(
      (entry) => task !== null && entry.meta.task === task && entry.at === at,
    )
    const decision = decided === undefined ? null : asDecision(decided)
    return { at: toIso(at), by, contactHash, decision }
  })
}

function isAfter(touch: Selectable<TouchesTable>, stop: Selectable<SuppressionsTable>): boolean {
  const same = touch.contact_hash === stop.contact_hash
  const meant = stop.channel === 'all' || stop.channel === touch.channel
  if (!same || !meant || touch.class !== 'marketing') return false
  return (
    touch.dispatched_wall_at !== null && touch.dispatched_wall_at > (stop.effective_at ?? stop.at)
  )
}

function asTouch(touch: Selectable<TouchesTable>, entries: readonly Entry[]): EvidenceTouch {
  const mine = entries.filter(({ meta }) => meta.touch === touch.id)
  const decided = mine.filter(({ kind, meta }) => kind === 'decision' && meta.verdict === 'allowed')
  const decision = decided.at(-1)
  const intent = mine.findLast(({ kind }) => kind === 'intent')
  const { subject, text, html } = touch
  const sha256 = text === null ? null : contentHash(subject, text, html)
  const recorded = textOf(intent?.payload?.sha256)
  return {
    id: touch.id,
    channel: touch.channel,
    class: touch.class,
    step: touch.step_id,
    contactHash: touch.contact_hash,
    state: touch.state,
    meaning: stateWords(touch.state, touch.channel),
    decision: decision === undefined ? null : asDecision(decision),
    dispatchedAt: isoOrNull(touch.dispatched_at),
    deliveredAt: isoOrNull(touch.delivered_at),
    validUntil: validUntil(touch),
    content: {
      subject,
      text,
      html,
      sha256,
      asRecorded: sha256 === null || recorded === null ? null : sha256 === recorded,
      ledgerHash: intent?.payload_hash ?? null,
    },
    providerId: touch.provider_id,
    answers: mine
      .filter(({ kind }) => kind === 'outcome')
      .map(({ at, meta, payload }) => ({
        at: toIso(at),
        state: textOf(meta.state),
        code: textOf(meta.code),
        because: textOf(payload?.because),
      })),
  }
}
