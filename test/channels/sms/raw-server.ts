import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'

export type RawServer = {
  url: string
  /** How many whole requests came in. */
  requests: () => number
  close: () => Promise<void>
}

/** A TCP server that lets a test decide what happens at the byte level. */
export async function rawServer(acts: {
  onConnect?: (socket: Socket) => void
  onRequest?: (socket: Socket) => void
}): Promise<RawServer> {
  const sockets = new Set<Socket>()
  let requests = 0
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    acts.onConnect?.(socket)
    let head = ''
    socket.on('data', (chunk) => {
      head += chunk.toString('latin1')
      const blank = head.indexOf('\r\n\r\n')
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0)
      if (blank < 0 || head.length < blank + 4 + length) return
      head = ''
      requests += 1
      acts.onRequest?.(socket)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    requests: () => requests,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
