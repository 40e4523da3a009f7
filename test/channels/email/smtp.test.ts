import { createHash, createPublicKey, createVerify, generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import PostalMime from 'postal-mime'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { afterEach, describe, expect, it } from 'vitest'
import { type EmailConfig, smtpChannel } from '../../../src/channels/email/smtp.ts'
import type { EmailChannel } from '../../../src/channels/types.ts'
import { instant } from '../../../src/domain/time.ts'
import { certificate, hasOpenssl } from '../../support/certificate.ts'
import { sampleEmail } from './sample.ts'

type Caught = { raw: string; from: string; to: string[]; secure: boolean; user: unknown }

const closing: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function server(options: SMTPServerOptions = {}) {
  const caught: Caught[] = []
  let connections = 0
  const smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    closeTimeout: 100,
    onConnect: (_session, done) => {
      connections += 1
      done()
    },
    onData: (stream, session, done) => {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope
        caught.push({
          raw: Buffer.concat(chunks).toString('latin1'),
          from: mailFrom ? mailFrom.address : '',
          to: rcptTo.map(({ address }) => address),
          secure: session.secure,
          user: session.user,
        })
        done()
      })
    },
    ...options,
  })
  smtp.on('error', () => {})
  smtp.listen(0, '127.0.0.1')
  await once(smtp.server, 'listening')
  closing.push(() => new Promise((resolve) => smtp.close(resolve)))
  const { port } = smtp.server.address() as AddressInfo
  return { port, caught, connections: () => connections }
}

function channel(port: number, config: Partial<EmailConfig> = {}): EmailChannel {
  const opened = smtpChannel({ host: '127.0.0.1', port, stampTime: false, ...config })
  closing.push(() => opened.close())
  return opened
}

const within = { deadlineMs: 10_000 }

async function sendOne(config: Partial<EmailConfig> = {}, change = {}) {
  const { port, caught } = await server()
  const outcome = await channel(port, config).send(sampleEmail(change), within)
  expect(outcome.kind).toBe('accepted')
  const [message] = caught
  if (!message) throw new Error('nothing came')
  return { ...message, mail: await PostalMime.parse(message.raw), outcome }
}

describe('a message as it leaves', () => {
  it('has both bodies, its own Message-ID, the touch, and a VERP envelope', async () => {
    const { mail, from, to, outcome } = await sendOne()
    expect(outcome).toEqual({ kind: 'accepted', providerId: '<touch-7@acme.example>' })
    expect(from).toBe('bounces+touch-7@acme.example')
    expect(to).toEqual(['ada@example.com'])
    expect(mail.from).toMatchObject({ name: 'Sam at Acme', address: 'sam@acme.example' })
    expect(mail.subject).toBe('Your quote, Ada – one question')
    expect(mail.text).toContain('still interested?')
    expect(mail.html).toContain('<a href="https://acme.example/q">')
    expect(mail.messageId).toBe('<touch-7@acme.example>')
    expect(header(mail, 'x-rekindle-touch')).toBe('touch-7')
  })

  it('can be unsubscribed from in one click', async () => {
    const { mail } = await sendOne()
    expect(header(mail, 'list-unsubscribe')).toBe(
      '<https://go.acme.example/u/tok3n>, <mailto:stop@acme.example>',
    )
    expect(header(mail, 'list-unsubscribe-post')).toBe('List-Unsubscribe=One-Click')
  })

  it('continues a thread', async () => {
    const { mail } = await sendOne(
      {},
      {
        inReplyTo: '<a@acme.example>',
        references: ['<a@acme.example>', '<b@acme.example>'],
        replyTo: { address: 'reply@acme.example' },
      },
    )
    expect(mail.inReplyTo).toBe('<a@acme.example>')
    expect(mail.references).toBe('<a@acme.example> <b@acme.example>')
    expect(mail.replyTo).toMatchObject([{ address: 'reply@acme.example' }])
  })

  it('tells the time of the engine to a catcher, and to nobody else', async () => {
    const at = instant(Date.UTC(2031, 4, 6, 15, 4, 5))
    const stamped = await sendOne({ stampTime: true }, { at })
    expect(header(stamped.mail, 'x-rekindle-at')).toBe('2031-05-06T15:04:05.000Z')
    expect(stamped.mail.date).toBe('2031-05-06T15:04:05.000Z')
    const plain = await sendOne({ stampTime: false }, { at })
    expect(header(plain.mail, 'x-rekindle-at')).toBeUndefined()
    expect(plain.mail.date).not.toContain('2031')
  })

  it('cannot gain a header or a recipient through its fields', async () => {
    const { mail, to } = await sendOne(
      {},
      {
        subject: 'Hi\r\nBcc: eve@example.net',
        from: { name: 'Sam\r\nX-Evil: 1', address: 'sam@acme.example' },
      },
    )
    expect(to).toEqual(['ada@example.com'])
    expect(header(mail, 'bcc')).toBeUndefined()
    expect(header(mail, 'x-evil')).toBeUndefined()
  })

  it('is not sent to what is no single address', async () => {
    const { port, caught } = await server()
    const email = channel(port)
    for (const to of [
      '',
      'ada',
      'a@example.com, b@example.com',
      'a@example.com\r\nRCPT TO:<b@c>',
    ]) {
      const outcome = await email.send(sampleEmail({ to }), within)
      expect(outcome).toMatchObject({ kind: 'permanent', code: 'email_address_malformed' })
    }
    expect(caught).toEqual([])
  })

  it('with a broken address of our own is our fault, not the recipient’s', async () => {
    const { port, caught } = await server()
    const outcome = await channel(port).send(sampleEmail({ returnPath: 'a b>' }), within)
    expect(outcome).toMatchObject({ kind: 'sender_fault', code: 'email_sender_malformed' })
    expect(caught).toEqual([])
  })

  it('is signed with DKIM, both unsubscribe headers included', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    })
    const { raw } = await sendOne({
      dkim: { domain: 'acme.example', selector: 's1', privateKey },
    })
    const signature = dkimTags(raw)
    const signed = (signature.h ?? '').toLowerCase().split(':')
    expect(signed).toEqual(expect.arrayContaining(['from', 'to', 'subject', 'message-id']))
    expect(signed).toEqual(expect.arrayContaining(['list-unsubscribe', 'list-unsubscribe-post']))
    expect(dkimHolds(raw, publicKey)).toBe(true)
    const tampered = raw.replace('List-Unsubscribe=One-Click', 'List-Unsubscribe=Two-Click')
    expect(dkimHolds(tampered, publicKey)).toBe(false)
  })
})

describe('credentials', () => {
  const strict: SMTPServerOptions = {
    authOptional: false,
    allowInsecureAuth: true,
    onAuth: ({ username, password }, _session, done) => {
      if (username === 'busy') {
        done(Object.assign(new Error('4.7.0 later'), { responseCode: 454 }))
      } else if (password === 'right') done(null, { user: username })
      else done(Object.assign(new Error(`no, ${username}`), { responseCode: 535 }))
    },
  }

  it('are used', async () => {
    const { port, caught } = await server(strict)
    const email = channel(port, { auth: { user: 'relay', pass: 'right' } })
    expect(await email.ready()).toEqual({ ready: true })
    expect((await email.send(sampleEmail(), within)).kind).toBe('accepted')
    expect(caught[0]?.user).toBe('relay')
  })

  it('refused: our fault, at ready and at send', async () => {
    const { port } = await server(strict)
    const email = channel(port, { auth: { user: 'relay@acme.example', pass: 'wrong' } })
    const ready = await email.ready()
    expect(ready).toMatchObject({ ready: false, kind: 'sender_fault', code: 'email_auth_refused' })
    const outcome = await email.send(sampleEmail(), within)
    expect(outcome).toMatchObject({ kind: 'sender_fault', code: 'email_auth_refused' })
    expect(JSON.stringify([ready, outcome])).not.toContain('relay')
  })

  it('not checkable just now: transient', async () => {
    const { port } = await server(strict)
    const outcome = await channel(port, { auth: { user: 'busy', pass: 'x' } }).send(
      sampleEmail(),
      within,
    )
    expect(outcome).toMatchObject({ kind: 'transient', code: 'email_server_busy' })
  })
})

describe('encryption', () => {
  it('is demanded for any other machine', () => {
    const config = { host: 'mail.example', port: 25, tls: 'none', stampTime: false } as const
    expect(() => smtpChannel(config)).toThrow('needs TLS')
  })

  it('with a certificate that nobody trusts: our fault', async () => {
    const { port, caught } = await server({ disabledCommands: [] })
    const outcome = await channel(port, { tls: 'starttls' }).send(sampleEmail(), within)
    expect(outcome).toMatchObject({ kind: 'sender_fault', code: 'email_tls_failed' })
    expect(caught).toEqual([])
  })

  it('not offered by the server: nothing is sent in the clear', async () => {
    const { port, caught } = await server()
    const email = channel(port, { tls: 'starttls' })
    expect((await email.send(sampleEmail(), within)).kind).toBe('sender_fault')
    expect(await email.ready()).toMatchObject({ ready: false, code: 'email_tls_failed' })
    expect(caught).toEqual([])
  })

  it.skipIf(!hasOpenssl())('with a certificate of a named authority: sent encrypted', async () => {
    const { key, cert } = certificate()
    const { port, caught } = await server({ disabledCommands: [], key, cert })
    const outcome = await channel(port, { host: 'localhost', tls: 'starttls', ca: cert }).send(
      sampleEmail(),
      within,
    )
    expect(outcome.kind).toBe('accepted')
    expect(caught[0]?.secure).toBe(true)
  })
})

describe('ready', () => {
  it('asks the server once for many callers, and keeps the answer a while', async () => {
    const { port, connections } = await server()
    const email = channel(port)
    const answers = await Promise.all(Array.from({ length: 5 }, () => email.ready()))
    expect(answers).toEqual(Array.from({ length: 5 }, () => ({ ready: true })))
    await email.ready()
    expect(connections()).toBe(1)
  })

  it('of a server that is not there says what to do', async () => {
    const { port } = await server()
    for (const close of closing.splice(0)) await close()
    const email = channel(port)
    expect(await email.ready()).toEqual({
      ready: false,
      kind: 'transient',
      code: 'email_server_unreachable',
      because: 'The mail server could not be reached, or hung up before the message was sent.',
      fix: 'Check that the mail server runs and that host and port are right: smtps:// is for TLS from the first byte (465), smtp:// for STARTTLS (587).',
    })
    expect(await email.send(sampleEmail(), within)).toMatchObject({
      kind: 'transient',
      code: 'email_server_unreachable',
    })
  })
})

function header(mail: Awaited<ReturnType<typeof PostalMime.parse>>, key: string) {
  return mail.headers.find((one) => one.key === key)?.value
}

/** The unfolded header lines of a message, in order. */
function headerLines(raw: string): string[] {
  const head = raw.slice(0, raw.indexOf('\r\n\r\n'))
  return head.replace(/\r\n([ \t])/g, '$1').split('\r\n')
}

function relaxed(line: string): string {
  const colon = line.indexOf(':')
  const value = line
    .slice(colon + 1)
    .replace(/[ \t]+/g, ' ')
    .trim()
  return `${line.slice(0, colon).toLowerCase().trim()}:${value}`
}

function dkimTags(raw: string): Record<string, string> {
  const line = headerLines(raw).find((one) => /^dkim-signature:/i.test(one)) ?? ''
  const pairs = line.slice(line.indexOf(':') + 1).split(';')
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=')
      return [pair.slice(0, at).trim(), pair.slice(at + 1).replace(/\s+/g, '')]
    }),
  )
}

/** RFC 6376 with relaxed/relaxed canonicalization, written apart from what signs. */
function dkimHolds(raw: string, publicKey: string): boolean {
  const tags = dkimTags(raw)
  const body = raw.slice(raw.indexOf('\r\n\r\n') + 4)
  const lines = body.split('\r\n').map((line) => line.replace(/[ \t]+/g, ' ').replace(/ $/, ''))
  while (lines.at(-1) === '') lines.pop()
  const hash = createHash('sha256')
    .update(`${lines.join('\r\n')}\r\n`, 'latin1')
    .digest('base64')
  if (hash !== tags.bh) return false
  const headers = headerLines(raw)
  const signed = (tags.h ?? '').split(':').flatMap((name) => {
    const found = headers.findLast((line) =>
      line.toLowerCase().startsWith(`${name.toLowerCase()}:`),
    )
    return found === undefined ? [] : [relaxed(found)]
  })
  const own = headers.find((line) => /^dkim-signature:/i.test(line)) ?? ''
  const unsigned = relaxed(own.replace(/(;\s*b=)[^;]*/, '$1'))
  const verify = createVerify('RSA-SHA256').update([...signed, unsigned].join('\r\n'), 'latin1')
  return verify.verify(createPublicKey(publicKey), tags.b ?? '', 'base64')
}
