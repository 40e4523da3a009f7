import type { EngineRules } from '../../domain/company/company.ts'
import type { LeadId } from '../../domain/ids.ts'
import { type CallVerdict, explainDecision, mayCall } from '../../domain/policy/index.ts'
import type { PolicyPerson, RuleVerdict } from '../../domain/policy/types.ts'
import type { Instant } from '../../domain/time.ts'
import { joinSends } from '../../store/company/emergency-stops.ts'
import type { Executor } from '../../store/executor.ts'
import { type LeadRow, lockLead } from '../../store/leads.ts'
import { appendLedger } from '../../store/ledger.ts'
import { addCall, isCalledFor } from '../../store/people/calls.ts'
import { CALLS, findTask, finish, type TaskRow } from '../../store/work/tasks.ts'
import { Refusal } from '../intake.ts'
import { loadPerson } from '../people.ts'
import { hashesOf, lockContactKeys } from '../stops.ts'
import { isoOrNull } from '../views/view.ts'
import { localWords } from '../views/words.ts'
import { relationshipOf } from './relationship.ts'

/** Whether a person may take up the phone now, as every place shows it. */
export interface CallView {
  readonly allowed: boolean
  /** The decision as a paragraph, and what whoever calls should know beforehand. */
  readonly words: string
  readonly nextAllowedAt: string | null
  readonly rules: readonly RuleVerdict[]
}

/** Who acts, when by the lead's clock, and by which rules. */
export interface CallContext {
  readonly who: string
  readonly at: Instant
  readonly rules: Pick<EngineRules, 'policy'>
  readonly ledgerKey: Buffer
}

export interface CallAnswer extends CallView {
  readonly leadId: LeadId
}

/** May the lead be called now? Everything that binds a call is asked. */
export async function explainCall(
  executor: Executor,
  lead: LeadRow,
  now: Instant,
  rules: Pick<EngineRules, 'policy'>,
): Promise<CallView> {
  return viewOf((await judge(executor, lead, now, rules)).verdict)
}

/**
 * A person takes up the phone for a task: the policy is asked again for this very moment, under the
 * locks of the person's contact points, and its answer goes into the ledger. Only an allowed call
 * counts, from the commit on; a text that is due in the same second waits for it or is counted.
 * @throws Refusal 404 (no such task), 409 (no task to call, or done already)
 */
export async function beginCall(
  trx: Executor,
  taskId: string,
  context: CallContext,
): Promise<CallAnswer> {
  await joinSends(trx)
  const { task, lead } = await lockTask(trx, taskId)
  if (!isCall(task)) throw noCall()
  if (task.done_at !== null) throw isDone()
  const call = await record(trx, lead, task, context)
  if (call.allowed) await count(trx, task, context)
  return { leadId: lead.id, ...call }
}

/**
 * Closes a task. One to call counts as a call unless it was `called` not at all, or one is on
 * record since the task was given; a call that was made is asked about even then, and counts whatever
 * the answer is. Closing a task again changes nothing.
 * @throws Refusal 404
 */
export async function finishTask(
  trx: Executor,
  taskId: string,
  called: boolean,
  context: CallContext,
): Promise<{ readonly leadId: LeadId; readonly call: CallView | null }> {
  await joinSends(trx)
  const { task, lead } = await lockTask(trx, taskId)
  const leadId = lead.id
  if (task.done_at !== null) return { leadId, call: null }
  const since = task.created_at
  const made = isCall(task) && called && !(await isCalledFor(trx, { id: taskId, leadId, since }))
  const call = made ? await record(trx, lead, task, context) : null
  if (made) await count(trx, task, context)
  await finish(trx, taskId, context)
  return { leadId, call }
}

/** Holds the contact keys of the task's person, and then the lead, in the order of every send. */
async function lockTask(trx: Executor, taskId: string): Promise<{ task: TaskRow; lead: LeadRow }> {
  const known = await findTask(trx, taskId)
  if (known === null) throw noTask()
  const hashes = await hashesOf(trx, known.lead_id)
  await lockContactKeys(trx, hashes)
  const lead = await lockLead(trx, known.lead_id)
  const task = await findTask(trx, taskId)
  if (lead === null || task === null) throw noTask()
  const now = await hashesOf(trx, lead.id)
  if (!now.every((hash) => hashes.includes(hash))) throw moved()
  return { task, lead }
}

async function judge(
  executor: Executor,
  lead: LeadRow,
  now: Instant,
  { policy }: Pick<EngineRules, 'policy'>,
): Promise<{ readonly verdict: CallVerdict; readonly person: PolicyPerson }> {
  const { policy: person } = await loadPerson(executor, lead, now)
  const relationship = await relationshipOf(executor, lead.id)
  return { verdict: mayCall(person, relationship, now, policy, 'call'), person }
}

async function record(
  trx: Executor,
  lead: LeadRow,
  { id: task, episode_id }: TaskRow,
  { at, rules, ledgerKey }: CallContext,
): Promise<CallView> {
  const { verdict, person } = await judge(trx, lead, at, rules)
  const { decision } = verdict
  const view = viewOf(verdict)
  await appendLedger(trx, ledgerKey, lead, [
    {
      kind: 'decision',
      at,
      meta: {
        task,
        episode: episode_id,
        channel: 'call',
        verdict: decision.allowed ? 'allowed' : 'denied',
        ...(!decision.allowed && { by: decision.deniedBy }),
        rulesVersion: decision.rulesVersion,
      },
      payload: {
        local: localWords(at, person, rules.policy),
        because: view.words,
        rules: decision.rules,
      },
    },
  ])
  return view
}

function count(trx: Executor, task: TaskRow, { at, who }: CallContext): Promise<void> {
  const { id: taskId, lead_id: leadId, episode_id: episodeId } = task
  return addCall(trx, { leadId, taskId, episodeId, at, by: who })
}

function viewOf({ decision, warning }: CallVerdict): CallView {
  const beforehand = warning === null ? '' : ` Before calling: ${warning}`
  return {
    allowed: decision.allowed,
    words: `${explainDecision(decision)}${beforehand}`,
    nextAllowedAt: decision.allowed ? null : isoOrNull(decision.nextAllowedAt),
    rules: decision.rules,
  }
}

function isCall({ kind }: TaskRow): boolean {
  return CALLS.some((each) => each === kind)
}

function noTask(): Refusal {
  const fix = 'List them with GET /v1/tasks.'
  return new Refusal(404, 'no_such_task', 'No task has this id.', fix)
}

function noCall(): Refusal {
  const fix = 'Close it with POST /v1/tasks/:id/done.'
  return new Refusal(409, 'no_call', 'The task is not one to call.', fix)
}

function isDone(): Refusal {
  const fix = 'Report a call apart from any task with POST /v1/signals, type call.'
  return new Refusal(409, 'task_done', 'The task is done already.', fix)
}

function moved(): Refusal {
  const fix = 'Ask again.'
  return new Refusal(409, 'lead_changed', 'The lead’s contact data have just changed.', fix)
}
