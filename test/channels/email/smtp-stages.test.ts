import { afterEach, describe, expect, it } from 'vitest'
import { smtpChannel } from '../../../src/channels/email/smtp.ts'
import type { EmailChannel, SendOutcome } from '../../../src/channels/types.ts'
import { until } from '../../support/until.ts'
import { sampleEmail } from './sample.ts'
import { type Act, type ScriptedSmtp, type Stage, scriptedSmtp } from './scripted-smtp.ts'

const open: { channel: EmailChannel; server: ScriptedSmtp }[] = []

afterEach(async () => {
  for (const { channel, server } of open.splice(0)) {
    await channel.close()
    await server.close()
  }
})

async function sendWhen(at: Stage, act: Act, deadlineMs = 10_000) {
  const server = await scriptedSmtp({ at, act })
  const channel = smtpChannel({ host: '127.0.0.1', port: server.port, stampTime: false })
  open.push({ channel, server })
  const outcome = await channel.send(sampleEmail(), { deadlineMs })
  return { outcome, server, channel }
}

const kinds = (outcome: SendOutcome) =>
  outcome.kind === 'accepted' ? outcome.kind : `${outcome.kind} ${outcome.code}`

describe('a connection that breaks', () => {
  const before: Stage[] = ['greeting', 'EHLO', 'MAIL', 'RCPT', 'DATA']
  const during: Stage[] = ['mid-data', 'end']
  const breaks = ['reset', 'hang-up'] as const

  for (const act of breaks) {
    it.each(before)(`${act} at %s: nothing was sent, so a later attempt is safe`, async (stage) => {
      const { outcome, server } = await sendWhen(stage, act)
      expect(kinds(outcome)).toBe('transient email_server_unreachable')
      expect(server.begun()).toBe(0)
    })

    it.each(during)(`${act} at %s: ambiguous, and tried only once`, async (stage) => {
      const { outcome, server } = await sendWhen(stage, act)
      expect(kinds(outcome)).toBe('ambiguous email_connection_lost')
      expect(server.begun()).toBe(1)
    })
  }
})

describe('a server that falls silent', () => {
  it.each<Stage>(['greeting', 'EHLO', 'MAIL', 'RCPT', 'DATA'])(
    'at %s: the deadline ends it, nothing was sent',
    async (stage) => {
      const { outcome, server } = await sendWhen(stage, 'silence', 300)
      expect(kinds(outcome)).toBe('transient email_server_slow')
      expect(server.begun()).toBe(0)
    },
  )

  it('after the message: the deadline ends it, ambiguous', async () => {
    const { outcome, server } = await sendWhen('end', 'silence', 300)
    expect(kinds(outcome)).toBe('ambiguous email_no_answer_in_time')
    expect(server.messages()).toBe(1)
  })

  it('while another message waits for the only connection: that one was not sent', async () => {
    const server = await scriptedSmtp({ at: 'end', act: 'silence' })
    const channel = smtpChannel({
      host: '127.0.0.1',
      port: server.port,
      maxConnections: 1,
      stampTime: false,
    })
    open.push({ channel, server })
    const first = channel.send(sampleEmail(), { deadlineMs: 2_000 })
    await until(() => server.messages() === 1)
    const second = await channel.send(sampleEmail(), { deadlineMs: 100 })
    expect(kinds(second)).toBe('transient email_server_slow')
    expect(kinds(await first)).toBe('ambiguous email_no_answer_in_time')
    expect(server.messages()).toBe(1)
  })
})

describe('a reply', () => {
  const cases: [Stage, string, string][] = [
    ['greeting', '421 4.3.2 busy', 'transient email_server_busy'],
    ['greeting', '554 5.7.1 your address is listed', 'sender_fault email_sender_refused'],
    ['MAIL', '421 4.7.0 too many', 'transient email_server_busy'],
    ['MAIL', '451 4.3.0 later', 'transient email_server_busy'],
    ['MAIL', '553 5.1.8 no such sender', 'sender_fault email_sender_refused'],
    ['MAIL', '503 5.5.1 bad sequence', 'transient email_server_busy'],
    ['RCPT', '421 4.7.0 closing', 'transient email_server_busy'],
    ['RCPT', '450 4.2.0 greylisted', 'transient email_server_busy'],
    ['RCPT', '452 4.2.2 mailbox full', 'transient email_server_busy'],
    ['RCPT', '550 5.1.1 no such user', 'permanent email_unknown_recipient'],
    ['RCPT', '550-5.1.1 no such\r\n550 5.1.1 user', 'permanent email_unknown_recipient'],
    ['RCPT', '550 5.1.10 null mx', 'permanent email_unknown_recipient'],
    ['RCPT', '550 5.2.1 disabled', 'permanent email_mailbox_disabled'],
    ['RCPT', '552 5.2.2 full', 'transient email_mailbox_full'],
    ['RCPT', '552 5.2.3 too large', 'sender_fault email_content_refused'],
    ['RCPT', '550 5.4.1 recipient address rejected', 'permanent email_unknown_recipient'],
    ['RCPT', '550 5.7.1 relaying denied', 'sender_fault email_policy_refused'],
    ['RCPT', '550 5.7.515 access denied', 'sender_fault email_policy_refused'],
    ['RCPT', '554 5.3.4 too big', 'sender_fault email_content_refused'],
    ['RCPT', '550 user unknown', 'permanent email_unknown_recipient'],
    ['RCPT', '554 relay access denied', 'sender_fault email_policy_refused'],
    ['DATA', '451 4.3.0 not now', 'transient email_server_busy'],
    ['DATA', '554 no valid recipients', 'sender_fault email_content_refused'],
    ['end', '421 4.3.0 closing', 'transient email_server_busy'],
    ['end', '451 4.3.0 try later', 'transient email_server_busy'],
    ['end', '550 5.1.1 no such user', 'permanent email_unknown_recipient'],
    ['end', '550 no such user here', 'permanent email_unknown_recipient'],
    ['end', '550 5.7.26 unauthenticated', 'sender_fault email_policy_refused'],
    ['end', '554 5.6.0 malformed', 'sender_fault email_content_refused'],
    ['end', '554 message refused', 'sender_fault email_content_refused'],
    ['end', '354 what', 'ambiguous email_connection_lost'],
    ['end', '250 2.0.0 queued', 'accepted'],
  ]
  it.each(cases)('at %s: %s', async (stage, reply, expected) => {
    const { outcome } = await sendWhen(stage, { reply })
    expect(kinds(outcome)).toBe(expected)
  })

  it('is spoken of by its codes alone', async () => {
    const { outcome } = await sendWhen('RCPT', {
      reply: '550 5.1.1 <ada@example.com>: user +12125550142 unknown',
    })
    expect(outcome).toEqual({
      kind: 'permanent',
      code: 'email_unknown_recipient',
      because: 'The mail server knows no such recipient (550 5.1.1).',
      contactPoint: 'invalid',
    })
  })
})

it('takes another connection when the server closed an idle one, and sends once', async () => {
  const server = await scriptedSmtp({ at: 'end', act: { reply: '250 ok' } })
  const channel = smtpChannel({ host: '127.0.0.1', port: server.port, stampTime: false })
  open.push({ channel, server })
  await channel.send(sampleEmail(), { deadlineMs: 5_000 })
  server.hangUpIdle()
  const outcome = await channel.send(sampleEmail(), { deadlineMs: 5_000 })
  expect(kinds(outcome)).toBe('accepted')
  expect(server.messages()).toBe(2)
})
