import twilio from 'twilio'
import { twilioChannel } from '../src/channels/sms/twilio.ts'
import type { TouchId } from '../src/domain/ids.ts'
import { EMBEDDED_ACCOUNT, startCatchers } from '../src/local/catchers.ts'
import { inLanes, perSecond, ratioOf, timed } from './support/rate.ts'

export interface SmsAdapter {
  readonly count: number
  readonly rounds: number
  /** Texts through our channel, in a second. */
  readonly textsPerSecond: number
  /** The same texts through the bare client library. */
  readonly barePerSecond: number
  readonly ratio: number
}

const ROUNDS = 6
const AT_ONCE = 8

/** Sends texts through our channel and through the bare client, by turns, to the same emulator. */
export async function measureSmsAdapter(count: number): Promise<SmsAdapter> {
  const catchers = await startCatchers({ gapMs: 60_000 })
  const { baseUrl } = catchers.sms
  const { accountSid, authToken, number } = EMBEDDED_ACCOUNT
  const ours = twilioChannel({
    accountSid,
    authToken,
    sender: { kind: 'numbers', pool: [number] },
    statusCallbackUrl: null,
    baseUrl,
    stampTime: false,
  })
  const bare = bareClient(accountSid, authToken, baseUrl)
  let sent = 0
  const next = () => ({ to: `+1212555${String(sent++ % 10_000).padStart(4, '0')}`, body: 'Hello' })
  const byUs = async () => {
    const { to, body } = next()
    const touch = `touch-${sent}` as TouchId
    const outcome = await ours.send({ touch, to, body }, { deadlineMs: 30_000 })
    if (outcome.kind !== 'accepted') throw new Error(outcome.because)
  }
  const bySdk = async () => void (await bare.messages.create({ ...next(), from: number }))
  try {
    const size = Math.ceil(count / ROUNDS)
    await inLanes(50, AT_ONCE, byUs)
    await inLanes(50, AT_ONCE, bySdk)
    let [oursMs, bareMs] = [0, 0]
    for (let round = 0; round < ROUNDS; round += 1) {
      bareMs += await timed(() => inLanes(size, AT_ONCE, bySdk))
      oursMs += await timed(() => inLanes(size, AT_ONCE, byUs))
    }
    const total = size * ROUNDS
    return {
      count: total,
      rounds: ROUNDS,
      textsPerSecond: perSecond(total, oursMs),
      barePerSecond: perSecond(total, bareMs),
      ratio: ratioOf(bareMs, oursMs),
    }
  } finally {
    await ours.close()
    await catchers.close()
  }
}

/** The SDK as it comes, but for the origin that it speaks to. */
function bareClient(sid: string, token: string, baseUrl: string): twilio.Twilio {
  const httpClient = new twilio.RequestClient()
  const request = httpClient.request.bind(httpClient)
  const elsewhere: typeof request = (options) => {
    const { pathname, search } = new URL(options.uri)
    return request({ ...options, uri: `${baseUrl}${pathname}${search}` })
  }
  httpClient.request = elsewhere
  return twilio(sid, token, { httpClient, autoRetry: false, logLevel: 'silent' })
}
