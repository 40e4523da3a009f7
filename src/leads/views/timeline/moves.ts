import type { LeadId } from '../../../domain/ids.ts'
import { toIso } from '../../../domain/time.ts'
import type { Executor } from '../../../store/executor.ts'
import type { TimelineEntry } from './entry.ts'

/** When publishing moved the lead into another version of its cadence. */
export async function versionMoves(executor: Executor, leadId: LeadId): Promise<TimelineEntry[]> {
  const rows = await executor
    .selectFrom('audit_log')
    .select(['at', 'who', 'details'])
    .where('lead_id', '=', leadId)
    .where('action', '=', 'move_version')
    .orderBy('at')
    .execute()
  const versions = new Map(
    (await executor.selectFrom('cadence_versions').select(['id', 'version']).execute()).map(
      ({ id, version }) => [String(id), version],
    ),
  )
  return rows.map(({ at, who, details }) => {
    const word = (key: string) => {
      const value = details[key]
      return typeof value === 'string' ? value : 'the end'
    }
    const stood = word('stepBefore') === word('step') ? '' : `, stood at ${word('stepBefore')}`
    const version = versions.get(word('to')) ?? '?'
    return {
      at: toIso(at),
      receivedAt: toIso(at),
      kind: 'episode',
      title: `moved to version ${version} of ${word('cadence')} by ${who}: goes on at ${word('step')}${stood}`,
      details: { ...details, by: who },
    }
  })
}
