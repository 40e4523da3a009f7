import { planBatch } from '../../domain/bulk.ts'
import type { EngineRules } from '../../domain/company/company.ts'
import type { BulkStep } from '../../domain/contract.ts'
import type { BulkId, LeadId } from '../../domain/ids.ts'
import { type Instant, MINUTE_MS, plus } from '../../domain/time.ts'
import type { Store } from '../../store/connect.ts'
import { StoreError } from '../../store/errors.ts'
import type { Executor } from '../../store/executor.ts'
import { type BulkRow, lockBulk, notePassed, patchBulk } from '../../store/work/bulk-runs.ts'
import type { Ring } from '../../temporal/doorbell.ts'
import { Refusal } from '../intake.ts'
import { doOne } from './do-one.ts'
import { nextLeads } from './whom.ts'

/** What a batch needs; `now` is the engine's clock, `wall` the real one. */
export interface BatchContext {
  readonly store: Store
  readonly rules: EngineRules
  readonly now: Instant
  readonly wall: () => Instant
  readonly ring: (rings: readonly Ring[]) => void
  /**
   * Leads that fail for no known reason are passed over from the so many-th try on, so that one
   * of them does not stand in the way of the others.
   */
  readonly attempt: number
}

/** One activity does not take longer than this, whatever the batch. */
const MOST_MS = 20_000
const TRIES = 5
/** How late its workflow may be before it is looked for. */
const LATE_MS = 2 * MINUTE_MS
const LEAST_WAIT_MS = 1_000

/**
 * Does one batch of a run: each lead in a transaction of its own together with the run's cursor
 * and counts. So a run that is cut off at any point goes on behind the last lead that was done,
 * and from the acknowledgement of a pause or a cancel on no other lead is touched.
 */
export async function bulkBatch(context: BatchContext, bulkId: BulkId): Promise<BulkStep> {
  const run = await begin(context, bulkId)
  if (run === null) return { v: 1, next: { do: 'complete' }, details: 'no such run' }
  if (run.state !== 'running') return atRest(run)
  const concerned = { whom: run.whom, knownBefore: run.created_at }
  const { db } = context.store
  const limit = run.batch_left + 1
  const found = await nextLeads(db, concerned, context, run.cursor, limit)
  const end = context.wall() + MOST_MS
  const { leadIds } = found
  for (const leadId of leadIds.slice(0, run.batch_left)) {
    if (!(await one(context, run, leadId))) break
    if (context.wall() > end) break
  }
  // Many were looked at, and too few of them belong to the run to fill the batch.
  const lookedTo = found.more && leadIds.length <= run.batch_left ? found.lookedTo : null
  const more = leadIds.length > run.batch_left || lookedTo !== null
  return await context.store.transaction((trx) => close(context, trx, bulkId, more, lookedTo))
}

/** Gives the run its next batch when the time for it has come. */
async function begin(context: BatchContext, bulkId: BulkId): Promise<BulkRow | null> {
  const { store, rules, now } = context
  return await store.transaction(async (trx) => {
    const run = await lockBulk(trx, bulkId)
    if (run === null || run.state !== 'running' || run.batch_left > 0) return run
    if (run.next_batch_at !== null && run.next_batch_at > now) return run
    const { company, policy } = rules
    const hours = { hours: policy.preferredHours, zone: company.timezone }
    const { count, nextAt } = planBatch(run.pace, now, hours)
    await patchBulk(trx, bulkId, { batch_left: count, next_batch_at: nextAt })
    return { ...run, batch_left: count, next_batch_at: nextAt }
  })
}

/** False when the run was stopped in the meantime. */
async function one(context: BatchContext, run: BulkRow, leadId: LeadId): Promise<boolean> {
  try {
    const rings = await context.store.transaction(async (trx) => {
      if (!(await advance(context, trx, run, leadId, 'done'))) return null
      const { rules, now, wall } = context
      return await doOne(trx, run, leadId, { rules, now, receivedAt: wall() })
    })
    if (rings === null) return false
    if (rings.length > 0) context.ring(rings)
    return true
  } catch (error) {
    const passed = passedOver(error, context.attempt)
    if (passed === null) throw error
    return await context.store.transaction(async (trx) => {
      if (!(await advance(context, trx, run, leadId, 'passed'))) return false
      await notePassed(trx, { bulkId: run.id, leadId, ...passed, at: context.wall() })
      return true
    })
  }
}

function passedOver(error: unknown, attempt: number): { code: string; because: string } | null {
  if (error instanceof Refusal) return { code: error.code, because: error.message }
  if (error instanceof StoreError || attempt < TRIES) return null
  // What a driver or a library says may quote a person.
  return { code: 'failed', because: `It failed ${attempt} times; the log tells more.` }
}

/** Moves the run behind this lead; false when it is not running, or somebody else was here. */
async function advance(
  { wall }: BatchContext,
  trx: Executor,
  { id }: BulkRow,
  leadId: LeadId,
  as: 'done' | 'passed',
): Promise<boolean> {
  const run = await lockBulk(trx, id)
  if (run === null || run.state !== 'running' || run.batch_left <= 0) return false
  if (run.cursor !== null && run.cursor >= leadId) return false
  await patchBulk(trx, id, {
    cursor: leadId,
    batch_left: run.batch_left - 1,
    updated_at: wall(),
    ...(as === 'done' ? { done: run.done + 1 } : { passed: run.passed + 1 }),
  })
  return true
}

async function close(
  { now, wall }: BatchContext,
  trx: Executor,
  bulkId: BulkId,
  more: boolean,
  lookedTo: LeadId | null,
): Promise<BulkStep> {
  const run = await lockBulk(trx, bulkId)
  if (run === null) return { v: 1, next: { do: 'complete' }, details: 'no such run' }
  if (run.state !== 'running') return atRest(run)
  if (!more) {
    const at = wall()
    const finished = { state: 'done', finished_at: at, updated_at: at, batch_left: 0 } as const
    await patchBulk(trx, bulkId, { ...finished, heard_revision: run.revision })
    return atRest({ ...run, ...finished })
  }
  const ms = run.batch_left > 0 ? 1 : Math.max((run.next_batch_at ?? now) - now, LEAST_WAIT_MS)
  const onward = lookedTo !== null && lookedTo > (run.cursor ?? '') ? { cursor: lookedTo } : {}
  await patchBulk(trx, bulkId, { back_by_at: plus(wall(), ms + LATE_MS), ...onward })
  return { v: 1, next: { do: 'wait', ms }, details: progressWords(run) }
}

function atRest(run: BulkRow): BulkStep {
  const details = `${run.state}: ${progressWords(run)}`
  if (run.state === 'paused') return { v: 1, next: { do: 'wait', ms: null }, details }
  return { v: 1, next: { do: 'complete' }, details }
}

function progressWords({ work, done, passed, total }: BulkRow): string {
  return `${work.kind}: ${done} of ${total} leads done, ${passed} passed over`
}
