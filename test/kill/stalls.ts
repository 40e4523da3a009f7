import type { AsyncLocalStorage } from 'node:async_hooks'
import type { ActivityDeps } from '../../src/activities/deps.ts'
import type { LeadId } from '../../src/domain/ids.ts'
import type { Store } from '../../src/store/connect.ts'

/**
 * Every place at which one attempt at a touch awaits something, in order. The three transactions
 * are ①② `gate`, ③ `dispatch`, ④ `settle`; `before` is the await that begins one, `inside` the
 * one before its commit, `after` the first moment behind the commit. `during send` is the provider's
 * own: it has taken the message and has not answered yet.
 */
export const STALLS = [
  'begin',
  'before ready',
  'after ready',
  'before gate',
  'inside gate',
  'after gate',
  'before dispatch',
  'inside dispatch',
  'after dispatch',
  'before send',
  'during send',
  'after send',
  'before settle',
  'inside settle',
  'after settle',
  'end',
] as const
export type Stall = (typeof STALLS)[number]

/** One attempt under way, and which of its transactions it is in. */
export interface Attempt {
  readonly leadId: LeadId
  transactions: number
}

/** Called at every stall of every attempt; what it awaits is awaited there. */
export type AtStall = (leadId: LeadId, stall: Stall) => Promise<void>

const TRANSACTIONS = ['gate', 'dispatch', 'settle'] as const

/** The same dependencies, with `atStall` awaited at each place inside an attempt. */
export function stalling(
  deps: ActivityDeps,
  attempts: AsyncLocalStorage<Attempt>,
  atStall: AtStall,
): ActivityDeps {
  const at = async (stall: Stall) => {
    const attempt = attempts.getStore()
    if (attempt) await atStall(attempt.leadId, stall)
  }
  const transaction: Store['transaction'] = async (fn, options) => {
    const attempt = attempts.getStore()
    const name = attempt && TRANSACTIONS[attempt.transactions++]
    if (!name) return deps.store.transaction(fn, options)
    await at(`before ${name}`)
    const result = await deps.store.transaction(async (trx) => {
      const value = await fn(trx)
      await at(`inside ${name}`)
      return value
    }, options)
    await at(`after ${name}`)
    return result
  }
  const wrap = <C extends ActivityDeps['email'] | ActivityDeps['sms']>(channel: C): C => ({
    ...channel,
    ready: async () => {
      await at('before ready')
      const ready = await channel.ready()
      await at('after ready')
      return ready
    },
  })
  const email = wrap(deps.email)
  const sms = wrap(deps.sms)
  return {
    ...deps,
    store: { ...deps.store, transaction },
    email: { ...email, send: around(at, deps.email.send) },
    sms: { ...sms, send: around(at, deps.sms.send) },
  }
}

function around<A extends unknown[], R>(
  at: (stall: Stall) => Promise<void>,
  send: (...args: A) => Promise<R>,
): (...args: A) => Promise<R> {
  return async (...args) => {
    await at('before send')
    const outcome = await send(...args)
    await at('after send')
    return outcome
  }
}
