// A company's mail server for what goes out: TLS from the first byte (or, on loopback, none), log-in
// required. What is sent to the company itself is handed on to its mailbox; everything is kept for
// the test to look at.
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { SMTPServer } from 'smtp-server'
import type { Certificate } from './dovecot.ts'

export interface TakenMail {
  readonly from: string
  readonly to: string
  readonly raw: string
}

export interface MailServer {
  readonly port: number
  readonly taken: readonly TakenMail[]
  close(): Promise<void>
}

export interface MailServerOptions {
  /** null: plain text, which only a client on this machine takes. */
  readonly tls: Certificate | null
  readonly user: string
  readonly password: string
  /** Whose mail is handed on, and to whom. */
  readonly own: (address: string) => boolean
  readonly deliver: (raw: string, to: string) => Promise<void>
}

export async function startMailServer(options: MailServerOptions): Promise<MailServer> {
  const taken: TakenMail[] = []
  const server = new SMTPServer({
    ...(options.tls === null
      ? { disabledCommands: ['STARTTLS'], allowInsecureAuth: true }
      : { ...options.tls, secure: true }),
    authMethods: ['PLAIN', 'LOGIN'],
    disableReverseLookup: true,
    logger: false,
    onAuth: ({ username, password }, _session, done) =>
      username === options.user && password === options.password
        ? done(null, { user: username })
        : done(Object.assign(new Error('wrong user or password'), { responseCode: 535 })),
    onData: (stream, { envelope: { mailFrom, rcptTo } }, done) => {
      const from = mailFrom === false ? '' : mailFrom.address
      const take = async () => {
        const raw = (await buffer(stream)).toString('utf8')
        for (const { address: to } of rcptTo) {
          taken.push({ from, to, raw })
          if (options.own(to)) await options.deliver(raw, to)
        }
      }
      void answered(take, done)
    },
  })
  server.on('error', () => {})
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  const { port } = server.server.address() as AddressInfo
  return {
    port,
    taken,
    close: () => new Promise<void>((resolve) => server.close(resolve)),
  }
}

async function answered(take: () => Promise<void>, done: (error?: Error) => void): Promise<void> {
  try {
    await take()
    done()
  } catch (error) {
    done(error instanceof Error ? error : new Error('not taken'))
  }
}
