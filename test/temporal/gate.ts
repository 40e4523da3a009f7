import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'

/** A TCP door before a server: shut, nobody answers at its address; open, everything passes. */
export interface Gate {
  readonly address: string
  open(): Promise<void>
  shut(): Promise<void>
}

/** A gate that begins shut; its port stays the same. */
export async function createGate(target: string): Promise<Gate> {
  const [host = '', port = ''] = target.split(':')
  const sockets = new Set<Socket>()
  let server: Server | null = null
  let own = 0

  async function open(): Promise<void> {
    server = createServer((inner) => {
      const outer = connect(Number(port), host)
      for (const socket of [inner, outer]) {
        sockets.add(socket)
        socket.on('error', () => {})
        socket.on('close', () => {
          sockets.delete(socket)
          inner.destroy()
          outer.destroy()
        })
      }
      inner.pipe(outer).pipe(inner)
    })
    server.listen(own, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    if (address !== null && typeof address === 'object') own = address.port
  }

  async function shut(): Promise<void> {
    const closing = server
    server = null
    for (const socket of sockets) socket.destroy()
    if (closing === null) return
    closing.close()
    await once(closing, 'close')
  }

  await open()
  await shut()
  return { address: `127.0.0.1:${own}`, open, shut }
}
