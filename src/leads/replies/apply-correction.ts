import type { SignalId } from '../../domain/ids.ts'
import type { SignalPayloads } from '../../domain/signals.ts'
import type { Executor } from '../../store/executor.ts'
import type { LeadRow } from '../../store/leads.ts'
import { standingVerdict } from '../../store/work/reply-verdicts.ts'
import type { Cause } from '../transitions.ts'
import { understand } from './understand.ts'
import { readingOf, undoVerdict } from './undo-verdict.ts'

/** Undoes the verdict that stands on an answer, and does what it meant instead. */
export async function applyCorrection(
  trx: Executor,
  lead: LeadRow,
  id: SignalId,
  payload: SignalPayloads['correct_reply'],
  by: string,
  cause: Cause,
): Promise<void> {
  const verdict = await standingVerdict(trx, lead.id, payload.signalId)
  if (verdict === null) return
  const { because } = payload
  await undoVerdict(trx, lead, verdict, { signalId: id, by, because, at: cause.at })
  const channel = await channelOf(trx, payload.signalId)
  const reading = readingOf(verdict, channel, payload)
  if (reading === null) return
  const said = { signalId: payload.signalId, channel, reading, by, text: verdict.words ?? '' }
  await understand(trx, lead, said, { ...cause, kind: 'reply' })
}

async function channelOf(trx: Executor, signalId: SignalId): Promise<'email' | 'sms'> {
  const { payload } = await trx
    .selectFrom('signals')
    .select('payload')
    .where('id', '=', signalId)
    .executeTakeFirstOrThrow()
  return payload.channel === 'sms' ? 'sms' : 'email'
}
