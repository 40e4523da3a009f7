import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { createTransport } from 'nodemailer'
import { smtpChannel } from '../src/channels/email/smtp.ts'
import type { OutgoingEmail } from '../src/channels/types.ts'
import { id, type TouchId } from '../src/domain/ids.ts'

export interface EmailsBench {
  readonly emails: number
  /** A second, by the middle round of each. */
  readonly perSecond: { readonly adapter: number; readonly bare: number }
  /** Ours by theirs, of the middle round. */
  readonly ratio: number
}

const CONNECTIONS = 5
const AT_ONCE = 20
const ROUNDS = 31

/**
 * Sends the same emails through our adapter and through nodemailer's pool alone, in turns, to one
 * server in another process.
 */
export async function measureEmails(perRound = 100): Promise<EmailsBench> {
  const sink = fork(fileURLToPath(new URL('support/smtp-sink.ts', import.meta.url)))
  const [port] = (await once(sink, 'message')) as [number]
  const at = { host: '127.0.0.1', port, maxConnections: CONNECTIONS }
  const adapter = smtpChannel({ ...at, stampTime: false })
  const bare = createTransport({ ...at, pool: true, ignoreTLS: true, logger: false })
  const byAdapter = async (n: number) => {
    const outcome = await adapter.send(emailOf(n), { deadlineMs: 30_000 })
    if (outcome.kind !== 'accepted') throw new Error(`the sink answered ${outcome.kind}`)
  }
  const byBare = async (n: number) => void (await bare.sendMail(bareOf(emailOf(n))))
  try {
    const rounds: { ours: number; theirs: number }[] = []
    // The first round warms both up; who begins takes turns, for the machine is never quiet.
    for (let round = 0; round <= ROUNDS; round += 1) {
      const early = round % 2 === 0 ? await rateOf(perRound, byAdapter) : null
      const theirs = await rateOf(perRound, byBare)
      const ours = early ?? (await rateOf(perRound, byAdapter))
      if (round > 0) rounds.push({ ours, theirs })
    }
    const middle = (figure: (each: { ours: number; theirs: number }) => number) =>
      rounds.map(figure).toSorted((x, y) => x - y)[Math.floor(ROUNDS / 2)] ?? Number.NaN
    return {
      emails: perRound * ROUNDS,
      perSecond: { adapter: middle(({ ours }) => ours), bare: middle(({ theirs }) => theirs) },
      ratio: middle(({ ours, theirs }) => ours / theirs),
    }
  } finally {
    await adapter.close()
    bare.close()
    sink.disconnect()
  }
}

async function rateOf(count: number, send: (n: number) => Promise<void>): Promise<number> {
  let next = 0
  const began = performance.now()
  const lane = async () => {
    while (next < count) await send(next++)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, lane))
  return (count * 1_000) / (performance.now() - began)
}

function emailOf(n: number): OutgoingEmail {
  const words = 'We have found three plans that fit what you asked for. '.repeat(20)
  return {
    touch: id<TouchId>(`touch_${n}`),
    from: { address: 'sam@acme.example', name: 'Sam at Acme' },
    to: `ada${n}@example.com`,
    replyTo: { address: `reply+${n}@acme.example`, name: 'Acme' },
    returnPath: `bounce+${n}@acme.example`,
    subject: 'Your quote is ready',
    text: words,
    html: `<html><body><p>${words}</p></body></html>`,
    messageId: `<${n}.${performance.now()}@acme.example>`,
    unsubscribe: { url: 'https://go.acme.example/u/token' },
  }
}

/** The same message in nodemailer's own terms. */
function bareOf(message: OutgoingEmail) {
  return {
    from: { name: message.from.name ?? '', address: message.from.address },
    to: message.to,
    replyTo: message.replyTo?.address,
    envelope: { from: message.returnPath ?? '', to: [message.to] },
    subject: message.subject,
    text: message.text,
    html: message.html,
    messageId: message.messageId,
    headers: {
      'X-Rekindle-Touch': message.touch,
      'List-Unsubscribe': `<${message.unsubscribe?.url}>`,
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    },
  }
}
