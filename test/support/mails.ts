// Mails as they come in about a message that was caught: bounces, complaints, answers.
import type { OutboxItem } from '../../src/local/outbox.ts'

let written = 0

/** The header of a caught message, whatever the case of its name. */
function headerOf({ headers }: OutboxItem, name: string): string {
  const found = Object.entries(headers).find(([key]) => key.toLowerCase() === name.toLowerCase())
  return found?.[1] ?? ''
}

/** Where the bounces of a caught message go. */
export function returnPathOf(item: OutboxItem): string {
  return headerOf(item, 'Return-Path').replace(/[<>]/g, '')
}

/** Where answers to it go. */
function replyToOf(item: OutboxItem): string {
  return (headerOf(item, 'Reply-To') || headerOf(item, 'From')).replace(/^.*<|>.*$/g, '')
}

function messageId(): string {
  written += 1
  return `<in-${process.pid}-${written}@mail.example.net>`
}

/** A standard delivery report. */
export function bounceOf(
  item: OutboxItem,
  { status, to = returnPathOf(item) }: { readonly status: string; readonly to?: string },
): string {
  return `Return-Path: <>
From: Mail Delivery System <MAILER-DAEMON@mx.example.net>
To: ${to}
Subject: Undelivered Mail Returned to Sender
Message-ID: ${messageId()}
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I'm sorry to have to inform you that your message could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; ${item.to}
Action: failed
Status: ${status}
Diagnostic-Code: smtp; ${status.startsWith('4') ? 450 : 550} ${status} refused

--b
Content-Type: text/rfc822-headers

${returned(item)}

--b--
`
}

/** A feedback report (RFC 5965) with its recipient blacked out. */
export function complaintAbout(item: OutboxItem, to: string): string {
  return `From: Feedback <staff@isp.example>
To: ${to}
Subject: FW: ${item.subject ?? ''}
Message-ID: ${messageId()}
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="a"

--a
Content-Type: text/plain

This is an email abuse report.

--a
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: Loop/1.0
Version: 1

--a
Content-Type: message/rfc822

${returned(item)}

${item.text}
--a--
`
}

/** What a person writes, or a machine for an absent one. */
export function answerTo(
  item: OutboxItem,
  words: string,
  more: {
    readonly from?: string
    readonly to?: string
    readonly subject?: string
    readonly headers?: readonly string[]
    readonly anew?: boolean
  } = {},
): string {
  const names = more.anew ? [] : [`In-Reply-To: ${headerOf(item, 'Message-ID')}`]
  return [
    `From: ${more.from ?? item.to}`,
    `To: ${more.to ?? replyToOf(item)}`,
    `Subject: ${more.subject ?? `Re: ${item.subject ?? ''}`}`,
    `Message-ID: ${messageId()}`,
    ...names,
    ...(more.headers ?? []),
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    '',
    words,
    '',
  ].join('\n')
}

function returned(item: OutboxItem): string {
  return ['From', 'Subject', 'Message-ID']
    .map((name) => `${name}: ${headerOf(item, name)}`)
    .join('\n')
}
