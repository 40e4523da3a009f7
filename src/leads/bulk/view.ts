import type { BulkPace, BulkWhom, BulkWork } from '../../domain/bulk.ts'
import { writeDuration } from '../../domain/cadence/duration.ts'
import type { BulkId } from '../../domain/ids.ts'
import { stopWords } from '../../domain/policy/index.ts'
import { toIso } from '../../domain/time.ts'
import type { BulkState } from '../../store/schema.ts'
import type { BulkRow } from '../../store/work/bulk-runs.ts'
import { isoOrNull } from '../views/view.ts'

/** A bulk run as it is shown; instants are ISO 8601. */
export interface BulkView {
  readonly id: BulkId
  /** "pause", "put into new-lead", "wake". */
  readonly what: string
  /** "leads with status nurturing, source fair". */
  readonly whom: string
  /** "600 a minute", "500 a day". */
  readonly pace: string
  readonly because: string
  readonly by: string
  readonly state: BulkState
  readonly total: number
  readonly done: number
  readonly passed: number
  readonly createdAt: string
  readonly updatedAt: string
  readonly finishedAt: string | null
}

/** A bulk run as it is shown, all of it in words as well; instants are ISO 8601. */
export function viewBulk(run: BulkRow): BulkView {
  return {
    id: run.id,
    what: workWords(run.work),
    whom: whomWords(run.whom),
    pace: paceWords(run.pace),
    because: run.because,
    by: run.by,
    state: run.state,
    total: run.total,
    done: run.done,
    passed: run.passed,
    createdAt: toIso(run.created_at),
    updatedAt: toIso(run.updated_at),
    finishedAt: isoOrNull(run.finished_at),
  }
}

/** What is done to each lead, in words. */
export function workWords(work: BulkWork): string {
  switch (work.kind) {
    case 'wake':
      return 'plan anew'
    case 'enroll':
      return `put into ${work.cadence}${work.replace ? ', whatever the priorities say' : ''}`
    case 'pause':
      return 'pause'
    case 'resume':
      return `resume (${work.mode})`
    case 'skip':
      return 'skip the planned step'
    case 'jump':
      return `go to step ${work.step}`
    case 'hold':
      return `hold until ${toIso(work.until)}`
    case 'send_now':
      return 'send the planned message now'
    case 'mark_dead':
      return `give up as ${work.details.reason}`
    case 'revive':
      return work.cadence === null ? 'revive' : `revive into ${work.cadence}`
  }
}

function whomWords(whom: BulkWhom): string {
  switch (whom.kind) {
    case 'stop':
      return `leads that waited for the end of the emergency stop for ${stopWords(whom.stop)}`
    case 'held':
      return 'leads that wait until something is lifted'
    case 'query': {
      const { ids, ...filter } = whom.filter
      const { segment } = whom
      const conditions = Object.entries(filter).flatMap(([name, value]) =>
        value === undefined ? [] : [`${name} ${value}`],
      )
      if (segment !== undefined) conditions.unshift(`segment ${segment.name}`)
      if (ids !== undefined) conditions.push(`one of ${ids.length} ids`)
      return conditions.length === 0 ? 'everybody' : `leads with ${conditions.join(', ')}`
    }
  }
}

function paceWords(pace: BulkPace): string {
  return pace.kind === 'per_minute' ? `${pace.perMinute} a minute` : `${pace.perDay} a day`
}

/** How long a run takes at the least, in words: "2m", "3d". */
export function lastsWords(ms: number): string {
  const minute = 60_000
  return writeDuration(Math.max(minute, Math.ceil(ms / minute) * minute))
}
