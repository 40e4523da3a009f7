import { sql } from 'kysely'
import { jsonArrayFrom } from 'kysely/helpers/postgres'
import type { ContactPointId, LeadId } from '../../domain/ids.ts'
import type { Instant } from '../../domain/time.ts'
import type { Executor } from '../executor.ts'
import { type ContactKind, candidateHashes, type HashKeys } from '../hash-key.ts'
import { newId } from '../new-id.ts'

/** A contact point in its one spelling. */
export interface PointValue {
  readonly kind: ContactKind
  readonly value: string
}

export interface KeyedPoint extends PointValue {
  readonly hash: string
}

/**
 * Makes sure that each contact point has its row in contact_keys, and holds these rows, sorted,
 * until the transaction ends: whatever concerns the same person queues here. A point keeps the
 * hash it was first known under, also when keys have been rotated since.
 */
export async function holdContactKeys(
  trx: Executor,
  keys: HashKeys,
  points: readonly PointValue[],
  at: Instant,
): Promise<KeyedPoint[]> {
  if (points.length === 0) return []
  const known = await knownPoints(trx, keys, points)
  const rows = known
    .map(({ kind, hash }) => ({ hash, kind, key_id: keys.current.id, created_at: at }))
    .sort((a, b) => (a.hash < b.hash ? -1 : 1))
  const distinct = rows.filter((row, index) => row.hash !== rows[index - 1]?.hash)
  const added = await trx
    .insertInto('contact_keys')
    .values(distinct)
    .onConflict((on) => on.column('hash').doNothing())
    .returning('hash')
    .execute()
  // Whoever else wants a row that we have just added waits for us already.
  if (added.length === distinct.length) return known
  await trx
    .selectFrom('contact_keys')
    .select('hash')
    .where(
      'hash',
      'in',
      distinct.map(({ hash }) => hash),
    )
    .orderBy('hash')
    .forUpdate()
    .execute()
  return known
}

/** The points with the hash they stand under, or would. */
export async function knownPoints(
  executor: Executor,
  keys: HashKeys,
  points: readonly PointValue[],
): Promise<KeyedPoint[]> {
  const candidates = points.map(({ kind, value }) => candidateHashes(keys, kind, value))
  if (candidates.length === 0) return []
  // Without keys of old there is one hash for each point, whether it is stored or not.
  const stored = keys.old.length === 0 ? NONE : await storedAmong(executor, candidates.flat())
  return points.flatMap((point, index) => {
    const mine = candidates[index] ?? []
    const hash = mine.find((each) => stored.has(each)) ?? mine[0]
    return hash === undefined ? [] : [{ ...point, hash }]
  })
}

const NONE: ReadonlySet<string> = new Set()

async function storedAmong(
  executor: Executor,
  hashes: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await executor
    .selectFrom('contact_keys')
    .select('hash')
    .where('hash', 'in', [...hashes])
    .execute()
  return new Set(rows.map(({ hash }) => hash))
}

/** Holds the name under which a company knows a lead, so that two posts make one lead of it. */
export async function holdExternalId(trx: Executor, externalId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(${sql.lit(EXTERNAL_IDS)}, hashtext(${externalId}))`.execute(
    trx,
  )
}

/** Any constant serves, so long as no other lock uses it. */
const EXTERNAL_IDS = 7_364_513

export interface PointOwner {
  readonly kind: ContactKind
  readonly leadId: LeadId
  readonly externalId: string | null
  readonly current: boolean
}

/** The leads that have, or had, this contact point; those that have it first. */
export function ownersOf(executor: Executor, point: PointValue): Promise<PointOwner[]> {
  return owning(executor, [point]).execute()
}

function owning(executor: Pick<Executor, 'selectFrom'>, points: readonly PointValue[]) {
  return executor
    .selectFrom('contact_points')
    .innerJoin('leads', 'leads.id', 'contact_points.lead_id')
    .select(['kind', 'lead_id as leadId', 'external_id as externalId', 'current'])
    .where((on) => on.or(points.map(({ kind, value }) => on.and({ kind, value }))))
    .orderBy('current', 'desc')
    .orderBy('leads.created_at')
    .orderBy('leads.id')
}

export interface Known {
  /** The lead that the company knows under this name. */
  readonly named: LeadId | null
  /** The leads that have, or had, one of the contact points; those that have it first. */
  readonly owners: readonly PointOwner[]
}

/** Who is known by an external id or by contact points, in one round trip. */
export async function whoIs(
  executor: Executor,
  externalId: string | null,
  points: readonly PointValue[],
): Promise<Known> {
  return await executor
    .selectNoFrom((on) => [
      on.selectFrom('leads').select('id').where('external_id', '=', externalId).as('named'),
      jsonArrayFrom(owning(executor, points)).as('owners'),
    ])
    .executeTakeFirstOrThrow()
}

/** The current email and phone of a lead. */
export async function currentPointsOf(
  executor: Executor,
  leadId: LeadId,
): Promise<{ email: string | null; phone: string | null }> {
  const rows = await executor
    .selectFrom('contact_points')
    .select(['kind', 'value'])
    .where('lead_id', '=', leadId)
    .where('current', '=', true)
    .execute()
  const of = (kind: ContactKind) => rows.find((row) => row.kind === kind)?.value ?? null
  return { email: of('email'), phone: of('phone') }
}

/** The lead's current contact points, with the keyed hashes they stand under. */
export async function keyedPointsOf(
  executor: Executor,
  leadId: LeadId,
): Promise<{ email: KeyedPoint | null; phone: KeyedPoint | null }> {
  const rows = await executor
    .selectFrom('contact_points')
    .select(['kind', 'value', 'hash'])
    .where('lead_id', '=', leadId)
    .where('current', '=', true)
    .execute()
  const of = (kind: ContactKind) => rows.find((row) => row.kind === kind) ?? null
  return { email: of('email'), phone: of('phone') }
}

/** The statement that adds the points of a new lead, at least one, to be one with another. */
export function insertingPoints(
  trx: Pick<Executor, 'insertInto'>,
  leadId: LeadId,
  points: readonly KeyedPoint[],
  at: Instant,
) {
  return trx.insertInto('contact_points').values(points.map((point) => newRow(leadId, point, at)))
}

function newRow(leadId: LeadId, { kind, value, hash }: KeyedPoint, at: Instant) {
  return {
    id: newId<ContactPointId>('contact-point'),
    lead_id: leadId,
    kind,
    value,
    hash,
    current: true,
    validity: 'unknown',
    invalid_because: null,
    created_at: at,
  } as const
}

/** Makes this the point that a lead is reached by; the one before stays on file. */
export async function setCurrentPoint(
  trx: Executor,
  leadId: LeadId,
  point: KeyedPoint,
  at: Instant,
): Promise<void> {
  await retirePoint(trx, leadId, point.kind)
  await trx
    .insertInto('contact_points')
    .values(newRow(leadId, point, at))
    .onConflict((on) => on.columns(['lead_id', 'kind', 'value']).doUpdateSet({ current: true }))
    .execute()
}

/** The lead is not reached by its email, or phone, any more. */
export async function retirePoint(trx: Executor, leadId: LeadId, kind: ContactKind): Promise<void> {
  await trx
    .updateTable('contact_points')
    .set({ current: false })
    .where('lead_id', '=', leadId)
    .where('kind', '=', kind)
    .where('current', '=', true)
    .execute()
}
