import {
  type BulkAction,
  type BulkPace,
  type BulkWhom,
  type LeadFilter,
  lastsFor,
} from '../../domain/bulk.ts'
import type { LeadId } from '../../domain/ids.ts'
import { audit } from '../../store/company/audit.ts'
import type { Executor } from '../../store/executor.ts'
import { addBulk, type BulkRow } from '../../store/work/bulk-runs.ts'
import { requireCadence } from '../enrollment.ts'
import { invalidField, Refusal } from '../intake.ts'
import { requireSegment } from './segments.ts'
import { countLeads, type Judging, nextLeads } from './whom.ts'

/** What an operator wants done to many leads. */
export interface WantedBulk {
  readonly work: BulkAction
  readonly filter: LeadFilter
  /** The name of a segment that they must be in as well. */
  readonly segment: string | null
  /** Says that no condition is meant to stand: everybody. */
  readonly everyone: boolean
  readonly pace: BulkPace
  readonly because: string
}

/** What a run would do, before it does. */
export interface BulkPreview {
  readonly count: number
  /** False: as many as the first ones of a large segment let expect. */
  readonly exact: boolean
  /** The first of them, in the order in which they would be dealt with. */
  readonly sample: readonly LeadId[]
  /** How long it would take at the least, in milliseconds. */
  readonly lastsMs: number
}

const SAMPLE = 10

/** Whom a run would concern, and how long it would take. @throws Refusal 422 */
export async function previewBulk(
  executor: Executor,
  wanted: WantedBulk,
  { now, rules }: Judging,
): Promise<BulkPreview> {
  await check(executor, wanted)
  const concerned = { whom: await whomOf(executor, wanted), knownBefore: now }
  const { count, exact } = await countLeads(executor, concerned, { now, rules })
  const { leadIds: sample } = await nextLeads(executor, concerned, { now, rules }, null, SAMPLE)
  return { count, exact, sample, lastsMs: lastsFor(wanted.pace, count) }
}

/**
 * Begins a run, in the caller's transaction.
 * @throws Refusal 422 for what cannot be done, 409 when more leads are concerned than `expected`
 */
export async function startBulk(
  trx: Executor,
  wanted: WantedBulk,
  expected: number | null,
  who: string,
  { now: at, rules }: Judging,
): Promise<BulkRow> {
  await check(trx, wanted)
  const whom = await whomOf(trx, wanted)
  const { count: total } = await countLeads(trx, { whom, knownBefore: at }, { now: at, rules })
  if (expected !== null && total > expected) throw moreThan(expected, total)
  const { work, pace, because } = wanted
  const run = await addBulk(trx, { work, whom, pace, because, by: who, total, at })
  const details = {
    bulk: run.id,
    what: work.kind,
    whom: factsOf(wanted.filter),
    segment: wanted.segment,
    total,
  }
  await audit(trx, { who, action: 'bulk_begun', leadId: null, at, details })
  return run
}

async function whomOf(executor: Executor, { filter, segment }: WantedBulk): Promise<BulkWhom> {
  if (segment === null) return { kind: 'query', filter }
  const { name, when } = await requireSegment(executor, segment, 'whom.segment')
  return { kind: 'query', filter, segment: { name, when } }
}

async function check(executor: Executor, wanted: WantedBulk): Promise<void> {
  const { work, filter, segment, everyone } = wanted
  const given = Object.values(filter).filter((value) => value !== undefined)
  if (given.length === 0 && segment === null && !everyone) {
    const fix = 'Name a condition, or say "everyone": true.'
    throw invalidField('whom', 'It names nobody in particular.', fix)
  }
  if (filter.cadence !== undefined) await requireCadence(executor, filter.cadence, 'whom.cadence')
  if (work.kind === 'enroll') await requireCadence(executor, work.cadence, 'do.cadence')
  if (work.kind === 'revive' && work.cadence !== null) {
    await requireCadence(executor, work.cadence, 'do.cadence')
  }
}

function moreThan(expected: number, total: number): Refusal {
  return new Refusal(
    409,
    'more_than_expected',
    `${total} leads are concerned by now, and ${expected} were expected.`,
    'Look at the preview again, then begin with the new number.',
  )
}

/** Ids are counted, not listed. */
function factsOf({ ids, ...filter }: LeadFilter): Record<string, unknown> {
  return { ...filter, ...(ids !== undefined && { ids: ids.length }) }
}
