import { smsStatusRank } from '../../channels/sms/inbound.ts'
import { type Clock, instant } from '../../domain/time.ts'
import type { SmsFault } from '../faults.ts'
import type { EmulatedAccount } from './account.ts'
import type { Message } from './message.ts'
import type { Webhooks } from './webhooks.ts'

type Step = { readonly status: string; readonly errorCode: number | null }

/** What happens to a message after its creation, in order; the first status has no callback. */
export function stepsOf(message: Message, fault: SmsFault | null): readonly Step[] {
  const step = (status: string): Step => ({ status, errorCode: null })
  if (fault?.kind === 'callbacks') return fault.order.map(step)
  if (fault?.kind === 'timeout-after-acceptance' && !fault.callbacks) return []
  const start = message.messagingServiceSid === null ? [] : [step('queued')]
  if (fault?.kind === 'callback-error') {
    const end = { status: fault.status, errorCode: fault.code }
    return fault.status === 'failed' ? [...start, end] : [...start, step('sent'), end]
  }
  return [...start, step('sent'), step('delivered')]
}

/** Lives a message through its steps, `gapMs` apart, and reports each to its status callback. */
export async function live(
  message: Message,
  steps: readonly Step[],
  world: {
    readonly account: EmulatedAccount
    readonly webhooks: Webhooks
    readonly gapMs: number
    readonly clock: Clock
  },
): Promise<void> {
  const { account, webhooks, gapMs, clock } = world
  for (const step of steps) {
    await webhooks.wait(gapMs)
    if (webhooks.closed) return
    apply(message, step, account, clock)
    if (message.statusCallback === null) continue
    await webhooks.post(message.statusCallback, callbackParameters(account, message, step))
  }
}

function apply(message: Message, step: Step, account: EmulatedAccount, clock: Clock): void {
  if (smsStatusRank(step.status) > smsStatusRank(message.status)) {
    message.status = step.status
    message.errorCode = step.errorCode
  }
  message.from ??= account.number
  // A message of a lead that was fast-forwarded is dated ahead of the clock on the wall.
  message.updatedAt = instant(Math.max(clock(), message.createdAt))
  if (step.status === 'sent') message.sentAt ??= message.updatedAt
}

function callbackParameters(
  account: EmulatedAccount,
  message: Message,
  { status, errorCode }: Step,
): Record<string, string> {
  return {
    AccountSid: account.accountSid,
    ApiVersion: '2010-04-01',
    From: message.from ?? account.number,
    To: message.to,
    MessageSid: message.sid,
    SmsSid: message.sid,
    MessageStatus: status,
    SmsStatus: status,
    ...(message.messagingServiceSid !== null && {
      MessagingServiceSid: message.messagingServiceSid,
    }),
    ...(errorCode !== null && { ErrorCode: String(errorCode) }),
  }
}
