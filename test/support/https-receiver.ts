// A server of somebody else, over TLS, that takes what is posted to it.
import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { certificate } from './certificate.ts'

/** One request, as it was posted. */
export interface PostedRequest {
  readonly body: string
  readonly path: string | undefined
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

/** Answers every request with `status`, which may be changed. */
export async function startReceiver() {
  const made = certificate()
  const got: PostedRequest[] = []
  const answer = { status: 200 }
  const server = createServer(made, (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { url: path, headers } = request
      got.push({ body: Buffer.concat(chunks).toString(), path, headers })
      response.writeHead(answer.status, { Location: '/elsewhere' }).end('thanks')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}/hook`,
    trust: { mayReach: () => true, ca: made.cert },
    got,
    answer,
    close: () => void server.close(),
  }
}
