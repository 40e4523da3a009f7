// A reverse proxy with TLS in front of a listener of ours, as a company has one: it calls the
// listener by another host and scheme than the outside world used.
import { once } from 'node:events'
import { request } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Certificate } from './dovecot.ts'

export interface TlsProxy {
  readonly url: string
  /** Where requests go; 502 before it is set. */
  target: string | null
  close(): void
}

export async function startTlsProxy(tls: Certificate): Promise<TlsProxy> {
  const proxy = { target: null as string | null }
  const server = createServer(tls, (incoming, response) => {
    if (proxy.target === null) return void response.writeHead(502).end()
    const { hostname, port } = new URL(proxy.target)
    const { method, url: path, headers, socket } = incoming
    const onward = request(
      {
        hostname,
        port,
        method,
        path,
        headers: {
          ...headers,
          host: `${hostname}:${port}`,
          'x-forwarded-for': socket.remoteAddress,
          'x-forwarded-proto': 'https',
        },
      },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(response)
      },
    )
    onward.on('error', () => response.writeHead(502).end())
    incoming.pipe(onward)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return Object.assign(proxy, {
    url: `https://localhost:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  })
}
