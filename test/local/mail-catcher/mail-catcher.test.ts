import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { namedMessageIds } from '../../../src/channels/email/classify.ts'
import { type ReadMail, readMail } from '../../../src/channels/email/read-mail.ts'
import { smtpChannel } from '../../../src/channels/email/smtp.ts'
import type { EmailChannel } from '../../../src/channels/types.ts'
import { instant, toIso } from '../../../src/domain/time.ts'
import { type Catchers, startCatchers } from '../../../src/local/catchers.ts'
import { sampleEmail } from '../../channels/email/sample.ts'
import { until } from '../../support/until.ts'

let catchers: Catchers
let channel: EmailChannel

beforeEach(async () => {
  catchers = await startCatchers()
  channel = smtpChannel({ ...catchers.smtp, stampTime: true })
})
afterEach(async () => {
  await channel.close()
  await catchers.close()
})

const send = (change = {}, deadlineMs = 5_000) => channel.send(sampleEmail(change), { deadlineMs })
const caught = () => catchers.outbox.list().items

function fault(fault: unknown, address = 'ada@example.com') {
  expect(catchers.faults.set(address, fault)).toEqual({ kind: 'set' })
}

it('keeps what was sent, as its recipient would see it', async () => {
  const at = instant(Date.UTC(2031, 4, 6, 15, 4, 5))
  expect(await channel.ready()).toEqual({ ready: true })
  expect((await send({ at })).kind).toBe('accepted')
  expect(caught()).toMatchObject([
    {
      channel: 'email',
      to: 'ada@example.com',
      subject: 'Your quote, Ada – one question',
      touch: 'touch-7',
      headers: {
        'Message-ID': '<touch-7@acme.example>',
        'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
      },
    },
  ])
  const [item] = caught()
  expect(item?.text).toContain('still interested?')
  expect(item?.html).toContain('<a href="https://acme.example/q">')
  expect(toIso(item?.at ?? instant(0))).toBe('2031-05-06T15:04:05Z')
})

it('takes many at once', async () => {
  const all = Array.from({ length: 60 }, (_, n) =>
    send({ to: `lead${n}@example.com`, messageId: `<m${n}@acme.example>` }),
  )
  expect((await Promise.all(all)).every(({ kind }) => kind === 'accepted')).toBe(true)
  expect(new Set(caught().map(({ to }) => to)).size).toBe(60)
})

describe('failures on demand', () => {
  const cases: [object, string][] = [
    [{ kind: 'reply', code: 450, text: '4.2.0 later' }, 'transient email_server_busy'],
    [{ kind: 'reply', code: 421, text: '4.7.0 closing' }, 'transient email_server_busy'],
    [{ kind: 'reply', code: 550, text: '5.1.1 unknown' }, 'permanent email_unknown_recipient'],
    [{ kind: 'reply', stage: 'data', code: 451, text: '4.3.0 no' }, 'transient email_server_busy'],
    [
      { kind: 'reply', stage: 'data', code: 550, text: '5.7.26 no' },
      'sender_fault email_policy_refused',
    ],
    [{ kind: 'reset', stage: 'rcpt' }, 'transient email_server_unreachable'],
    [{ kind: 'reset', stage: 'mid-data' }, 'ambiguous email_connection_lost'],
    [{ kind: 'reset-after-data', recorded: false }, 'ambiguous email_connection_lost'],
  ]
  it.each(cases)('%j: nothing is kept', async (how, expected) => {
    fault(how)
    const outcome = await send()
    expect(outcome.kind === 'accepted' ? 'accepted' : `${outcome.kind} ${outcome.code}`).toBe(
      expected,
    )
    expect(caught()).toEqual([])
  })

  it('reset after the message: kept, and the sender cannot know', async () => {
    fault({ kind: 'reset-after-data' })
    expect(await send()).toMatchObject({ kind: 'ambiguous', code: 'email_connection_lost' })
    await until(() => caught().length === 1)
  })

  it('slow beyond the deadline: kept, and the sender cannot know', async () => {
    fault({ kind: 'slow', ms: 60_000 })
    expect(await send({}, 300)).toMatchObject({
      kind: 'ambiguous',
      code: 'email_no_answer_in_time',
    })
    expect(caught()).toHaveLength(1)
  })

  it('delay beyond the deadline: not sent', async () => {
    fault({ kind: 'delay', ms: 60_000 })
    expect(await send({}, 300)).toMatchObject({ kind: 'transient', code: 'email_server_slow' })
    expect(caught()).toEqual([])
  })

  it('strike one address, as often as asked', async () => {
    fault({ kind: 'reply', code: 450, times: 2 }, 'Ada@Example.com')
    expect((await send({ to: 'bob@example.com' })).kind).toBe('accepted')
    expect((await send()).kind).toBe('transient')
    expect((await send()).kind).toBe('transient')
    expect((await send()).kind).toBe('accepted')
  })

  it('are lifted again', async () => {
    fault({ kind: 'reply', code: 550 })
    fault({ kind: 'none' })
    expect((await send()).kind).toBe('accepted')
  })

  it('that make no sense are refused with the reason', () => {
    expect(catchers.faults.set('ada@example.com', { kind: 'reply', code: 200 })).toMatchObject({
      kind: 'invalid',
    })
    expect(catchers.faults.set('+12125550142', { kind: 'reset', stage: 'rcpt' })).toMatchObject({
      kind: 'invalid',
    })
  })
})

describe('an answer to a caught email', () => {
  it('is a real message that names the touch it answers', async () => {
    const answers: ReadMail[] = []
    catchers.route({
      onEmailReply: async (raw) => {
        answers.push(await readMail(raw))
      },
    })
    await send({ references: ['<earlier@acme.example>'], inReplyTo: '<earlier@acme.example>' })
    expect(await catchers.reply(caught()[0]?.id ?? '', 'Yes – call me at 3 🙂')).toEqual({
      kind: 'delivered',
    })
    expect(answers).toMatchObject([
      {
        from: 'ada@example.com',
        to: ['sam@acme.example'],
        subject: 'Re: Your quote, Ada – one question',
        text: expect.stringMatching(/^Yes – call me at 3 🙂\n\nOn .* wrote:\n> Hi Ada,/),
      },
    ])
    expect(answers.flatMap(namedMessageIds)).toEqual([
      '<touch-7@acme.example>',
      '<earlier@acme.example>',
    ])
  })

  it('needs someone to take it, and a message to answer', async () => {
    await send()
    expect(await catchers.reply(caught()[0]?.id ?? '', 'Hi')).toMatchObject({ kind: 'not_taken' })
    expect(await catchers.reply('none', 'Hi')).toEqual({ kind: 'unknown_message' })
  })
})
