import type { ContactPointVerdict, Refusal } from '../types.ts'

/**
 * What an SMTP failure means. The reply code and the enhanced status code (RFC 3463) decide;
 * the server's words are read only where both leave it open, and are never repeated, because
 * they often quote the recipient's address.
 */
export type SmtpFailure = {
  /** nodemailer's name for where it broke: EAUTH, ETLS, EENVELOPE, ECONNECTION … */
  readonly code: string | null
  /** The system's own code beneath it: ECONNREFUSED, ENOTFOUND, a certificate error … */
  readonly systemCode: string | null
  /** The SMTP command that was answered. */
  readonly command: string | null
  /** The server's reply, when there was one. */
  readonly reply: { readonly code: number; readonly text: string } | null
  /** Whether a byte of the message had gone to the connection. */
  readonly dataStarted: boolean
}

type Status = { readonly subject: number; readonly detail: number }

/** The outcome of a failed send; see docs/concepts/channels.md for the table in words. */
export function classifySmtpFailure(failure: SmtpFailure): Refusal {
  const { reply } = failure
  if (isConfigurationFault(failure)) return configurationFault(failure)
  if (reply && reply.code >= 400) return classifyReply(failure, reply.code, reply.text)
  if (failure.dataStarted) {
    return {
      kind: 'ambiguous',
      code: failure.code === 'EABORT' ? 'email_no_answer_in_time' : 'email_connection_lost',
      because:
        failure.code === 'EABORT'
          ? 'The mail server had the message, or part of it, and did not answer in time.'
          : 'The connection broke after the message had begun to leave, before the final answer.',
    }
  }
  return notConnected(failure)
}

function classifyReply(failure: SmtpFailure, code: number, text: string): Refusal {
  const status = enhancedStatus(text)
  const said = spoken(code, status)
  if (failure.code === 'EAUTH') {
    return code < 500
      ? busy(`The mail server could not check our credentials just now (${said}).`)
      : fault('email_auth_refused', `The mail server refused our user name or password (${said}).`)
  }
  // 503 says that the session, not the message, was in the wrong state.
  if (code < 500 || code === 503) return busy(`The mail server asked us to try later (${said}).`)
  if (failure.command === 'RCPT TO') return recipientRefused(code, text, status, said)
  if (failure.command === 'DATA') return messageRefused(text, status, said)
  return fault('email_sender_refused', `The mail server refuses to serve this sender (${said}).`)
}

/** A 5xx answer to RCPT TO: mostly about the recipient, but policy answers come here as well. */
function recipientRefused(
  code: number,
  text: string,
  status: Status | null,
  said: string,
): Refusal {
  const unknown = invalid(
    'email_unknown_recipient',
    `The mail server knows no such recipient (${said}).`,
  )
  switch (status?.subject) {
    case 1:
      return addressRefused(status.detail, said)
    case 2:
      return mailboxRefused(status.detail, said)
    case 3:
    case 6:
      return fault('email_content_refused', `The mail server cannot take this message (${said}).`)
    case 7:
      return policy(said)
    case 4:
      return unknown
    case 5:
      return code === 550
        ? unknown
        : fault('email_protocol', `The mail server misread us (${said}).`)
    default:
      if (speaksOfPolicy(text)) return policy(said)
      if (code === 552) return full(said)
      return unknown
  }
}

/** A 5xx answer after the message itself: about its content unless the answer says otherwise. */
function messageRefused(text: string, status: Status | null, said: string): Refusal {
  switch (status?.subject) {
    case 1:
      return addressRefused(status.detail, said)
    case 2:
      return mailboxRefused(status.detail, said)
    case 7:
      return policy(said)
    default:
      if (speaksOfUnknownUser(text)) {
        return invalid(
          'email_unknown_recipient',
          `The mail server knows no such recipient (${said}).`,
        )
      }
      return fault('email_content_refused', `The mail server refused this message (${said}).`)
  }
}

/** X.1.7 and X.1.8 speak of the sender's address, the rest of X.1 of the recipient's. */
function addressRefused(detail: number, said: string): Refusal {
  return detail === 7 || detail === 8
    ? fault('email_sender_refused', `The mail server refuses our sender address (${said}).`)
    : invalid('email_unknown_recipient', `The mail server knows no such recipient (${said}).`)
}

function mailboxRefused(detail: number, said: string): Refusal {
  if (detail === 2) return full(said)
  if (detail === 3) {
    return fault('email_content_refused', `The message is too large for the mailbox (${said}).`)
  }
  return invalid('email_mailbox_disabled', `The mailbox takes no mail any more (${said}).`)
}

function full(said: string): Refusal {
  return {
    kind: 'transient',
    code: 'email_mailbox_full',
    because: `The mailbox is full (${said}).`,
  }
}

function policy(said: string): Refusal {
  return fault(
    'email_policy_refused',
    `The mail server refuses our mail for policy or authentication reasons (${said}).`,
  )
}

function busy(because: string): Refusal {
  return { kind: 'transient', code: 'email_server_busy', because }
}

function fault(code: string, because: string): Refusal {
  return { kind: 'sender_fault', code, because }
}

function invalid(code: string, because: string): Refusal {
  const contactPoint: ContactPointVerdict = 'invalid'
  return { kind: 'permanent', code, because, contactPoint }
}

/** Never connected, or the connection went before a byte of the message did: nothing was sent. */
function notConnected(failure: SmtpFailure): Refusal {
  if (failure.code === 'EMESSAGE' || failure.code === 'ESTREAM') {
    return fault(
      'email_content_refused',
      'The message is too large for the mail server, or broken.',
    )
  }
  const late = failure.code === 'EABORT' || failure.code === 'ETIMEDOUT'
  return {
    kind: 'transient',
    code: late ? 'email_server_slow' : 'email_server_unreachable',
    because: late
      ? 'The mail server did not answer in time; nothing of the message was sent.'
      : 'The mail server could not be reached, or hung up before the message was sent.',
  }
}

function isConfigurationFault(failure: SmtpFailure): boolean {
  if (failure.dataStarted) return false
  return isTlsFault(failure) || failure.systemCode === 'ENOTFOUND' || isCredentialFault(failure)
}

/** Credentials that never reached the server: none given, or no mechanism in common. */
function isCredentialFault({ code, reply }: SmtpFailure): boolean {
  return code === 'ENOAUTH' || code === 'ECONFIG' || (code === 'EAUTH' && !reply)
}

function isTlsFault({ code, reply, systemCode }: SmtpFailure): boolean {
  if (systemCode && /CERT|SELF_SIGNED|ERR_TLS|ERR_SSL|UNABLE_TO_VERIFY/.test(systemCode))
    return true
  if (code === 'EREQUIRETLS') return true
  return code === 'ETLS' && !(reply && reply.code < 500) && systemCode !== 'ECONNRESET'
}

function configurationFault(failure: SmtpFailure): Refusal {
  if (failure.systemCode === 'ENOTFOUND') {
    return fault('email_server_name_unknown', "The mail server's name does not exist in DNS.")
  }
  if (isTlsFault(failure)) {
    return fault(
      'email_tls_failed',
      'No trusted encrypted connection to the mail server came about.',
    )
  }
  return fault('email_auth_refused', 'Our credentials cannot be used with this mail server.')
}

const fixes: Readonly<Record<string, string>> = {
  email_auth_refused: 'Check the user name and password of the mail server.',
  email_tls_failed:
    "Check the mail server's certificate, or name the authority that signed it; smtps:// is for TLS from the first byte (465), smtp:// for STARTTLS (587).",
  email_server_name_unknown: "Check the mail server's host name.",
  email_server_unreachable:
    'Check that the mail server runs and that host and port are right: smtps:// is for TLS from the first byte (465), smtp:// for STARTTLS (587).',
  email_server_slow:
    'Check host and port, and that no firewall stands between: smtps:// is for TLS from the first byte (465), smtp:// for STARTTLS (587).',
  email_sender_refused: 'Ask the mail provider why it refuses this sender.',
}

/** What a person can do about a failure of this code. */
export function smtpFix(code: string): string {
  return fixes[code] ?? 'Nothing to do at first: it is tried again. If it stays, ask the provider.'
}

function enhancedStatus(text: string): Status | null {
  const found = /^\d{3}[ -]+[45]\.(\d{1,3})\.(\d{1,3})\b/.exec(text)
  return found ? { subject: Number(found[1]), detail: Number(found[2]) } : null
}

function spoken(code: number, status: Status | null): string {
  return status ? `${code} ${Math.floor(code / 100)}.${status.subject}.${status.detail}` : `${code}`
}

function speaksOfPolicy(text: string): boolean {
  return /relay|spam|block(ed|list)|blacklist|policy|reputation|dmarc|\bspf\b|dkim|banned/i.test(
    text,
  )
}

function speaksOfUnknownUser(text: string): boolean {
  return /(no such|unknown|invalid) (user|recipient|mailbox)|(user|recipient|mailbox)( \S+)? (unknown|not found|unavailable|does not exist)/i.test(
    text,
  )
}
