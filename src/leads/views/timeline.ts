import { type Selectable, sql } from 'kysely'
import type { LeadId } from '../../domain/ids.ts'
import { messageWords, type RequiredAnswer, type WrittenClass } from '../../domain/messages.ts'
import { type TextPrices, textCost, textSize } from '../../domain/texts.ts'
import { toIso } from '../../domain/time.ts'
import { readSettings } from '../../store/company/settings.ts'
import type { Executor } from '../../store/executor.ts'
import type { Database, SignalsTable } from '../../store/schema.ts'
import { type ReplyVerdict, verdictsOf } from '../../store/work/reply-verdicts.ts'
import { queueEntries } from './queue-view.ts'
import { stepEntries } from './step-entries.ts'
import { versionMoves } from './timeline-moves.ts'
import { stateWords, validUntil } from './touch-words.ts'
import { isoOrNull } from './view.ts'

/** One thing that happened to a lead, or that we did. */
export interface TimelineEntry {
  /** By the engine's clock, which runs ahead for a lead that was fast-forwarded. */
  readonly at: string
  /** By the wall clock of whoever received it; null for what the engine did by itself. */
  readonly receivedAt: string | null
  readonly kind:
    | 'signal'
    | 'transition'
    | 'message'
    | 'touch'
    | 'decision'
    | 'task'
    | 'hold'
    | 'episode'
    | 'step'
    | 'score'
    | 'webhook'
  /** One line for people. */
  readonly title: string
  readonly details: Readonly<Record<string, unknown>>
}

/** Everything that happened to a lead, in order; it may hold what the lead wrote. */
export async function timelineOf(executor: Executor, leadId: LeadId): Promise<TimelineEntry[]> {
  const parts = [
    await signals(executor, leadId),
    await transitions(executor, leadId),
    await episodes(executor, leadId),
    await versionMoves(executor, leadId),
    await messages(executor, leadId),
    await touches(executor, leadId),
    await decisions(executor, leadId),
    await tasks(executor, leadId),
    await holds(executor, leadId),
    await queueEntries(executor, leadId),
    await stepEntries(executor, leadId),
  ]
  return parts.flat().sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
}

async function signals(executor: Executor, leadId: LeadId): Promise<TimelineEntry[]> {
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

async function transitions(executor: Executor, leadId: LeadId): Promise<TimelineEntry[]> {
  const rows = await rowsOf(executor, 'transitions', leadId, 'at')
  return rows.map((row) => ({
    at: toIso(row.at),
    receivedAt: null,
    kind: 'transition',
    title: `${row.from_status ?? 'new'} → ${row.to_status}${row.dead_reason === null ? '' : ` (${row.dead_reason})`}: ${row.because}`,
    details: {
      from: row.from_status,
      to: row.to_status,
      reason: row.dead_reason,
      cause: row.cause,
      signalId: row.signal_id,
    },
  }))
}

async function episodes(executor: Executor, leadId: LeadId): Promise<TimelineEntry[]> {
  const rows = await executor
    .selectFrom('episodes')
    .innerJoin('cadence_versions', 'cadence_versions.id', 'episodes.cadence_version_id')
    .selectAll('episodes')
    .select('cadence_versions.version')
    .where('lead_id', '=', leadId)
    .orderBy('number')
    .execute()
  return rows.map((row) => ({
    at: toIso(row.started_at),
    receivedAt: null,
    kind: 'episode',
    title: `${row.kind} in ${row.cadence_name}, version ${row.version}, begun by ${row.began_by}`,
    details: {
      id: row.id,
      cadence: row.cadence_name,
      version: row.version,
      kind: row.kind,
      endedAt: isoOrNull(row.ended_at),
      outcome: row.outcome,
      step: row.step_id,
    },
  }))
}

/** Messages outside a cadence: who wrote them, and what became of them. */
async function messages(executor: Executor, leadId: LeadId): Promise<TimelineEntry[]> {
  const rows = await rowsOf(executor, 'messages', leadId, 'requested_at')
  return rows.map((row) => ({
    at: toIso(row.seen_at ?? row.requested_at),
    receivedAt: toIso(row.requested_at),
    kind: 'message',
    title: `${messageWords(row)}, ${row.channel}, by ${row.by}: ${row.outcome ?? 'waiting'}${row.because === null ? '' : ` (${row.because})`}`,
    details: {
      id: row.id,
      class: row.class,
      channel: row.channel,
      answer: row.answer,
      subject: row.subject,
      text: row.text,
      by: row.by,
      inReplyTo: row.in_reply_to,
      notAfter: isoOrNull(row.not_after),
      outcome: row.outcome,
      because: row.because,
      closedAt: isoOrNull(row.closed_at),
    },
  }))
}

async function touches(executor: Executor, leadId: LeadId): Promise<TimelineEntry[]> {
  const rows = await executor
    .selectFrom('touches')
    .leftJoin('messages', 'messages.id', 'touches.written_id')
    .selectAll('touches')
    .select(['messages.class as writtenClass', 'messages.answer'])
    .where('touches.lead_id', '=', leadId)
    .orderBy('intent_at')
    .execute()
  const prices = (await readSettings(executor)).textPrices
  const numbers = await numbersOf(executor, leadId)
  return rows.map(({ writtenClass, answer, ...row }) => ({
    at: toIso(row.dispatched_at ?? row.intent_at),
    receivedAt: null,
    kind: 'touch',
    title: `${row.channel} ${row.step_id ?? wordsOf(writtenClass, answer)}: ${row.state}${row.because === null ? '' : ` (${row.because})`}`,
    details: {
      id: row.id,
      channel: row.channel,
      class: row.class,
      step: row.step_id,
      messageId: row.written_id,
      what: row.step_id === null ? wordsOf(writtenClass, answer) : `step ${row.step_id}`,
      attempt: row.attempt,
      state: row.state,
      meaning: stateWords(row.state, row.channel),
      subject: row.subject,
      text: row.text,
      intentAt: toIso(row.intent_at),
      dispatchedAt: isoOrNull(row.dispatched_at),
      settledAt: isoOrNull(row.settled_at),
      deliveredAt: isoOrNull(row.delivered_at),
      validUntil: validUntil(row),
      openedAt: isoOrNull(row.opened_at),
      sender: row.sender,
      senderBecause: row.sender_because,
      evidence: row.evidence,
      failure: row.failure_code,
      ...(row.channel === 'sms' && sizeOf(row.text, numbers.get(row.contact_hash), prices)),
    },
  }))
}

function wordsOf(kind: WrittenClass | null, answer: RequiredAnswer | null): string {
  return kind === null ? 'message' : messageWords({ class: kind, answer })
}

/** How many segments a text was, in which encoding, and what it cost. */
function sizeOf(text: string | null, to: string | undefined, prices: TextPrices) {
  if (text === null) return {}
  const size = textSize(text)
  const cost = to === undefined ? null : textCost(prices, to, size.segments)
  return { segments: size.segments, encoding: size.encoding, cost }
}

async function numbersOf(executor: Executor, leadId: LeadId): Promise<ReadonlyMap<string, string>> {
  const rows = await executor
    .selectFrom('contact_points')
    .select(['hash', 'value'])
    .where('lead_id', '=', leadId)
    .where('kind', '=', 'phone')
    .execute()
  return new Map(rows.map(({ hash, value }) => [hash, value]))
}

async function decisions(executor: Executor, leadId: LeadId): Promise<TimelineEntry[]> {
  const rows = await executor
    .selectFrom('ledger_entries')
    .selectAll()
    .where('lead_id', '=', leadId)
    .where('kind', '=', 'decision')
    .orderBy('seq')
    .execute()
  return rows.map((row) => ({
    at: toIso(row.at),
    receivedAt: null,
    kind: 'decision',
    title: `decision ${row.seq}`,
    details: { seq: row.seq, ...row.meta, ...row.payload },
  }))
}

async function tasks(executor: Executor, leadId: LeadId): Promise<TimelineEntry[]> {
  const rows = await rowsOf(executor, 'tasks', leadId, 'created_at')
  return rows.map((row) => ({
    at: toIso(row.created_at),
    receivedAt: null,
    kind: 'task',
    title: `task for a person: ${row.title}`,
    details: {
      id: row.id,
      kind: row.kind,
      because: row.because,
      assignee: row.assignee,
      dueAt: isoOrNull(row.due_at),
      doneAt: isoOrNull(row.done_at),
      doneBy: row.done_by,
    },
  }))
}

async function holds(executor: Executor, leadId: LeadId): Promise<TimelineEntry[]> {
  const rows = await rowsOf(executor, 'holds', leadId, 'created_at')
  return rows.map((row) => ({
    at: toIso(row.began_at ?? row.created_at),
    receivedAt: toIso(row.created_at),
    kind: 'hold',
    title: `held: ${row.because}`,
    details: {
      id: row.id,
      kind: row.kind,
      by: row.by,
      until: isoOrNull(row.until_at),
      liftedAt: isoOrNull(row.lifted_at),
    },
  }))
}

/** The tables that tell a lead's story, and the columns by which theirs stands in order. */
interface Told {
  readonly signals: 'seq'
  readonly transitions: 'at'
  readonly messages: 'requested_at'
  readonly tasks: 'created_at'
  readonly holds: 'created_at'
}

/** All of a table's rows about a lead, in order. */
async function rowsOf<Table extends keyof Told>(
  executor: Executor,
  table: Table,
  leadId: LeadId,
  orderBy: Told[Table],
): Promise<Selectable<Database[Table]>[]> {
  const { rows } = await sql<Selectable<Database[Table]>>`
    select * from ${sql.table(table)} where lead_id = ${leadId}
    order by ${sql.ref(orderBy)}`.execute(executor)
  return rows
}
