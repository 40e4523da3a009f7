import { describe, expect, it } from 'vitest'
import { parseInboundEmail } from '../../../src/channels/email/inbound.ts'

const mail = (headers: string, body = 'Yes') => `${headers.trim()}\r\n\r\n${body}\r\n`

describe('an email that came in', () => {
  it('tells who, to what, and what', async () => {
    const raw = mail(
      [
        'From: "Ada L." <ada@example.com>',
        'To: Sam <sam@acme.example>',
        'Subject: =?utf-8?q?Re:_Angebot_f=C3=BCr_Ada?=',
        'Message-ID: <r1@example.com>',
        'In-Reply-To: <touch-7@acme.example>',
        'References: <a@acme.example>\r\n <touch-7@acme.example>',
      ].join('\r\n'),
    )
    expect(await parseInboundEmail(raw)).toEqual({
      messageId: '<r1@example.com>',
      from: 'ada@example.com',
      to: 'sam@acme.example',
      inReplyTo: '<touch-7@acme.example>',
      references: ['<a@acme.example>', '<touch-7@acme.example>'],
      subject: 'Re: Angebot für Ada',
      text: 'Yes\n',
    })
  })

  it('may be HTML alone', async () => {
    const raw = mail('From: ada@example.com\r\nContent-Type: text/html', '<p>Call <b>me</b></p>')
    expect((await parseInboundEmail(raw)).text.trim()).toBe('Call me')
  })

  it('may lack everything', async () => {
    expect(await parseInboundEmail('')).toEqual({
      messageId: null,
      from: null,
      to: null,
      inReplyTo: null,
      references: [],
      subject: '',
      text: '',
    })
  })
})
