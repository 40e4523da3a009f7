import { createPrivateKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { perSender } from '../channels/email/per-sender.ts'
import { type EmailConfig, smtpChannel } from '../channels/email/smtp.ts'
import type { TakeTurn } from '../channels/email/turns.ts'
import { noEmailChannel } from '../channels/not-configured.ts'
import type { EmailChannel } from '../channels/types.ts'
import type { Config } from '../config.ts'
import { takeSenderTurn } from '../store/channels/sender-turns.ts'
import type { Store } from '../store/connect.ts'

type SenderServer = NonNullable<Config['SMTP_SENDERS']>[number]
type Dkim = NonNullable<EmailConfig['dkim']>

/**
 * The real mail servers: one pool of connections for each sender, on SMTP_URL or the sender's own
 * server. A sender that has neither is told apart from one that is refused.
 * `turnsOf` is where all processes take a sender's turns; without it each keeps the rate alone.
 * @throws DkimProblem when a key cannot sign, Error when plain text would leave for another machine
 */
export function realEmail(config: Config, turnsOf: TurnsOf | null = null): EmailChannel {
  const { SMTP_SENDERS: senders = [] } = config
  if (!sendsEmail(config)) return noEmailChannel()
  // Read now: what is wrong with a key or a server must stop the start, not a lead's email.
  const servers = new Map(
    senders.map((sender) => [sender.address, serverOf(config, sender, turnsOf)]),
  )
  const common = serverOf(config, null, null)
  for (const server of [...servers.values(), common]) if (server !== null) requireTls(server)
  return perSender((sender) => {
    const server = (sender === null ? null : servers.get(sender.toLowerCase())) ?? common
    return server === null ? noEmailChannel() : smtpChannel(server)
  })
}

/** Whether there is a mail server, for all senders or for one of them. */
export function sendsEmail({
  SMTP_URL: url,
  SMTP_SENDERS: senders = [],
}: Partial<Pick<Config, 'SMTP_URL' | 'SMTP_SENDERS'>>): boolean {
  return url !== undefined || senders.some((sender) => sender.url !== undefined)
}

/** The shared turns of a sender. */
export type TurnsOf = (sender: string) => TakeTurn

/** A sender's turns as rows, for every process that sends. */
export function turnsInStore(store: Store): TurnsOf {
  return (sender) => (turn) => takeSenderTurn(store.db, sender, turn)
}

/** Opening and closing costs no connection, and refuses what may not be. */
function requireTls(server: EmailConfig): void {
  void smtpChannel(server).close()
}

function serverOf(
  config: Config,
  sender: SenderServer | null,
  turnsOf: TurnsOf | null,
): EmailConfig | null {
  const url = sender?.url ?? config.SMTP_URL
  if (url === undefined) return null
  const { protocol, hostname, port, username, password } = new URL(url)
  const implicit = protocol === 'smtps:'
  const dkim = sender?.dkim === undefined ? commonDkim(config) : ownDkim(sender.dkim)
  return {
    host: hostname,
    port: Number(port || (implicit ? 465 : 587)),
    ...(implicit ? { tls: 'implicit' } : {}),
    ...(!implicit && config.SMTP_TLS === 'private-network'
      ? { tls: 'none', plainTextAllowed: true }
      : {}),
    ...(username === ''
      ? {}
      : { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } }),
    ...(dkim && { dkim }),
    ...(sender?.perSecond && {
      perSecond: sender.perSecond,
      ...(turnsOf && { takeTurn: turnsOf(sender.address) }),
    }),
    ...(sender?.maxConnections && { maxConnections: sender.maxConnections }),
    stampTime: false,
  }
}

/** Emails could not be signed as somebody wants them to be: a start tells so, not each email. */
class DkimProblem extends Error {
  readonly code = 'dkim_not_usable'
  readonly fix =
    'Set the domain, the selector and the private key: a PEM that begins with -----BEGIN PRIVATE KEY-----. `rekindle doctor --channels` tells more.'
}

function commonDkim(config: Config): Dkim | null {
  const { DKIM_DOMAIN: domain, DKIM_SELECTOR: selector, DKIM_PRIVATE_KEY: privateKey } = config
  if (privateKey === undefined) return null
  if (domain === undefined || selector === undefined) {
    throw new DkimProblem('DKIM_PRIVATE_KEY is set, without DKIM_DOMAIN and DKIM_SELECTOR.')
  }
  return usable({ domain, selector, privateKey }, 'DKIM_PRIVATE_KEY')
}

function ownDkim({
  domain,
  selector,
  privateKey,
  privateKeyFile,
}: NonNullable<SenderServer['dkim']>): Dkim {
  const key = `SMTP_SENDERS: the DKIM key of ${domain}`
  if (privateKey !== undefined) return usable({ domain, selector, privateKey }, key)
  let read: string
  try {
    read = readFileSync(privateKeyFile ?? '', 'utf8')
  } catch {
    throw new DkimProblem(`${key} cannot be read from its file.`)
  }
  return usable({ domain, selector, privateKey: read }, key)
}

/** What cannot sign would let emails leave without a signature, and nobody would hear of it. */
function usable(dkim: Dkim, named: string): Dkim {
  try {
    createPrivateKey(dkim.privateKey)
    return dkim
  } catch {
    throw new DkimProblem(`${named} is not a private key.`)
  }
}
