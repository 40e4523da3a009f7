import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Received = { path: string; signature: string; form: Record<string, string> }

export type WebhookReceiver = {
  url: string
  received: Received[]
  close: () => Promise<void>
}

/** Takes webhooks and keeps them; `answer` gives the status of each, 204 when absent. */
export async function webhookReceiver(
  answer: (webhook: Received, nth: number) => number = () => 204,
): Promise<WebhookReceiver> {
  const received: Received[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString('utf8')
    })
    request.on('end', () => {
      const webhook = {
        path: request.url ?? '',
        signature: String(request.headers['x-twilio-signature']),
        form: Object.fromEntries(new URLSearchParams(body)),
      }
      received.push(webhook)
      response.writeHead(answer(webhook, received.length)).end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
