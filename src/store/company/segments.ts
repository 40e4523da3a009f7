import type { Selectable } from 'kysely'
import type { Condition } from '../../domain/cadence/conditions/conditions.ts'
import type { Instant } from '../../domain/time.ts'
import type { Executor } from '../executor.ts'
import { json } from '../json.ts'
import type { SegmentsTable } from '../schema.ts'

/** A named condition that leads meet or do not. */
export interface Segment {
  readonly name: string
  readonly title: string
  readonly when: Condition
  readonly updatedAt: Instant
  readonly updatedBy: string
}

/** All segments, by name. */
export async function allSegments(executor: Executor): Promise<Segment[]> {
  const rows = await executor.selectFrom('segments').selectAll().orderBy('name').execute()
  return rows.map(asSegment)
}

/** The segment of this name; null when there is none. */
export async function findSegment(executor: Executor, name: string): Promise<Segment | null> {
  const row = await executor
    .selectFrom('segments')
    .selectAll()
    .where('name', '=', name)
    .executeTakeFirst()
  return row === undefined ? null : asSegment(row)
}

function asSegment(row: Selectable<SegmentsTable>): Segment {
  const { name, title, definition, updated_at: updatedAt, updated_by: updatedBy } = row
  // Only putSegment writes the definition, from a condition that was read.
  return { name, title, when: definition as Condition, updatedAt, updatedBy }
}

/** Writes a segment; false when one of this name was there and is replaced. */
export async function putSegment(
  trx: Executor,
  segment: Pick<Segment, 'name' | 'title' | 'when'>,
  by: string,
  at: Instant,
): Promise<boolean> {
  const { name, title } = segment
  const definition = json(segment.when)
  const known = await findSegment(trx, name)
  const changed = { title, definition, updated_at: at, updated_by: by }
  await trx
    .insertInto('segments')
    .values({ name, ...changed, created_at: at })
    .onConflict((on) => on.column('name').doUpdateSet(changed))
    .execute()
  return known === null
}

/** False when there is none of this name. */
export async function removeSegment(trx: Executor, name: string): Promise<boolean> {
  const row = await trx
    .deleteFrom('segments')
    .where('name', '=', name)
    .returning('name')
    .executeTakeFirst()
  return row !== undefined
}
