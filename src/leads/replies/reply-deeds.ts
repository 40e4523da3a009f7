import type { SignalId } from '../../domain/ids.ts'
import type { Executor } from '../../store/executor.ts'
import type { LeadRow } from '../../store/leads.ts'
import type { LeadBefore, ReplyDeeds } from '../../store/schema.ts'

/** What stands around a lead at one moment, as far as an answer may change it. */
interface Snapshot extends Pick<ReplyDeeds, 'holds' | 'tasks' | 'suppressions' | 'points'> {
  readonly lead: LeadBefore
}

/**
 * Does something to a locked lead and answers what it changed, so that it can be taken back.
 */
export async function recordingDeeds(
  trx: Executor,
  lead: LeadRow,
  by: SignalId,
  work: () => Promise<void>,
): Promise<ReplyDeeds> {
  const before = await snapshot(trx, lead)
  await work()
  const after = await snapshot(trx, lead)
  const added = <T>(now: readonly T[], then: readonly T[]) => now.filter((id) => !then.includes(id))
  return {
    by,
    holds: added(after.holds, before.holds),
    tasks: added(after.tasks, before.tasks),
    suppressions: added(after.suppressions, before.suppressions),
    points: before.points.filter(({ id, validity }) =>
      after.points.some((point) => point.id === id && point.validity !== validity),
    ),
    before: isMoved(before.lead, after.lead) ? before.lead : null,
  }
}

/** Two sets of deeds of one verdict, the earlier first. */
export function joinDeeds(first: ReplyDeeds, then: ReplyDeeds): ReplyDeeds {
  return {
    by: then.before === null ? first.by : then.by,
    holds: [...first.holds, ...then.holds],
    tasks: [...first.tasks, ...then.tasks],
    suppressions: [...first.suppressions, ...then.suppressions],
    points: [...first.points, ...then.points],
    before: first.before ?? then.before,
  }
}

function isMoved(before: LeadBefore, after: LeadBefore): boolean {
  return (
    before.status !== after.status ||
    before.dead_reason !== after.dead_reason ||
    before.episode_id !== after.episode_id
  )
}

async function snapshot(trx: Executor, lead: LeadRow): Promise<Snapshot> {
  const points = await trx
    .selectFrom('contact_points')
    .select(['id', 'validity', 'hash'])
    .where('lead_id', '=', lead.id)
    .execute()
  const all = [...new Set(points.map(({ hash }) => hash))]
  const suppressions =
    all.length === 0
      ? []
      : await trx.selectFrom('suppressions').select('id').where('contact_hash', 'in', all).execute()
  const holds = await trx
    .selectFrom('holds')
    .select('id')
    .where('lead_id', '=', lead.id)
    .where('lifted_at', 'is', null)
    .execute()
  const tasks = await trx
    .selectFrom('tasks')
    .select('id')
    .where('lead_id', '=', lead.id)
    .where('done_at', 'is', null)
    .execute()
  return {
    holds: holds.map(({ id }) => id),
    tasks: tasks.map(({ id }) => id),
    suppressions: suppressions.map(({ id }) => id),
    points: points.map(({ id, validity }) => ({ id, validity })),
    lead: {
      status: lead.status,
      dead_reason: lead.dead_reason,
      dead_details: lead.dead_details,
      dead_at: lead.dead_at,
      check_in_at: lead.check_in_at,
      check_ins: lead.check_ins,
      episode_id: lead.episode_id,
      watch_since: lead.watch_since,
      watch_step: lead.watch_step,
    },
  }
}
