import type { BulkId } from '../../domain/ids.ts'
import type { ResumeMode } from '../../domain/pauses.ts'
import { type Instant, toIso } from '../../domain/time.ts'
import { audit } from '../../store/company/audit.ts'
import {
  addCadencePause,
  endCadencePause,
  openCadencePause,
} from '../../store/company/cadence-pauses.ts'
import { haltSends } from '../../store/company/emergency-stops.ts'
import type { Executor } from '../../store/executor.ts'
import type { HoldRow } from '../../store/holds.ts'
import { wakeLeads } from '../bulk/wake-leads.ts'
import { requireCadence } from '../enrollment.ts'
import { Refusal } from '../intake.ts'

/** A cadence that stands still, as it is shown. */
export interface CadencePauseView {
  readonly cadence: string
  readonly because: string
  readonly by: string
  readonly since: string
}

/**
 * Stands a cadence still, in the caller's transaction: it waits for every decision to send that is
 * under way, and takes back what was intended. From the commit on nothing of the cadence leaves but
 * what is `dispatching` already, and its leads' clocks stand. The same again changes nothing.
 * @throws Refusal 422 when no such cadence is published
 */
export async function pauseCadence(
  trx: Executor,
  cadence: string,
  because: string | null,
  who: string,
  at: Instant,
): Promise<{ pause: CadencePauseView; created: boolean }> {
  await requireCadence(trx, cadence, 'name')
  await haltSends(trx)
  const open = await openCadencePause(trx, cadence)
  if (open !== null) return { pause: viewPause(cadence, open), created: false }
  const why = because ?? 'paused by an operator'
  const pause = await addCadencePause(trx, { cadence, because: why, by: who, at })
  await takeBackIntents(trx, cadence)
  await audit(trx, { who, action: 'cadence_paused', leadId: null, at, details: { cadence } })
  return { pause: viewPause(cadence, pause), created: true }
}

/** Takes back what the cadence intended and has not begun; few are open at any moment. */
async function takeBackIntents(trx: Executor, cadence: string): Promise<void> {
  await trx
    .updateTable('touches')
    .set({ state: 'abandoned', because: 'taken back: the cadence is paused' })
    .where('state', '=', 'intent')
    .where('episode_id', 'in', (on) =>
      on.selectFrom('episodes').select('episodes.id').where('cadence_name', '=', cadence),
    )
    .execute()
}

/**
 * Lets a cadence go on; a bulk run wakes its leads, so many a minute. `mode` says what becomes of
 * the time it stood still.
 * @throws Refusal 404, 409 when it is not paused
 */
export async function resumeCadence(
  trx: Executor,
  cadence: string,
  mode: ResumeMode,
  who: string,
  at: Instant,
): Promise<{ pause: CadencePauseView; mode: ResumeMode; woken: number; bulk: BulkId }> {
  await requireCadence(trx, cadence, 'name')
  const ended = await endCadencePause(trx, cadence, mode, at)
  if (ended === null) throw notPaused(cadence)
  const details = { cadence, mode }
  await audit(trx, { who, action: 'cadence_resumed', leadId: null, at, details })
  const whom = { kind: 'query', filter: { cadence } } as const
  const wake = await wakeLeads(trx, whom, 'the cadence goes on', who, at)
  return { pause: viewPause(cadence, ended), mode, woken: wake.total, bulk: wake.id }
}

/** @throws Refusal 409 */
export async function requirePaused(executor: Executor, cadence: string): Promise<HoldRow> {
  await requireCadence(executor, cadence, 'name')
  const open = await openCadencePause(executor, cadence)
  if (open === null) throw notPaused(cadence)
  return open
}

/** The pause of a cadence as it is shown. */
export function viewPause(cadence: string, { because, by, created_at }: HoldRow): CadencePauseView {
  return { cadence, because, by, since: toIso(created_at) }
}

function notPaused(cadence: string): Refusal {
  return new Refusal(
    409,
    'cadence_not_paused',
    `The cadence ${cadence} is not paused.`,
    'Nothing is to be done: it goes on already.',
  )
}
