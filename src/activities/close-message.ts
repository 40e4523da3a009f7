import { type MessageFact, messageWords } from '../domain/messages.ts'
import type { Close } from '../domain/plan/plan-messages.ts'
import type { Instant } from '../domain/time.ts'
import { closeMessage } from '../store/channels/messages.ts'
import type { Executor } from '../store/executor.ts'
import type { LeadRow } from '../store/leads.ts'
import { appendLedger } from '../store/ledger.ts'
import { addTask } from '../store/work/tasks.ts'
import type { ActivityDeps } from './deps.ts'

/**
 * Closes a message of a locked lead. One that never left stands in the ledger with its reason, and
 * who wrote it to the lead is told.
 */
export async function closeWritten(
  { ledgerKey }: Pick<ActivityDeps, 'ledgerKey'>,
  trx: Executor,
  lead: LeadRow,
  message: Pick<MessageFact, 'id' | 'class' | 'channel' | 'answer'>,
  { outcome, because, decision }: Close,
  now: Instant,
): Promise<void> {
  const closed = await closeMessage(trx, lead, message.id, { outcome, because, at: now })
  if (!closed || outcome === 'sent' || outcome === 'uncertain') return
  await appendLedger(trx, ledgerKey, lead, [
    {
      kind: 'decision',
      at: now,
      meta: {
        message: message.id,
        class: message.class,
        answer: message.answer,
        channel: message.channel,
        verdict: 'dropped',
        by: outcome === 'denied' && decision?.allowed === false ? decision.deniedBy : outcome,
      },
      payload: {
        because,
        ...(decision === null
          ? {}
          : { rules: decision.rules, rulesVersion: decision.rulesVersion }),
      },
    },
  ])
  if (message.class === 'required') return
  await addTask(trx, {
    leadId: lead.id,
    kind: 'other',
    title: `A ${message.channel === 'email' ? 'mail' : 'text'} to the lead did not leave`,
    because: `${messageWords(message)}: ${because}`,
    assignee: lead.owner,
    dueAt: null,
    at: now,
  })
}
