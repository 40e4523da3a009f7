import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'

/** Where in the conversation something happens; `end` is the answer to the message itself. */
export type Stage = 'greeting' | 'EHLO' | 'MAIL' | 'RCPT' | 'DATA' | 'mid-data' | 'end'

/** What the server does there instead of its usual answer. */
export type Act = { reply: string } | 'reset' | 'hang-up' | 'silence'

const usual: Record<Exclude<Stage, 'mid-data'>, string> = {
  greeting: '220 scripted',
  EHLO: '250 scripted',
  MAIL: '250 ok',
  RCPT: '250 ok',
  DATA: '354 go on',
  end: '250 2.0.0 queued',
}

export type ScriptedSmtp = {
  port: number
  /** How many messages were read to their final dot. */
  messages: () => number
  /** How many connections sent any byte of a message. */
  begun: () => number
  /** Closes every connection from the server's side. */
  hangUpIdle: () => void
  close: () => Promise<void>
}

/** An SMTP server that keeps to the protocol except at one stage. */
export async function scriptedSmtp(script: { at: Stage; act: Act }): Promise<ScriptedSmtp> {
  const sockets = new Set<Socket>()
  let messages = 0
  let begun = 0

  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    let pending = ''
    let inData = false
    let sawBytes = false

    const answer = (stage: Exclude<Stage, 'mid-data'>) => {
      if (script.at === stage) perform(socket, script.act)
      else socket.write(`${usual[stage]}\r\n`)
    }
    const command = (line: string) => {
      const verb = line.slice(0, 4).toUpperCase()
      if (verb === 'QUIT') socket.end('221 bye\r\n')
      if (verb === 'RSET') socket.write('250 ok\r\n')
      if (verb === 'EHLO' || verb === 'MAIL' || verb === 'RCPT' || verb === 'DATA') answer(verb)
      if (verb === 'DATA' && (script.at !== 'DATA' || isGoAhead(script.act))) inData = true
    }
    answer('greeting')
    socket.on('data', (chunk) => {
      if (inData && !sawBytes) {
        sawBytes = true
        begun += 1
        if (script.at === 'mid-data') {
          perform(socket, script.act)
          return
        }
      }
      pending += chunk.toString('latin1')
      if (inData) {
        if (!pending.endsWith('\r\n.\r\n')) return
        pending = ''
        inData = false
        sawBytes = false
        messages += 1
        answer('end')
        return
      }
      const lines = pending.split('\r\n')
      pending = lines.pop() ?? ''
      for (const line of lines) command(line)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    messages: () => messages,
    begun: () => begun,
    hangUpIdle: () => {
      for (const socket of sockets) socket.end()
    },
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function isGoAhead(act: Act): boolean {
  return typeof act === 'object' && act.reply.startsWith('3')
}

function perform(socket: Socket, act: Act): void {
  if (act === 'reset') socket.resetAndDestroy()
  else if (act === 'hang-up') socket.end()
  else if (act !== 'silence') socket.write(`${act.reply}\r\n`)
}
