import { setTimeout as pause } from 'node:timers/promises'
import type { Cadence } from '../../domain/cadence/types.ts'
import type { LeadId } from '../../domain/ids.ts'
import { previewCadence } from '../../domain/preview/preview.ts'
import type { Entry, PreviewInput } from '../../domain/preview/types.ts'
import { type Instant, MINUTE_MS, plus } from '../../domain/time.ts'
import { describeLocal } from '../../domain/time-zones.ts'
import { contextLead } from '../../leads/context-lead.ts'
import { loadPerson } from '../../leads/people.ts'
import { type Lab, labRules } from '../../local/lab.ts'
import type { Executor } from '../../store/executor.ts'
import { findLead } from '../../store/leads.ts'
import type { PreviewSet } from '../preview/preview-post.ts'

/** What a preview of a lead in a lab is to know; ask before its time passes. */
export async function previewInput(
  lab: Lab,
  leadId: LeadId,
  set: Omit<PreviewSet, 'cadence'>,
  { cadence, entry, ms }: { readonly cadence: Cadence; readonly entry: Entry; readonly ms: number },
): Promise<PreviewInput> {
  const { store } = lab.intake
  const episode = await firstEpisode(store.db, leadId)
  const lead = await findLead(store.db, leadId)
  if (lead === null || episode === null) throw new Error('the lead is in no cadence')
  const from = episode.started_at
  return {
    cadence,
    cadences: set.cadences,
    templates: set.templates,
    person: (await loadPerson(store.db, lead, from)).policy,
    lead: contextLead(lead),
    entry,
    from,
    until: plus(from, ms),
    happenings: [],
    rules: await labRules(store),
    // What spreads this lead from others; of later episodes nothing is known ahead.
    seeds: { lead: leadId, episode: (n) => (n === 1 ? episode.id : `later ${n}`) },
  }
}

/** Real time until the planner has taken the lead into its cadence. */
const BEGINS_WITHIN_MS = 30_000
const LOOK_EVERY_MS = 50

async function firstEpisode(executor: Executor, leadId: LeadId) {
  for (const until = Date.now() + BEGINS_WITHIN_MS; Date.now() < until; ) {
    const row = await executor
      .selectFrom('episodes')
      .select(['id', 'started_at'])
      .where('lead_id', '=', leadId)
      .orderBy('number')
      .limit(1)
      .executeTakeFirst()
    if (row !== undefined) return row
    await pause(LOOK_EVERY_MS)
  }
  return null
}

/** One message, as it was previewed or as it left. */
interface ComparedTouch {
  readonly step: string
  readonly at: Instant
  readonly text: string
}

/**
 * Where the preview and the lead's real touches disagree, a sentence each: another step, another
 * minute or other words. Of later episodes only what both know is compared.
 */
export async function disagreements(
  executor: Executor,
  leadId: LeadId,
  input: PreviewInput,
  zone: string,
): Promise<readonly string[]> {
  const previewed = previewedTouches(input)
  const real = await realTouches(executor, leadId, input.until)
  const words = (touch: ComparedTouch | undefined) =>
    touch === undefined ? 'nothing' : `${touch.step} on ${describeLocal(touch.at, zone)}`
  return Array.from({ length: Math.max(previewed.length, real.length) }, (_, index) => {
    const [expected, was] = [previewed[index], real[index]]
    const same =
      expected?.step === was?.step &&
      Math.abs((expected?.at ?? 0) - (was?.at ?? 0)) < MINUTE_MS &&
      expected?.text === was?.text
    if (same) return []
    const place = `message ${index + 1}`
    const other = words(expected) === words(was) ? 'other words in' : `${words(was)} instead of`
    return [`${place}: the workflow sent ${other} ${words(expected)}`]
  }).flat()
}

function previewedTouches(input: PreviewInput): ComparedTouch[] {
  return previewCadence(input).events.flatMap((event) =>
    event.kind === 'touch'
      ? [
          {
            step: event.step,
            at: event.at,
            text: event.message.ok ? plain(event.message.text) : '',
          },
        ]
      : [],
  )
}

async function realTouches(
  executor: Executor,
  leadId: LeadId,
  until: Instant,
): Promise<ComparedTouch[]> {
  const rows = await executor
    .selectFrom('touches')
    .select(['step_id', 'dispatched_at', 'text'])
    .where('lead_id', '=', leadId)
    .where('state', 'in', ['sent', 'delivered'])
    .where('dispatched_at', '<', until)
    .orderBy('dispatched_at')
    .execute()
  return rows.flatMap(({ step_id, dispatched_at, text }) =>
    step_id === null || dispatched_at === null
      ? []
      : [{ step: step_id, at: dispatched_at, text: plain(text ?? '') }],
  )
}

/** A real message carries tokens where a preview shows what the author wrote. */
function plain(text: string): string {
  return text.replaceAll(/https?:\/\/\S+/g, 'link')
}
