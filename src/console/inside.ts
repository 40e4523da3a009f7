import { type EngineRules, engineRules } from '../domain/company/company.ts'
import type { LeadId } from '../domain/ids.ts'
import type { Instant } from '../domain/time.ts'
import { Refusal } from '../leads/intake.ts'
import { readSettings } from '../store/company/settings.ts'
import { findLead } from '../store/leads.ts'
import type { ConsoleDeps } from './deps.ts'
import { safeUrl } from './security.ts'
import type { ConsoleContext, Doorway, Said } from './view.ts'

/** What the pages behind the log-in share. */
export interface Inside {
  readonly deps: ConsoleDeps
  readonly doorway: Doorway
  /** The company's settings in the terms of those who plan and send. */
  rules(): Promise<EngineRules>
}

/** The settings are read anew for each page: another process may have changed them. */
export function insideOf(deps: ConsoleDeps, doorway: Doorway): Inside {
  return {
    deps,
    doorway,
    rules: async () => engineRules(await readSettings(deps.store.db)),
  }
}

/** Who acts, as it stands in the audit log and on what they did. */
export function actorOf(c: ConsoleContext): string {
  return `console:${c.get('session').key.name}`
}

/** The lead's own clock; real time where it has none, or where Temporal is away. */
export async function clockOf(
  { leadClock, now, log }: ConsoleDeps,
  leadId: LeadId,
): Promise<Instant> {
  if (leadClock === null) return now()
  try {
    return await leadClock(leadId)
  } catch {
    log.debug({ leadId }, 'the clock of a lead could not be read')
    return now()
  }
}

/** How long a page waits for the planner, so that it shows what an action led to. */
const PLANNED_WITHIN_MS = 2_000
const LOOK_EVERY_MS = 40

/** Waits a moment until the planner has looked at the lead; a page is shown in any case. */
export async function untilPlanned({ store }: ConsoleDeps, leadId: LeadId): Promise<void> {
  const end = performance.now() + PLANNED_WITHIN_MS
  while (performance.now() < end) {
    const lead = await findLead(store.db, leadId)
    if (lead === null || lead.next_kind !== 'unplanned') return
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
  }
}

/** A path of ours that a form asked to go back to. */
export function pathOr(path: unknown, otherwise: string): string {
  return typeof path === 'string' && path.startsWith('/') ? (safeUrl(path) ?? otherwise) : otherwise
}

/** Runs what an operator asked; what the person at the form can mend is told instead of thrown. */
export async function sayRefusals(run: () => Promise<Said>): Promise<Said> {
  try {
    return await run()
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return { tone: 'bad', text: error.message, fix: error.fix }
  }
}
