import { randomUUID } from 'node:crypto'
import {
  type ImapConfig,
  mailboxProblem,
  type OpenMailbox,
  openMailbox,
} from '../channels/email/imap.ts'
import type { Config } from '../config.ts'
import { instant, SECOND_MS } from '../domain/time.ts'
import type { MailIntake } from '../leads/mail/mail-effects.ts'
import { takeRawMail } from '../leads/mail/take-raw-mail.ts'
import { type Cursor, leaveMailbox, moveCursor, takeMailbox } from '../store/channels/mailboxes.ts'
import { raiseAlert, resolveAlerts } from '../store/watch/alerts.ts'
import type { Log } from '../temporal/log.ts'
import { createLoop, type Loop } from '../temporal/loop.ts'

export interface MailboxOptions {
  readonly intake: MailIntake
  readonly imap: ImapConfig
  readonly log: Log
  readonly everyMs: number
}

const MOST_REST_MS = 5 * 60_000
/** A server may restart; one that stays away keeps bounces and answers from us. */
const ALERT_AFTER = 3
/** So that a full mailbox does not keep one connection for ever. */
const MOST_AT_ONCE = 500

/**
 * Reads a mailbox again and again. Of every mail its row and what it does come first, then the
 * cursor, then the mark in the mailbox: a process that is killed in between reads it once more,
 * and it acts once. When the mailbox cannot be read, each rest is twice as long as the one before.
 */
export function createMailboxLoop({ intake, imap, log, everyMs }: MailboxOptions): Loop {
  const reader = randomUUID()
  const name = nameOf(imap)
  let failures = 0
  // Also the alert of a process before this one closes.
  let fine = false
  const loop = createLoop({
    name: 'mailbox',
    log,
    restAfterFailureMs: everyMs,
    turn: async () => {
      try {
        const taken = await readMailbox({ intake, imap, reader, name })
        if (taken > 0) log.info({ taken }, 'mail was read')
        if (!fine) await closeAlert(intake)
        fine = true
        failures = 0
        return taken === MOST_AT_ONCE ? 0 : everyMs
      } catch (error) {
        failures += 1
        fine = false
        const rest = Math.min(MOST_REST_MS, everyMs * 2 ** failures)
        const { code, because, fix } = mailboxProblem(error)
        if (failures === ALERT_AFTER) await openAlert(intake, because, fix)
        log.warn({ code, failures, restMs: rest }, 'the mailbox could not be read')
        return rest
      }
    },
  })
  return {
    start: loop.start,
    stop: async () => {
      await loop.stop()
      await leaveMailbox(intake.store.db, name, reader).catch(() => {})
    },
  }
}

/** Told once, however many processes read; closed when one of them can read again. */
async function openAlert({ store }: MailIntake, because: string, fix: string): Promise<void> {
  const alert = { kind: 'mailbox_unreadable', leadId: null, because, fix, at: wallClock() } as const
  await store.transaction((trx) => raiseAlert(trx, alert)).catch(() => {})
}

async function closeAlert({ store }: MailIntake): Promise<void> {
  await store.transaction((trx) => resolveAlerts(trx, 'mailbox_unreadable', null, wallClock()))
}

interface Reading {
  readonly intake: MailIntake
  readonly imap: ImapConfig
  readonly reader: string
  readonly name: string
}

/** One look into the mailbox: how many mails were taken. @throws when it, or the store, is away */
export async function readMailbox({ intake, imap, reader, name }: Reading): Promise<number> {
  const { db } = intake.store
  const cursor = await takeMailbox(db, name, reader, wallClock())
  if (cursor === null) return 0
  const mailbox = await openMailbox(imap)
  try {
    return await readNew(mailbox, cursor, { intake, imap, reader, name })
  } finally {
    await mailbox.close()
  }
}

async function readNew(mailbox: OpenMailbox, cursor: Cursor, reading: Reading): Promise<number> {
  const { uidValidity } = mailbox
  const { intake, reader, name } = reading
  const { db } = intake.store
  // What was read before we first came is nobody's to answer; after a change of UIDs what we have
  // taken is known by its own ids.
  const first = cursor.uidValidity !== uidValidity
  const uids = first ? await mailbox.list(0, 'unseen') : await mailbox.list(cursor.lastUid)
  let taken = 0
  for (const uid of uids.slice(0, MOST_AT_ONCE)) {
    const raw = await mailbox.read(uid)
    if (raw !== null) await takeRawMail(intake, 'imap', raw)
    const lastUid = first ? 0 : uid
    const known = { uidValidity: first ? cursor.uidValidity : uidValidity, lastUid }
    if (!(await moveCursor(db, name, reader, known, wallClock()))) return taken
    await mailbox.finish([uid])
    taken += 1
  }
  if (first && uids.length <= MOST_AT_ONCE) {
    const lastUid = Math.max(mailbox.uidNext - 1, ...uids)
    await moveCursor(db, name, reader, { uidValidity, lastUid }, wallClock())
  }
  return taken
}

/** The mailbox that the environment names; null when it names none. */
export function imapOf(
  config: Partial<Pick<Config, 'IMAP_URL' | 'IMAP_MOVE_TO'>>,
): ImapConfig | null {
  if (config.IMAP_URL === undefined) return null
  const { protocol, hostname, port, username, password, pathname } = new URL(config.IMAP_URL)
  const implicit = protocol === 'imaps:'
  const loopback = hostname === 'localhost' || /^127(\.\d{1,3}){3}$/.test(hostname)
  return {
    host: hostname,
    port: Number(port || (implicit ? 993 : 143)),
    tls: implicit ? 'implicit' : loopback ? 'none' : 'starttls',
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    folder: decodeURIComponent(pathname.replace(/^\//, '')) || 'INBOX',
    moveTo: config.IMAP_MOVE_TO ?? null,
  }
}

/** The mailbox to read, and how often; null when the environment names none. */
export function mailboxOf(config: Config): Pick<MailboxOptions, 'imap' | 'everyMs'> | null {
  const imap = imapOf(config)
  return imap && { imap, everyMs: config.IMAP_EVERY_SECONDS * SECOND_MS }
}

function nameOf({ user, host, folder }: ImapConfig): string {
  return `${user}@${host}/${folder}`
}

/** Leases and cursors are about processes, never about leads. */
function wallClock() {
  return instant(Date.now())
}
