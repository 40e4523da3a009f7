import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { classifySmtpFailure, smtpFix } from '../../../src/channels/email/smtp-errors.ts'

const commands = fc.constantFrom('RCPT TO', 'MAIL FROM', 'DATA', 'CONN', null)
const codes = fc.constantFrom('EENVELOPE', 'EMESSAGE', 'EAUTH', 'EPROTOCOL', 'ECONNECTION', null)
const secrets = ['ada@example.com', '+12125550142', 'quarterly']

describe('every failure', () => {
  const failures = fc.record({
    code: codes,
    systemCode: fc.constantFrom('ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', null),
    command: commands,
    reply: fc.option(
      fc
        .record({
          code: fc.integer({ min: 400, max: 599 }),
          status: fc.constantFrom('', '5.1.1 ', '4.2.2 ', '5.7.1 ', '5.0.0 '),
          words: fc.constantFrom('unknown user', 'blocked', 'too big', ''),
          secret: fc.constantFrom(...secrets),
        })
        .map(({ code, status, words, secret }) => ({
          code,
          text: `${code} ${status}<${secret}> ${words} ${secret}`,
        })),
    ),
    dataStarted: fc.boolean(),
  })

  it('is told without any word of the server', () => {
    fc.assert(
      fc.property(failures, (failure) => {
        const refusal = classifySmtpFailure(failure)
        const told = JSON.stringify(refusal) + smtpFix(refusal.code)
        return secrets.every((secret) => !told.includes(secret))
      }),
    )
  })

  it('after the message began to leave, without a final answer, is ambiguous', () => {
    fc.assert(
      fc.property(failures, (failure) => {
        const refusal = classifySmtpFailure({ ...failure, reply: null, dataStarted: true })
        return refusal.kind === 'ambiguous'
      }),
    )
  })

  it('before that, or with a final answer, is not', () => {
    fc.assert(
      fc.property(failures, (failure) => {
        const answered = failure.reply !== null || !failure.dataStarted
        return !answered || classifySmtpFailure(failure).kind !== 'ambiguous'
      }),
    )
  })

  it('never blames the contact point for a 4xx or a 5.7 answer', () => {
    fc.assert(
      fc.property(commands, fc.integer({ min: 400, max: 499 }), (command, code) => {
        const reply = { code, text: `${code} 4.1.1 user unknown` }
        const base = { code: 'EENVELOPE', systemCode: null, command, dataStarted: false }
        const policy = { code: 550, text: '550 5.7.1 user unknown' }
        return (
          classifySmtpFailure({ ...base, reply }).kind === 'transient' &&
          classifySmtpFailure({ ...base, reply: policy }).kind === 'sender_fault'
        )
      }),
    )
  })
})

it('a name that DNS does not know is a matter of the set-up', () => {
  const refusal = classifySmtpFailure({
    code: 'EDNS',
    systemCode: 'ENOTFOUND',
    command: 'CONN',
    reply: null,
    dataStarted: false,
  })
  expect(refusal).toMatchObject({ kind: 'sender_fault', code: 'email_server_name_unknown' })
  expect(smtpFix(refusal.code)).toBe("Check the mail server's host name.")
})
