import { timingSafeEqual } from 'node:crypto'

/** The account that the emulator plays. */
export type EmulatedAccount = {
  readonly accountSid: string
  readonly authToken: string
  readonly apiKey?: { readonly sid: string; readonly secret: string }
  /** Our sending number; a messaging service sends from it too. */
  readonly number: string
  /** The rest of a pool. */
  readonly moreNumbers?: readonly string[]
  /** How it is set up, where that differs from what is right. */
  readonly setup?: {
    readonly inboundMethod?: 'GET' | 'POST'
    /** The service leaves inbound texts to the webhook of each number. */
    readonly webhookOnNumber?: boolean
    /** For application traffic in the US (A2P 10DLC). */
    readonly registered?: boolean
  }
}

/** Every number of the account. */
export function numbersOf({ number, moreNumbers = [] }: EmulatedAccount): readonly string[] {
  return [number, ...moreNumbers]
}

/** Whether an Authorization header holds the account's own credentials. */
export function authorized(account: EmulatedAccount, header: string | undefined): boolean {
  const given = /^Basic (.+)$/.exec(header ?? '')?.[1]
  if (given === undefined) return false
  const pairs = [`${account.accountSid}:${account.authToken}`]
  if (account.apiKey) pairs.push(`${account.apiKey.sid}:${account.apiKey.secret}`)
  const clear = Buffer.from(given, 'base64')
  return pairs.some((pair) => {
    const wanted = Buffer.from(pair)
    return wanted.length === clear.length && timingSafeEqual(wanted, clear)
  })
}
