import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'

export interface ListenerOptions {
  readonly host: string
  /** 0 picks a free one. */
  readonly port: number
  /** When the port is taken, pick a free one instead of failing. */
  readonly orAnother: boolean
  /** How long a request may take to come in. */
  readonly requestMs?: number
}

/** For those with a key: a list of millions comes in as fast as it is written down. */
export const PATIENT_MS = 3_600_000

/** A Hono app of any kind. */
export interface Servable {
  fetch(request: Request, env: object): Response | Promise<Response>
}

/** A port that is open before its app is there: until then it answers 503. */
export interface Listener {
  readonly url: string
  readonly port: number
  serve(app: Servable): void
  /** Stops taking requests and waits, a bounded time, for those under way. */
  close(): Promise<void>
}

/** What went wrong with a port, and what to do. */
class PortTaken extends Error {
  readonly code = 'port_taken'
  readonly fix: string
  constructor(port: number, variable: string) {
    super(`Port ${port} is taken by another program.`)
    this.fix = `Stop that program, or choose another port with ${variable}.`
  }
}

const CLOSE_WITHIN_MS = 10_000

/** Opens a port. @throws PortTaken */
export async function listen(
  { host, port, orAnother, requestMs = 60_000 }: ListenerOptions,
  variable: string,
): Promise<Listener> {
  let app: Servable | null = null
  const starting = () => new Response('starting', { status: 503, headers: { 'retry-after': '1' } })
  const answer = getRequestListener((request, env) =>
    app === null ? starting() : app.fetch(request, env),
  )
  const server = createServer((request, response) => void answer(request, response))
  // A slow or silent client must not hold a connection for ever.
  server.requestTimeout = requestMs
  server.headersTimeout = 20_000
  const bound = await bind(server, host, port, orAnother, variable)
  return {
    port: bound,
    url: `http://${urlHost(host)}:${bound}`,
    serve: (next) => {
      app = next
    },
    close: () => close(server),
  }
}

async function bind(
  server: Server,
  host: string,
  port: number,
  orAnother: boolean,
  variable: string,
): Promise<number> {
  try {
    return await tryPort(server, host, port)
  } catch (error) {
    const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
    if (!taken) throw error
    if (!orAnother) throw new PortTaken(port, variable)
    return tryPort(server, host, 0)
  }
}

function tryPort(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve((server.address() as AddressInfo).port)
    })
  })
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const force = setTimeout(() => server.closeAllConnections(), CLOSE_WITHIN_MS)
    server.close(() => {
      clearTimeout(force)
      resolve()
    })
    server.closeIdleConnections()
  })
}

/** Where people on this machine reach a host: everything is reached through loopback. */
function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1'
  return host.includes(':') ? `[${host}]` : host
}
