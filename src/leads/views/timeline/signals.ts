import type { Selectable } from 'kysely'
import type { LeadId } from '../../../domain/ids.ts'
import { toIso } from '../../../domain/time.ts'
import type { Executor } from '../../../store/executor.ts'
import type { SignalsTable } from '../../../store/schema.ts'
import { type ReplyVerdict, verdictsOf } from '../../../store/work/reply-verdicts.ts'
import { isoOrNull } from '../view.ts'
import { rowsOf, type TimelineEntry } from './entry.ts'

/** What happened to the lead, and how its answers were understood. */
export async function signalEntries(executor: Executor, leadId: LeadId): Promise<TimelineEntry[]> {
  const rows = await rowsOf(executor, 'signals', leadId, 'seq')
  const verdicts = await verdictsOf(executor, leadId)
  return rows.map((row) => ({
    at: toIso(row.processed_at ?? row.received_at),
    receivedAt: toIso(row.received_at),
    kind: 'signal',
    title: signalWords(row),
    details: {
      id: row.id,
      seq: row.seq,
      kind: row.kind,
      via: row.via,
      payload: row.payload,
      ...(row.kind === 'reply' && {
        verdicts: verdicts.filter(({ signal_id }) => signal_id === row.id).map(verdictView),
      }),
    },
  }))
}

function signalWords({ kind, effect, payload }: Selectable<SignalsTable>): string {
  if (kind !== 'correct_reply') return `${kind}: ${effect ?? 'accepted, not looked at yet'}`
  return typeof payload.intent === 'string'
    ? `corrected: an answer meant ${payload.intent.replaceAll('_', ' ')}`
    : 'corrected: how an answer was understood is taken back'
}

/** How an answer was understood, by whom, and whether that still stands. */
function verdictView(verdict: ReplyVerdict): Readonly<Record<string, unknown>> {
  const { intent, detail, confidence, rule, rules_version, made_by, effect } = verdict
  return {
    intent,
    detail,
    confidence,
    rule,
    rulesVersion: rules_version,
    by: made_by,
    did: effect.because,
    words: verdict.words,
    until: isoOrNull(verdict.until_at),
    undoneAt: isoOrNull(verdict.undone_at),
    undoneBy: verdict.undone_by,
    undoneBecause: verdict.undone_because,
  }
}
