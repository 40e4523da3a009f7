// What a company brings when it goes live, as real local parts: a mail server with TLS and log-in, a
// mailbox in a real Dovecot, a name server, a proxy with TLS, and Twilio's emulator as a process of
// its own.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { EMBEDDED_ACCOUNT } from '../../src/local/catchers.ts'
import { certificate } from '../support/certificate.ts'
import { type Mailbox, startMailbox } from '../support/dovecot.ts'
import { type MailServer, startMailServer } from '../support/mail-server.ts'
import { asking, type NameServer, startNameServer } from '../support/name-server.ts'
import { startTlsProxy, type TlsProxy } from '../support/tls-proxy.ts'

export interface CompanyParts {
  readonly mail: MailServer
  readonly mailbox: Mailbox
  readonly names: NameServer
  readonly proxy: TlsProxy
  /** Twilio: its api, and what people's phones have got. */
  readonly twilio: {
    readonly url: string
    texts(): Promise<Text[]>
    answer(id: string, text: string): Promise<void>
  }
  /** What a process needs to trust the certificate, to ask the name server, and to reach Twilio. */
  readonly env: Readonly<Record<string, string>>
  close(): Promise<void>
}

const outboxSchema = z.object({
  items: z.array(z.object({ id: z.string(), to: z.string(), text: z.string() })),
})
type Text = z.output<typeof outboxSchema>['items'][number]

export interface PartsOptions {
  readonly user: string
  readonly password: string
  /** Whose mail the mailbox takes. */
  readonly own: (address: string) => boolean
}

export async function startParts(options: PartsOptions): Promise<CompanyParts> {
  const { user, password, own } = options
  const tls = certificate()
  const folder = await mkdtemp(join(tmpdir(), 'rekindle-parts-'))
  const ca = join(folder, 'ca.pem')
  await writeFile(ca, tls.cert)
  const mailbox = await startMailbox({ tls, password })
  const mail = await startMailServer({ tls, user, password, own, deliver: mailbox.deliver })
  const names = await startNameServer({})
  const proxy = await startTlsProxy(tls)
  const { child, smsUrl, controlUrl } = await startTwilio(proxy.url, ca)
  return {
    mail,
    mailbox,
    names,
    proxy,
    twilio: {
      url: smsUrl,
      texts: async () =>
        outboxSchema.parse(await (await fetch(`${controlUrl}/outbox?channel=sms`)).json()).items,
      answer: async (id, text) => {
        const answered = await fetch(`${controlUrl}/outbox/${id}/reply`, {
          method: 'POST',
          headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify({ text }),
        })
        if (!answered.ok) throw new Error(await answered.text())
      },
    },
    env: {
      NODE_EXTRA_CA_CERTS: ca,
      NODE_OPTIONS: asking(names),
      TWILIO_API_URL: smsUrl,
    },
    close: async () => {
      const ended = once(child, 'close')
      child.stdin?.end()
      await ended
      proxy.close()
      names.close()
      await mail.close()
      await mailbox.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** What the guide's placeholders for Twilio stand for. */
export const TWILIO = {
  TWILIO_ACCOUNT_SID: EMBEDDED_ACCOUNT.accountSid,
  TWILIO_AUTH_TOKEN: EMBEDDED_ACCOUNT.authToken,
  TWILIO_MESSAGING_SERVICE_SID: `MG${'1'.repeat(32)}`,
}

const linesSchema = z.object({ smsUrl: z.string(), controlUrl: z.string() })

/** It posts to the proxy, whose certificate only its own process can be told to trust. */
async function startTwilio(publicUrl: string, ca: string) {
  const child: ChildProcess = spawn(
    process.execPath,
    [
      ...['--import', 'tsx', 'src/local/catchers-main.ts', '--until-stdin-ends'],
      ...['--inbound-sms-url', `${publicUrl}/hooks/twilio/inbound`],
    ],
    { env: { ...process.env, NODE_EXTRA_CA_CERTS: ca }, stdio: ['pipe', 'pipe', 'inherit'] },
  )
  if (child.stdout === null) throw new Error('the emulator has no output')
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  return { child, ...linesSchema.parse(JSON.parse(line.toString())) }
}
