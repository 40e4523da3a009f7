// A real IMAP server, Dovecot, on loopback, with a mailbox that real SMTP delivers into: what a
// company's mail provider is to Rekindle. Where Dovecot is not installed, suites say so and skip.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { ImapFlow } from 'imapflow'
import { createTransport } from 'nodemailer'
import { SMTPServer } from 'smtp-server'
import type { ImapConfig } from '../../src/channels/email/imap.ts'
import { until } from './until.ts'

const PROGRAM = '/usr/sbin/dovecot'

/** Why there is no Dovecot to test against; null when there is one. */
export function noDovecot(): string | null {
  return existsSync(PROGRAM) && existsSync('/usr/lib/dovecot/imap')
    ? null
    : 'Dovecot is not installed (Debian: apt-get install dovecot-imapd)'
}

export interface Mailbox {
  readonly imap: ImapConfig
  /** Sends a raw mail by SMTP, as any server would; it is in the mailbox when this resolves. */
  deliver(raw: string, to?: string): Promise<void>
  /** What is in a folder, by IMAP, oldest first. */
  mails(folder?: string): Promise<{ readonly uid: number; readonly seen: boolean }[]>
  /** Forgets the folder and begins it anew: with another UIDVALIDITY. */
  renew(): Promise<void>
  /** Ends the server, as a crash would; `start` brings it back. */
  stop(): Promise<void>
  start(): Promise<void>
  close(): Promise<void>
}

export interface Certificate {
  readonly key: string
  readonly cert: string
}

const USER = 'answers'
const PASSWORD = 'a-password-for-tests'

/** `tls`: nothing but TLS from the first byte, with this certificate for "localhost". */
export async function startMailbox({
  tls,
  password = PASSWORD,
}: {
  tls?: Certificate
  password?: string
} = {}): Promise<Mailbox> {
  const folder = mkdtempSync(join(tmpdir(), 'rekindle-dovecot-'))
  const port = await freePort()
  const owner = mailOwner()
  const maildir = join(folder, 'mail')
  const config = join(folder, 'dovecot.conf')
  for (const path of [folder, maildir]) {
    mkdirSync(path, { recursive: true })
    chownSync(path, owner.uid, owner.gid)
  }
  writeFileSync(config, configuration(folder, port, owner, { tls: tls !== undefined, password }))
  if (tls !== undefined) {
    writeFileSync(join(folder, 'cert.pem'), tls.cert)
    writeFileSync(join(folder, 'key.pem'), tls.key, { mode: 0o600 })
  }
  let server: ChildProcess | null = null

  const start = async () => {
    server = spawn(PROGRAM, ['-F', '-c', config], { stdio: 'ignore' })
    await until(() => answers(port, tls !== undefined), {
      what: `Dovecot (${log(folder)})`,
      timeoutMs: 60_000,
    })
  }
  const stop = async () => {
    const running = server
    server = null
    if (running === null || running.exitCode !== null) return
    const ended = once(running, 'exit')
    running.kill('SIGTERM')
    await ended
  }
  await start()
  const imap: ImapConfig = {
    host: tls === undefined ? '127.0.0.1' : 'localhost',
    port,
    tls: tls === undefined ? 'none' : 'implicit',
    ...(tls !== undefined && { ca: tls.cert }),
    user: USER,
    password,
    folder: 'INBOX',
    moveTo: null,
  }
  const inbox = () => withClient(imap, async (client) => void (await client.mailboxOpen('INBOX')))
  await inbox()
  const door = await openDoor(async (raw) => {
    written += 1
    const name = `${Date.now()}.${process.pid}_${written}.test`
    const draft = join(maildir, 'tmp', name)
    await writeFile(draft, raw)
    chownSync(draft, owner.uid, owner.gid)
    await rename(draft, join(maildir, 'new', name))
  })

  return {
    imap,
    deliver: door.deliver,
    mails: (path = 'INBOX') =>
      withClient(imap, async (client) => {
        await client.mailboxOpen(path)
        const found = await client.fetchAll('1:*', { uid: true, flags: true })
        return found.map(({ uid, flags }) => ({ uid, seen: flags?.has('\\Seen') ?? false }))
      }),
    renew: async () => {
      for (const name of [
        'dovecot-uidlist',
        'dovecot-uidvalidity',
        'dovecot.index',
        'dovecot.index.log',
        'dovecot.index.cache',
      ]) {
        rmSync(join(maildir, name), { force: true })
      }
      await inbox()
    },
    start,
    stop,
    close: async () => {
      await door.close()
      await stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

let written = 0

interface Owner {
  readonly uid: number
  readonly gid: number
  readonly root: boolean
}

/** Dovecot reads no mail as root. */
function mailOwner(): Owner {
  const { uid, gid } = userInfo()
  return uid === 0 ? { uid: 65_534, gid: 65_534, root: true } : { uid, gid, root: false }
}

function configuration(
  folder: string,
  port: number,
  { uid, gid, root }: Owner,
  { tls, password }: { tls: boolean; password: string },
): string {
  const me = userInfo().username
  const users = root ? '' : `default_internal_user = ${me}\ndefault_login_user = ${me}\n`
  return `base_dir = ${folder}/run
state_dir = ${folder}/state
log_path = ${folder}/log
protocols = imap
listen = 127.0.0.1
${tls ? `ssl = required\nssl_cert = <${folder}/cert.pem\nssl_key = <${folder}/key.pem` : 'ssl = no'}
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
first_valid_uid = ${uid}
first_valid_gid = ${gid}
${users}mail_location = maildir:${folder}/mail
mail_fsync = never
passdb {
  driver = static
  args = password=${password}
}
userdb {
  driver = static
  args = uid=${uid} gid=${gid} home=${folder}/mail
}
service imap-login {
  chroot =
  inet_listener imap {
    port = ${tls ? 0 : port}
  }
  inet_listener imaps {
    port = ${tls ? port : 0}
    ssl = yes
  }
}
service anvil {
  chroot =
}
service stats {
  chroot =
}
`
}

/** A mail exchanger that puts everything into the one mailbox, with the lines a delivery adds. */
async function openDoor(keep: (raw: Buffer) => Promise<void>) {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    logger: false,
    onData: (stream, { envelope: { mailFrom, rcptTo } }, done) => {
      const from = mailFrom === false ? '' : mailFrom.address
      const lines = `Return-Path: <${from}>\r\nDelivered-To: ${rcptTo[0]?.address ?? ''}\r\n`
      void answered(stream, (raw) => keep(Buffer.concat([Buffer.from(lines), raw])), done)
    },
  })
  server.on('error', () => {})
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  const { port } = server.server.address() as AddressInfo
  const transport = createTransport({ host: '127.0.0.1', port, ignoreTLS: true })
  return {
    deliver: async (raw: string, to?: string) => {
      const addressee = to ?? /^To: (.*)$/m.exec(raw)?.[1] ?? 'hello@acme.example'
      const from = /^Return-Path: <>/m.test(raw) ? '' : 'somebody@mail.example.net'
      const message = raw.replace(/^Return-Path:.*\r?\n/m, '')
      await transport.sendMail({ envelope: { from, to: [addressee] }, raw: message })
    },
    close: async () => {
      transport.close()
      await new Promise<void>((resolve) => server.close(resolve))
    },
  }
}

async function answered(
  stream: NodeJS.ReadableStream,
  keep: (raw: Buffer) => Promise<void>,
  done: (error?: Error) => void,
): Promise<void> {
  try {
    await keep(await buffer(stream))
    done()
  } catch (error) {
    done(error instanceof Error ? error : new Error('not kept'))
  }
}

async function withClient<T>(imap: ImapConfig, work: (client: ImapFlow) => Promise<T>): Promise<T> {
  const { host, port, user, password: pass, tls, ca } = imap
  const client = new ImapFlow({
    host,
    port,
    auth: { user, pass },
    logger: false,
    ...(tls === 'none' ? { secure: false, doSTARTTLS: false } : { secure: true, tls: { ca } }),
  })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.logout()
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Over TLS it is the client that speaks first. */
function answers(port: number, tls: boolean): Promise<boolean | null> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once(tls ? 'connect' : 'data', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(null))
  })
}

function log(folder: string): string {
  return existsSync(join(folder, 'log'))
    ? readFileSync(join(folder, 'log'), 'utf8').slice(-500)
    : ''
}
