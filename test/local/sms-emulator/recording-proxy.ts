import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Exchange = {
  method: string
  url: URL
  form: URLSearchParams
  status: number
  body: string
}

/** Passes requests on to `target` and keeps what went both ways. */
export async function recordingProxy(target: string) {
  const exchanges: Exchange[] = []
  const passOn = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const sent = Buffer.concat(chunks).toString('utf8')
    const url = new URL(request.url ?? '/', target)
    const method = request.method ?? 'GET'
    const answer = await fetch(url, {
      method,
      headers: {
        authorization: String(request.headers.authorization),
        ...(sent && { 'content-type': String(request.headers['content-type']) }),
      },
      ...(sent && { body: sent }),
    })
    const body = await answer.text()
    exchanges.push({ method, url, form: new URLSearchParams(sent), status: answer.status, body })
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(body)
  }
  const server = createServer((request, response) => {
    passOn(request, response).catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    exchanges,
    close: () => new Promise((resolve) => server.close(resolve)),
  }
}
