import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server'
import type { Clock } from '../../domain/time.ts'
import type { EmailFault, Faults } from '../faults.ts'
import type { Outbox } from '../outbox.ts'
import { readMessage } from './read-message.ts'

export type MailCatcherOptions = {
  readonly outbox: Outbox
  readonly faults: Faults
  /** 0 picks a free one. */
  readonly port?: number
  /** Dates messages that do not carry the engine's time. */
  readonly clock: Clock
}

export type MailCatcher = { readonly port: number; close(): Promise<void> }

const MAX_BYTES = 30 * 1024 * 1024

/**
 * A real SMTP server on loopback that takes every message into the outbox and passes none on.
 * @throws when the port is taken.
 */
export async function startMailCatcher(options: MailCatcherOptions): Promise<MailCatcher> {
  const { outbox, faults, clock } = options
  /** The fault that struck at RCPT also governs the message that follows. */
  const struck = new WeakMap<SMTPServerSession, EmailFault>()

  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    logger: false,
    size: MAX_BYTES,
    closeTimeout: 200,
    onMailFrom: (_address, session, done) => {
      struck.delete(session)
      done()
    },
    onRcptTo: ({ address }, session, done) => {
      const fault = faults.takeEmail(address)
      if (fault) struck.set(session, fault)
      void answer(
        answerRecipient(fault, () => reset(server, session)),
        done,
      )
    },
    onData: (stream, session, done) => {
      const fault = struck.get(session) ?? null
      const record = async (raw: Buffer) => {
        const { mailFrom, rcptTo } = session.envelope
        const from = mailFrom === false ? '' : mailFrom.address
        for (const { address } of rcptTo) {
          outbox.add(await readMessage(raw, { from, to: address }, clock))
        }
      }
      void answer(
        takeMessage(stream, fault, record, () => reset(server, session)),
        done,
      )
    },
  })
  // A client that hangs up, or is reset on demand, is no concern of the process.
  server.on('error', () => {})
  server.listen(options.port ?? 0, '127.0.0.1')
  await Promise.race([
    once(server.server, 'listening'),
    once(server.server, 'error').then(([error]) => Promise.reject(error)),
  ])
  const { port } = server.server.address() as AddressInfo
  return {
    port,
    close: () => new Promise((resolve) => server.close(resolve)),
  }
}

async function answer(
  result: Promise<Error | null>,
  done: (refusal: Error | null) => void,
): Promise<void> {
  done(await result.catch(() => replyError(451, '4.3.0 the catcher could not read the message')))
}

async function answerRecipient(fault: EmailFault | null, cut: () => void): Promise<Error | null> {
  if (fault?.kind === 'delay') await pause(fault.ms, undefined, { ref: false })
  if (fault?.kind === 'reset' && fault.stage === 'rcpt') cut()
  if (fault?.kind === 'reply' && fault.stage === 'rcpt') return replyError(fault.code, fault.text)
  return null
}

/** Reads the message to its end, unless it is to break in the middle; answers the refusal, if any. */
async function takeMessage(
  stream: SMTPServerDataStream,
  fault: EmailFault | null,
  record: (raw: Buffer) => Promise<void>,
  cut: () => void,
): Promise<Error | null> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) {
    if (fault?.kind === 'reset' && fault.stage === 'mid-data') {
      cut()
      return null
    }
    chunks.push(chunk)
  }
  const raw = Buffer.concat(chunks)
  switch (fault?.kind) {
    case 'reply':
      return replyError(fault.code, fault.text)
    case 'reset':
      return null
    case 'reset-after-data':
      if (fault.recorded) await record(raw)
      cut()
      return null
    case 'slow':
      await record(raw)
      await pause(fault.ms, undefined, { ref: false })
      return null
    case 'delay':
    case undefined:
      await record(raw)
      return null
  }
}

function reset(server: SMTPServer, session: SMTPServerSession): void {
  for (const connection of server.connections) {
    if (connection.session === session) connection._socket.resetAndDestroy()
  }
}

function replyError(code: number, text: string): Error {
  return Object.assign(new Error(text), { responseCode: code })
}
