import { createTransport } from 'nodemailer'
import { keepReady } from '../readiness.ts'
import type {
  EmailChannel,
  OutgoingEmail,
  Ready,
  Refusal,
  SendOptions,
  SendOutcome,
} from '../types.ts'
import { composeEmail } from './compose.ts'
import { type DataWatch, watchData } from './once.ts'
import { classifySmtpFailure, type SmtpFailure, smtpFix } from './smtp-errors.ts'
import { createTurns, type TakeTurn } from './turns.ts'

export type EmailConfig = {
  readonly host: string
  readonly port: number
  /**
   * `starttls` and `implicit` accept a trusted certificate only; `none` is refused for any host
   * that is not on this machine. Default: `none` on loopback, `implicit` on port 465, else
   * `starttls`.
   */
  readonly tls?: 'starttls' | 'implicit' | 'none'
  /** Whoever set it vouches for the network to the host: `none` is taken there as well. */
  readonly plainTextAllowed?: boolean
  /** PEM of a private authority to trust besides the public ones. */
  readonly ca?: string
  readonly auth?: { readonly user: string; readonly pass: string }
  readonly dkim?: {
    readonly domain: string
    readonly selector: string
    readonly privateKey: string
  }
  /** The name that we greet the server with. */
  readonly greeting?: string
  /** Connections kept open side by side; more wait in line. Default 5. */
  readonly maxConnections?: number
  /** How many messages a second are sent, evenly; as many as can be when absent. */
  readonly perSecond?: number
  /** Where the rate is shared with other processes; absent: it is this process's own. */
  readonly takeTurn?: TakeTurn
  /** From the DNS look-up to the end of TLS, in milliseconds. Default 10 000. */
  readonly connectTimeoutMs?: number
  /** How long a proven connection counts as ready, in milliseconds. Default 30 000. */
  readonly readyForMs?: number
  /** Tell the server the engine's time: for the embedded catcher only. */
  readonly stampTime: boolean
}

/**
 * What DKIM signs. nodemailer's own list leaves out List-Unsubscribe-Post, and RFC 8058 (section
 * 4) wants both unsubscribe headers under a signature.
 */
const SIGNED_HEADERS =
  'From:Reply-To:Subject:Date:Message-ID:To:MIME-Version:Content-Type:Content-Transfer-Encoding:' +
  'In-Reply-To:References:List-Unsubscribe:List-Unsubscribe-Post'

const DEFAULT_CONNECT_TIMEOUT_MS = 10_000
const DEFAULT_READY_FOR_MS = 30_000

/**
 * Email over pooled SMTP connections. Nothing is logged here, and a message's bytes leave at most
 * once per call.
 * @throws Error when the configuration asks for plain text to another machine.
 */
export function smtpChannel(config: EmailConfig): EmailChannel {
  const transport = openTransport(config)
  const watches = new WeakMap<AbortSignal, DataWatch>()
  transport.use('stream', (mail, done) => {
    const { signal } = mail.data
    if (signal instanceof AbortSignal) watches.set(signal, watchData(mail.message))
    done()
  })
  const verifyTimeoutMs = 2 * (config.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS)
  const readiness = keepReady(
    () => verify(() => transport.verify(), verifyTimeoutMs),
    config.readyForMs ?? DEFAULT_READY_FOR_MS,
  )

  const send = async (message: OutgoingEmail, options: SendOptions): Promise<SendOutcome> => {
    const unusable = refuseAddresses(message)
    if (unusable) return unusable
    const deadline = new AbortController()
    const timer = setTimeout(() => deadline.abort(), options.deadlineMs)
    try {
      const info = await transport.sendMail({
        ...composeEmail(message, { stampTime: config.stampTime }),
        signal: deadline.signal,
      })
      readiness.proven()
      return { kind: 'accepted', providerId: info.serverMessageId ?? message.messageId }
    } catch (error) {
      const dataStarted = watches.get(deadline.signal)?.started() ?? false
      const refusal = classifySmtpFailure(readFailure(error, dataStarted))
      if (refusal.kind !== 'permanent') readiness.doubted()
      return refusal
    } finally {
      clearTimeout(timer)
    }
  }

  const { perSecond, takeTurn } = config
  const turns = perSecond === undefined ? null : createTurns(perSecond, takeTurn)
  const ready = async (): Promise<Ready> => {
    const answer = await readiness.check()
    return answer.ready && turns !== null && !(await turns.take()) ? RATE_IS_USED_UP : answer
  }

  return {
    ready,
    send,
    close: async () => {
      transport.close()
    },
  }
}

const RATE_IS_USED_UP: Ready = {
  ready: false,
  kind: 'transient',
  code: 'email_rate',
  because: 'Many emails wait for this sender, which may send only so many a second.',
  fix: 'Nothing: they leave in turn. A higher rate, or another sender, makes it faster.',
}

/** One address without a name, comment, quotes or list around it: nothing that could be two. */
function isBareAddress(text: string): boolean {
  return /^[^\s<>,;:"()[\]\\@]+@[^\s<>,;:"()[\]\\@]+$/.test(text)
}

/** nodemailer would bend a broken address into one that it can send to, or split it in two. */
function refuseAddresses({ from, to, returnPath }: OutgoingEmail): Refusal | null {
  if (!isBareAddress(from.address) || !isBareAddress(returnPath ?? from.address)) {
    return {
      kind: 'sender_fault',
      code: 'email_sender_malformed',
      because: 'Our sender address is not one that mail can come from.',
    }
  }
  if (isBareAddress(to)) return null
  return {
    kind: 'permanent',
    code: 'email_address_malformed',
    because: 'The address is not one that mail can be sent to.',
    contactPoint: 'invalid',
  }
}

function openTransport(config: EmailConfig) {
  const tls = config.tls ?? defaultTls(config)
  if (tls === 'none' && !config.plainTextAllowed && !isLoopback(config.host)) {
    throw new Error('email to another machine needs TLS: set it to starttls or implicit')
  }
  const connectTimeoutMs = config.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS
  return createTransport({
    pool: true,
    host: config.host,
    port: config.port,
    secure: tls === 'implicit',
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'none',
    ...(config.ca && { tls: { ca: config.ca } }),
    ...(config.auth && { auth: { ...config.auth }, forceAuth: true }),
    ...(config.greeting && { name: config.greeting }),
    ...(config.dkim && {
      dkim: {
        domainName: config.dkim.domain,
        keySelector: config.dkim.selector,
        privateKey: config.dkim.privateKey,
        headerFieldNames: SIGNED_HEADERS,
      },
    }),
    maxConnections: config.maxConnections ?? 5,
    connectionTimeout: connectTimeoutMs,
    greetingTimeout: connectTimeoutMs,
    // Another connection is tried only while not a byte of the message has left (see once.ts).
    maxRequeues: 2,
    logger: false,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
}

function defaultTls({ host, port }: EmailConfig): 'starttls' | 'implicit' | 'none' {
  if (isLoopback(host)) return 'none'
  return port === 465 ? 'implicit' : 'starttls'
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
}

async function verify(ask: () => Promise<true>, timeoutMs: number): Promise<Ready> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(Object.assign(new Error('late'), { code: 'EABORT' })),
      timeoutMs,
    )
  })
  try {
    await Promise.race([ask(), late])
    return { ready: true }
  } catch (error) {
    const refusal = classifySmtpFailure(readFailure(error, false))
    return {
      ready: false,
      kind: refusal.kind === 'transient' ? 'transient' : 'sender_fault',
      code: refusal.code,
      because: refusal.because,
      fix: smtpFix(refusal.code),
    }
  } finally {
    clearTimeout(timer)
  }
}

/** Reads what nodemailer says of a failure, and nothing of the message. */
function readFailure(error: unknown, dataStarted: boolean): SmtpFailure {
  const field = (name: string): unknown =>
    error instanceof Error ? Reflect.get(error, name) : undefined
  const text = (name: string): string | null => {
    const value = field(name)
    return typeof value === 'string' ? value : null
  }
  const code = field('responseCode')
  return {
    code: text('code'),
    systemCode: text('originalCode'),
    command: text('command'),
    reply: typeof code === 'number' ? { code, text: text('response') ?? '' } : null,
    dataStarted,
  }
}
