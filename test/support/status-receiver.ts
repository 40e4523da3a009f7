// Where Twilio's status callbacks arrive in tests that have no api: it hands them on.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { TOUCH_PARAMETER } from '../../src/channels/sms/twilio.ts'
import { id, type TouchId } from '../../src/domain/ids.ts'

/** Takes `POST /hooks/twilio/status?touch=…`; what `take` throws is answered with 500. */
export async function startStatusReceiver(
  take: (form: Record<string, string>, touch: TouchId) => Promise<void>,
) {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const form = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString()))
      const touch = new URL(request.url ?? '/', 'http://x').searchParams.get(TOUCH_PARAMETER)
      take(form, id<TouchId>(touch ?? '')).then(
        () => response.writeHead(204).end(),
        () => response.writeHead(500).end(),
      )
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => void server.close(),
  }
}
