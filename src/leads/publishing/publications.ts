import type { PublishPolicy } from '../../domain/cadence/versions/policy.ts'
import type { EngineRules } from '../../domain/company/company.ts'
import type { LeadId, PublicationId } from '../../domain/ids.ts'
import { type Instant, MINUTE_MS, plus, toIso } from '../../domain/time.ts'
import { audit } from '../../store/company/audit.ts'
import {
  countUnderWay,
  endPublications,
  findPublication,
  giveBack,
  leadsUnderWay,
  type PublicationRow,
  stepOn,
  takePublication,
} from '../../store/company/publications.ts'
import type { Executor } from '../../store/executor.ts'
import { newId } from '../../store/new-id.ts'
import type { Ring } from '../../temporal/doorbell.ts'
import { type Intake, Refusal } from '../intake.ts'
import { isoOrNull } from '../views/view.ts'
import { type Move, moveLead } from './move-lead.ts'

/** A publication as it is shown; instants are ISO 8601. */
export interface PublicationView {
  readonly id: PublicationId
  readonly cadence: string
  readonly version: number
  readonly policy: PublishPolicy
  readonly state: PublicationRow['state']
  readonly by: string
  /** Leads that were under way in other versions when it began. */
  readonly leads: number
  readonly moved: number
  readonly ended: number
  readonly failed: number
  readonly startedAt: string
  readonly finishedAt: string | null
  readonly words: string
}

/**
 * Decides, in the caller's transaction, what becomes of the leads under way in other versions of
 * a cadence: the row by which they are moved afterwards. A newer publication of the same cadence
 * takes the place of one that still runs, and its policy holds for the leads that were left.
 */
export async function beginPublication(
  trx: Executor,
  wanted: { readonly cadence: string; readonly version: number; readonly policy: PublishPolicy },
  by: string,
  at: Instant,
): Promise<PublicationId> {
  const { cadence, version, policy } = wanted
  const { id: versionId } = await trx
    .selectFrom('cadence_versions')
    .select('id')
    .where('name', '=', cadence)
    .where('version', '=', version)
    .executeTakeFirstOrThrow()
  await endPublications(trx, { cadence }, 'superseded', at)
  const leads = await countUnderWay(trx, { cadence, besides: versionId })
  const runs = policy !== 'pin' && leads > 0
  const publicationId = newId<PublicationId>('publication')
  await trx
    .insertInto('publications')
    .values({
      id: publicationId,
      cadence_name: cadence,
      version_id: versionId,
      policy,
      state: runs ? 'running' : 'done',
      by,
      leads,
      cursor: null,
      worked_until_at: null,
      created_at: at,
      finished_at: runs ? null : at,
    })
    .execute()
  return publicationId
}

/** Stops moving leads; those that were moved stay where they are. @throws Refusal 404, 409 */
export async function cancelPublication(
  trx: Executor,
  publicationId: PublicationId,
  who: string,
  at: Instant,
): Promise<PublicationView> {
  const row = await findPublication(trx, publicationId)
  if (row === null) throw noSuchPublication()
  if ((await endPublications(trx, { id: publicationId }, 'cancelled', at)) === 0) {
    const fix = 'Publish again to decide anew what becomes of the leads under way.'
    throw new Refusal(409, 'not_running', `This publication is ${row.state}.`, fix)
  }
  const details = { publication: publicationId }
  await audit(trx, { who, action: 'cancel_publication', leadId: null, at, details })
  return await viewPublication(trx, (await findPublication(trx, publicationId)) ?? row)
}

/** There is no publication of this id. */
export function noSuchPublication(): Refusal {
  const fix = 'List them with GET /v1/publications.'
  return new Refusal(404, 'no_such_publication', 'No publication has this id.', fix)
}

/** What is shown of a publication. */
export async function viewPublication(
  executor: Executor,
  row: PublicationRow,
): Promise<PublicationView> {
  const { version } = await executor
    .selectFrom('cadence_versions')
    .select('version')
    .where('id', '=', row.version_id)
    .executeTakeFirstOrThrow()
  return {
    id: row.id,
    cadence: row.cadence_name,
    version,
    policy: row.policy,
    state: row.state,
    by: row.by,
    leads: row.leads,
    moved: row.moved,
    ended: row.ended,
    failed: row.failed,
    startedAt: toIso(row.created_at),
    finishedAt: isoOrNull(row.finished_at),
    words: progressWords(row),
  }
}

function progressWords({ policy, state, leads, moved, ended, failed }: PublicationRow): string {
  const all = `${leads} ${leads === 1 ? 'lead' : 'leads'}`
  if (policy === 'pin') return `${all} under way keep the version they are in`
  const wrong = failed === 0 ? '' : `, ${failed} could not be moved`
  const over = ended === 0 ? '' : `, ${ended} of them past the last step`
  return `${moved} of ${all} moved${over}${wrong}: ${state}`
}

/** A process that dies with a publication in hand gives it back after this long. */
const IN_HAND_MS = MINUTE_MS

export interface Round {
  readonly publication: PublicationId
  readonly leads: number
  /** It is done, or was ended meanwhile. */
  readonly over: boolean
}

/** How many leads are moved at once, and how long every process rests after that. */
export interface Pace {
  readonly limit: number
  readonly restMs: number
}

/**
 * Moves the next leads of the oldest publication that runs, each in a transaction of its own, and
 * rings them. What a crash interrupts goes on with the next lead. Null when there is nothing to do.
 */
export async function workPublications(
  intake: Pick<Intake, 'store' | 'doorbell' | 'now'>,
  rules: EngineRules,
  { limit, restMs }: Pace,
): Promise<Round | null> {
  const { store, doorbell } = intake
  const now = intake.now()
  const row = await store.transaction((trx) =>
    takePublication(trx, { now, untilAt: plus(now, IN_HAND_MS) }),
  )
  if (row === null || row.policy === 'pin') return null
  const move: Move = {
    publication: row.id,
    cadence: row.cadence_name,
    versionId: row.version_id,
    policy: row.policy,
    by: row.by,
  }
  const page = { cadence: move.cadence, besides: move.versionId, after: row.cursor, limit }
  const leadIds = await leadsUnderWay(store.db, page)
  const rings: Ring[] = []
  for (const leadId of leadIds) {
    const moved = await moveOne(intake, leadId, move, rules)
    if (moved === 'over') return { publication: row.id, leads: leadIds.length, over: true }
    if (moved !== null) rings.push(moved)
  }
  doorbell.ring(rings)
  await doorbell.settle()
  const over = leadIds.length < limit
  if (over) await finish(intake, row.id)
  else await giveBack(store.db, row.id, plus(now, restMs))
  return { publication: row.id, leads: leadIds.length, over }
}

/** 'over' when the publication was ended meanwhile: then the lead stays where it was. */
async function moveOne(
  { store, now }: Pick<Intake, 'store' | 'now'>,
  leadId: LeadId,
  move: Move,
  rules: EngineRules,
): Promise<Ring | 'over' | null> {
  try {
    return await store.transaction(async (trx) => {
      const moved = await moveLead(trx, leadId, move, { now: now(), rules })
      const count = {
        moved: moved.kind === 'moved' ? 1 : 0,
        ended: moved.kind === 'moved' && moved.ended ? 1 : 0,
        failed: 0,
      }
      if (!(await stepOn(trx, move.publication, leadId, count))) throw new Over()
      return moved.kind === 'moved' ? moved.ring : null
    })
  } catch (error) {
    if (error instanceof Over) return 'over'
    // The store is away: the turn is made again, from this lead on.
    if (!(error instanceof RangeError)) throw error
    await stepOn(store.db, move.publication, leadId, { moved: 0, ended: 0, failed: 1 })
    return null
  }
}

class Over extends Error {}

async function finish(
  { store, now }: Pick<Intake, 'store' | 'now'>,
  publicationId: PublicationId,
): Promise<void> {
  await store.transaction((trx) => endPublications(trx, { id: publicationId }, 'done', now()))
}
