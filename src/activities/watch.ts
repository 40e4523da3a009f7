import type { EngineRules } from '../domain/company/company.ts'
import { WATCH_STEPS, type WatchStep } from '../domain/plan/plan.ts'
import type { Instant } from '../domain/time.ts'
import { closeReminders, remind } from '../leads/tasks/reminders.ts'
import { startEpisode } from '../leads/transitions.ts'
import { currentVersion } from '../store/company/cadences.ts'
import type { Executor } from '../store/executor.ts'
import { type LeadRow, patchLead } from '../store/leads.ts'

/**
 * Nobody has said what became of a lead that a person talks with: its owner is reminded, then
 * somebody else is told, and at last the lead counts as gone silent and gets a short cadence.
 */
export async function watch(
  trx: Executor,
  lead: LeadRow,
  step: WatchStep,
  now: Instant,
  { watch: rules }: Pick<EngineRules, 'watch'>,
): Promise<void> {
  await patchLead(trx, lead, { watch_step: WATCH_STEPS.indexOf(step) + 1 })
  switch (step) {
    case 'remind':
      return remind(trx, lead, 'Say what became of the lead', lead.owner, now)
    case 'escalate': {
      const assignee = rules.escalateTo ?? lead.owner
      return remind(trx, lead, 'The lead waits for an answer, for days', assignee, now)
    }
    case 'go_silent':
      return goSilent(trx, lead, rules.silentCadence, now)
  }
}

async function goSilent(
  trx: Executor,
  lead: LeadRow,
  cadence: string,
  now: Instant,
): Promise<void> {
  const versionId = await currentVersion(trx, cadence)
  if (versionId === null) {
    const title = `Decide what becomes of the lead: no cadence ${cadence} is published`
    return remind(trx, lead, title, lead.owner, now)
  }
  await closeReminders(trx, lead.id, 'nobody: it went silent', now)
  const because = 'nobody said what became of it, and it went silent'
  await startEpisode(
    trx,
    lead,
    { kind: 'nurture', cadence, versionId, begunBy: 'went_silent' },
    { kind: 'went_silent', signalId: null, because, at: now },
  )
}
