import { sql } from 'kysely'
import type { CadenceVersionId, EpisodeId, SignalId } from '../domain/ids.ts'
import type { DeadDetails, DeadReason, EpisodeKind } from '../domain/lead.ts'
import type { Instant } from '../domain/time.ts'
import { compiledOnce } from './compiled-once.ts'
import type { EpisodeRow } from './episodes.ts'
import type { Executor } from './executor.ts'
import { json } from './json.ts'
import type { LeadRow } from './leads.ts'
import { newId } from './new-id.ts'

export interface Beginning {
  readonly kind: EpisodeKind
  readonly cadence: string
  readonly versionId: CadenceVersionId
  readonly begunBy: EpisodeRow['began_by']
  readonly at: Instant
  /** The signal that begins it, if one does. */
  readonly signalId: SignalId | null
  readonly fromReason: DeadReason | null
  readonly fromDetails: DeadDetails | null
  /** The step it begins at; null for a cadence without any. */
  readonly stepId: string | null
  /** How many check-ins the lead has had in a row, this one included. */
  readonly checkIns: number
}

/**
 * Puts a locked lead, which is in no episode, into a new one at its first step; it is not held for
 * want of a cadence any more. All of it in one statement.
 */
export async function beginEpisode(
  trx: Executor,
  lead: LeadRow,
  { fromDetails, ...beginning }: Beginning,
): Promise<void> {
  const [row] = await begin(trx, {
    ...beginning,
    fromDetails: json(fromDetails),
    leadId: lead.id,
    episodeId: newId<EpisodeId>('episode'),
    lastSeq: lead.last_seq,
  })
  Object.assign(lead, row)
}

type BeginArgs = Omit<Beginning, 'fromDetails'> & {
  readonly fromDetails: string
  readonly leadId: LeadRow['id']
  readonly episodeId: EpisodeId
  readonly lastSeq: number
}

const begin = compiledOnce((trx, args: BeginArgs) =>
  trx
    .with('begun', (db) =>
      db
        .insertInto('episodes')
        .values(columnsOf(args))
        .returning(['id', 'lead_id', 'cadence_version_id', 'started_at', 'step_id', 'visit']),
    )
    .with('entered', (db) =>
      db
        .insertInto('step_visits')
        .columns(['episode_id', 'step_id', 'visit', 'lead_id', 'cadence_version_id', 'entered_at'])
        .expression(
          db
            .selectFrom('begun')
            .select(['id', 'step_id', 'visit', 'lead_id', 'cadence_version_id', 'started_at'])
            .where('step_id', 'is not', null),
        ),
    )
    .with('let_go', (db) =>
      db
        .updateTable('holds')
        .set({ lifted_at: args.at, lifted_by: args.signalId, resume_mode: null })
        .where('lead_id', '=', args.leadId)
        .where('lifted_at', 'is', null)
        .where('kind', '=', 'no_cadence'),
    )
    .updateTable('leads')
    .set({ episode_id: args.episodeId, check_ins: args.checkIns })
    .where('id', '=', args.leadId)
    .returning(['episode_id', 'check_ins']),
)

function columnsOf(args: BeginArgs) {
  // What came after the signal that begins it belongs to it, also when both are absorbed at once.
  const begunAt = sql<number>`coalesce(
    (select seq from signals where id = ${args.signalId}), ${args.lastSeq}
  )`
  return {
    id: args.episodeId,
    lead_id: args.leadId,
    number: sql<number>`(
      select coalesce(max(number), 0) + 1 from episodes where lead_id = ${args.leadId}
    )`,
    kind: args.kind,
    cadence_name: args.cadence,
    cadence_version_id: args.versionId,
    began_by: args.begunBy,
    started_at: args.at,
    from_reason: args.fromReason,
    from_details: args.fromDetails,
    step_id: args.stepId,
    visit: 1,
    anchor_at: args.at,
    from_seq: begunAt,
    anchor_seq: begunAt,
  }
}
