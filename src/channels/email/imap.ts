import { ImapFlow } from 'imapflow'
import type { Ready } from '../types.ts'
import { MOST_MAIL_BYTES } from './read-mail.ts'

export type ImapConfig = {
  readonly host: string
  readonly port: number
  /** `none` only on loopback. */
  readonly tls: 'implicit' | 'starttls' | 'none'
  readonly user: string
  readonly password: string
  /** Trusted besides the system's authorities (PEM). */
  readonly ca?: string
  readonly folder: string
  /** Where mail goes once it was taken; null: it stays, marked as read. */
  readonly moveTo: string | null
}

/** One folder, opened. Whatever it does may throw when the connection breaks. */
export type OpenMailbox = {
  /** With another one, all UIDs stand for other mails (RFC 3501, 2.3.1.1). */
  readonly uidValidity: string
  /** No mail has this UID yet, or a higher one. */
  readonly uidNext: number
  /** UIDs above `last`, ascending; `unseen`: only of mails that nobody has read. */
  list(last: number, only?: 'unseen'): Promise<number[]>
  /** The beginning of a mail, as much of it as is ever looked at; null when it is gone. */
  read(uid: number): Promise<Uint8Array | null>
  /** It was taken: out of the way with it. */
  finish(uids: readonly number[]): Promise<void>
  close(): Promise<void>
}

const WITHIN_MS = 30_000
/** A person waits for a check. */
const CHECKED_WITHIN_MS = 10_000

/** Connects and opens the folder. @throws as imapflow does; `mailboxProblem` reads it */
export async function openMailbox(config: ImapConfig, withinMs = WITHIN_MS): Promise<OpenMailbox> {
  const client = clientOf(config, withinMs)
  try {
    await client.connect()
    if (config.moveTo !== null) await ensureFolder(client, config.moveTo)
    const folder = await client.mailboxOpen(config.folder)
    return opened(client, config, folder)
  } catch (error) {
    client.close()
    throw error
  }
}

/** Whether the mailbox can be read now, and what to do when not: for a person's check. */
export async function checkMailbox(config: ImapConfig): Promise<Ready> {
  try {
    const mailbox = await openMailbox(config, CHECKED_WITHIN_MS)
    await mailbox.close()
    return { ready: true }
  } catch (error) {
    return mailboxProblem(error)
  }
}

/** Why a mailbox could not be read: in our words, which name no account. */
export function mailboxProblem(error: unknown): Extract<Ready, { ready: false }> {
  const field = (name: string) => (error instanceof Error ? Reflect.get(error, name) : undefined)
  const code = String(field('code') ?? '')
  if (field('authenticationFailed') === true) {
    return problem(
      'imap_auth_refused',
      'The mailbox refused our user name or password.',
      'Check the user and password in IMAP_URL; some providers want an app password.',
    )
  }
  if (field('serverResponseCode') === 'NONEXISTENT' || field('mailboxMissing') === true) {
    return problem(
      'imap_folder_missing',
      'The mailbox has no such folder.',
      'Correct the folder at the end of IMAP_URL.',
    )
  }
  if (/CERT|SELF_SIGNED|TLS|SSL|UNABLE_TO_VERIFY/i.test(code)) {
    return problem(
      'imap_tls_failed',
      'No trusted encrypted connection to the mailbox came about.',
      'Check the certificate of the IMAP server, and the host in IMAP_URL.',
    )
  }
  const because = 'The mailbox could not be reached, or the connection broke.'
  const fix =
    'Check host and port in IMAP_URL, and that the server runs: imaps:// is for TLS from the first byte (993), imap:// for STARTTLS (143).'
  return { ready: false, kind: 'transient', code: 'imap_unreachable', because, fix }
}

function problem(code: string, because: string, fix: string): Extract<Ready, { ready: false }> {
  return { ready: false, kind: 'sender_fault', code, because, fix }
}

function clientOf({ host, port, tls, user, password, ca }: ImapConfig, withinMs: number): ImapFlow {
  const client = new ImapFlow({
    host,
    port,
    secure: tls === 'implicit',
    doSTARTTLS: tls === 'starttls',
    auth: { user, pass: password },
    ...(ca === undefined ? {} : { tls: { ca } }),
    logger: false,
    disableAutoIdle: true,
    connectionTimeout: withinMs,
    greetingTimeout: withinMs,
    socketTimeout: 2 * withinMs,
  })
  // A connection that breaks makes the call under way fail, which is enough.
  client.on('error', () => {})
  return client
}

function opened(
  client: ImapFlow,
  { moveTo }: ImapConfig,
  folder: { readonly uidValidity: bigint; readonly uidNext: number },
): OpenMailbox {
  return {
    uidValidity: String(folder.uidValidity),
    uidNext: folder.uidNext,
    list: async (last, only) => {
      const range = { uid: `${last + 1}:*`, ...(only === 'unseen' ? { seen: false } : {}) }
      const found = await client.search(range, { uid: true })
      // "n:*" always names the last mail, also when its UID is lower.
      return (found || []).filter((uid) => uid > last).sort((a, b) => a - b)
    },
    read: async (uid) => {
      const query = { source: { maxLength: MOST_MAIL_BYTES } }
      const mail = await client.fetchOne(String(uid), query, { uid: true })
      return mail === false ? null : (mail.source ?? null)
    },
    finish: async (uids) => {
      if (uids.length === 0) return
      await client.messageFlagsAdd([...uids].join(','), ['\\Seen'], { uid: true })
      if (moveTo !== null) await client.messageMove([...uids].join(','), moveTo, { uid: true })
    },
    close: async () => {
      await client.logout().catch(() => client.close())
    },
  }
}

async function ensureFolder(client: ImapFlow, folder: string): Promise<void> {
  const known = await client.list()
  if (!known.some(({ path }) => path === folder)) await client.mailboxCreate(folder)
}
