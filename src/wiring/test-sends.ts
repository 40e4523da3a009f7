import { messageIdOf } from '../channels/email/message-id.ts'
import type { EmailChannel, SendOutcome, SmsChannel } from '../channels/types.ts'
import type { EngineRules } from '../domain/company/company.ts'
import { id, type TouchId } from '../domain/ids.ts'
import { MINUTE_MS, SECOND_MS } from '../domain/time.ts'
import type { Intake } from '../leads/intake.ts'
import { judgeTestSend } from '../leads/messages/test-sends.ts'
import { lockContactKeys } from '../leads/stops.ts'
import {
  beginTestSend,
  settleTestSend,
  type TestSendRow,
  takeTestSend,
  tidyTestSends,
} from '../store/channels/test-sends.ts'
import { joinSends } from '../store/company/emergency-stops.ts'
import type { Log } from '../temporal/log.ts'
import { createLoop, type Loop } from '../temporal/loop.ts'

export interface TestSendsOptions {
  readonly intake: Pick<Intake, 'store' | 'now'>
  readonly email: EmailChannel
  readonly sms: SmsChannel
  readonly settings: () => Promise<EngineRules>
  readonly log: Log
  readonly everyMs?: number
}

const EVERY_MS = 2 * SECOND_MS
const DEADLINE_MS = 20 * SECOND_MS
/** What a provider could not hand over by then is no test any more. */
const VALID_FOR_MS = 5 * MINUTE_MS

/** Hands tests over, each once: the policy is asked in the transaction that begins it. */
export function createTestSendsLoop(options: TestSendsOptions): Loop {
  const { intake, log } = options
  const everyMs = options.everyMs ?? EVERY_MS
  return createLoop({
    name: 'test sends',
    log,
    restAfterFailureMs: everyMs,
    turn: async () => {
      await intake.store.transaction((trx) => tidyTestSends(trx, intake.now()))
      while (await handOver(options)) {
        // The next one, until there is none.
      }
      return everyMs
    },
  })
}

/** One test from row to answer; false when there is none. */
async function handOver(options: TestSendsOptions): Promise<boolean> {
  const { intake } = options
  const rules = await options.settings()
  const now = intake.now()
  const taken = await intake.store.transaction(async (trx) => {
    await joinSends(trx)
    const test = await takeTestSend(trx)
    if (test === null) return null
    await lockContactKeys(trx, [test.contact_hash])
    const verdict = await judgeTestSend(trx, test, rules.policy, now)
    if (!verdict.allowed) {
      await settleTestSend(trx, test.id, 'failed', verdict.because, now)
      return { test, begun: false }
    }
    await beginTestSend(trx, test.id, now)
    return { test, begun: true }
  })
  if (taken === null) return false
  if (!taken.begun) return true
  const outcome = await send(options, taken.test, rules)
  const { state, because } = told(outcome)
  await intake.store.transaction((trx) =>
    settleTestSend(trx, taken.test.id, state, because, intake.now()),
  )
  return true
}

async function send(
  { email, sms }: TestSendsOptions,
  test: TestSendRow,
  { company }: EngineRules,
): Promise<SendOutcome> {
  const ready = test.channel === 'email' ? await email.ready() : await sms.ready()
  if (!ready.ready) {
    const because = `${ready.because} ${ready.fix}`
    return { kind: 'sender_fault', code: ready.code, because }
  }
  const touch = id<TouchId>(test.id)
  if (test.channel === 'sms') {
    const text = { touch, to: test.recipient, body: test.text, validForMs: VALID_FOR_MS }
    return await sms.send(text, { deadlineMs: DEADLINE_MS })
  }
  const { from, brand, replyTo } = company
  return await email.send(
    {
      touch,
      from: { address: from.email, name: from.name || brand },
      to: test.recipient,
      subject: test.subject ?? '',
      text: test.text,
      ...(test.html !== null && { html: test.html }),
      ...(replyTo !== null && { replyTo: { address: replyTo } }),
      messageId: messageIdOf(test.id, { address: from.email }),
    },
    { deadlineMs: DEADLINE_MS },
  )
}

function told(outcome: SendOutcome): {
  state: 'sent' | 'failed' | 'uncertain'
  because: string | null
} {
  switch (outcome.kind) {
    case 'accepted':
      return { state: 'sent', because: null }
    case 'ambiguous':
      return { state: 'uncertain', because: outcome.because }
    case 'permanent':
    case 'transient':
    case 'sender_fault':
      return { state: 'failed', because: outcome.because }
  }
}
