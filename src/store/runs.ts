import type { LeadId } from '../domain/ids.ts'
import type { Instant } from '../domain/time.ts'
import { compiledOnce } from './compiled-once.ts'
import type { Executor } from './executor.ts'
import type { LeadRow } from './leads.ts'

/** Keeps the id of the workflow run that looks at the lead; the run before it is closing. */
export async function noteRun(
  trx: Executor,
  lead: LeadRow,
  runId: string,
  at: Instant,
): Promise<void> {
  if (lead.run_id === runId) return
  if (lead.run_id !== null) await closeRuns(trx, lead.id, at, runId)
  await beginning(trx, { leadId: lead.id, runId, at })
  lead.run_id = runId
}

interface Beginning {
  readonly leadId: LeadId
  readonly runId: string
  readonly at: Instant
}

const beginning = compiledOnce((trx, { leadId, runId, at }: Beginning) =>
  trx
    .with('run', (db) =>
      db
        .insertInto('runs')
        .values({ run_id: runId, lead_id: leadId, started_at: at })
        .onConflict((on) => on.column('run_id').doNothing()),
    )
    .updateTable('leads')
    .set({ run_id: runId })
    .where('id', '=', leadId),
)

/** Marks the lead's runs as closing, but for the one that goes on: they wait for the archive. */
export async function closeRuns(
  trx: Executor,
  leadId: LeadId,
  at: Instant,
  but: string | null,
): Promise<void> {
  await trx
    .updateTable('runs')
    .set({ closing_at: at })
    .where('lead_id', '=', leadId)
    .where('closing_at', 'is', null)
    .$if(but !== null, (query) => query.where('run_id', '!=', but ?? ''))
    .execute()
}
