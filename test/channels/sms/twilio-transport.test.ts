import type { Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { twilioChannel } from '../../../src/channels/sms/twilio.ts'
import { type RawServer, rawServer } from './raw-server.ts'
import { sampleSms, smsConfig } from './sample.ts'

const servers: RawServer[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})

async function sendTo(acts: Parameters<typeof rawServer>[0], deadlineMs = 5_000, scheme = 'http') {
  const server = await rawServer(acts)
  servers.push(server)
  const url = server.url.replace('http', scheme)
  const outcome = await twilioChannel(smsConfig(url)).send(sampleSms(), { deadlineMs })
  return { outcome, server }
}

const answer =
  (status: string, body: string, headers = '') =>
  (socket: Socket) => {
    socket.write(`HTTP/1.1 ${status}\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`)
  }

describe('a request that cannot have reached Twilio is transient', () => {
  it('nobody listens', async () => {
    const { server } = await sendTo({ onConnect: (socket) => socket.destroy() })
    await server.close()
    const channel = twilioChannel(smsConfig(server.url))
    expect(await channel.send(sampleSms(), { deadlineMs: 5_000 })).toMatchObject({
      kind: 'transient',
      code: 'sms_provider_unreachable',
    })
  })

  it('the TLS handshake never ends', async () => {
    const { outcome, server } = await sendTo({}, 300, 'https')
    expect(outcome).toMatchObject({ kind: 'transient', code: 'sms_provider_unreachable' })
    expect(server.requests()).toBe(0)
  })

  it('the TLS handshake is broken off', async () => {
    const acts = { onConnect: (socket: Socket) => socket.resetAndDestroy() }
    const { outcome } = await sendTo(acts, 5_000, 'https')
    expect(outcome).toMatchObject({ kind: 'transient', code: 'sms_provider_unreachable' })
  })
})

describe('a request that may have reached Twilio, without its answer, is ambiguous', () => {
  it('no answer before the deadline', async () => {
    const { outcome, server } = await sendTo({}, 300)
    expect(outcome).toMatchObject({ kind: 'ambiguous', code: 'sms_no_answer_in_time' })
    expect(server.requests()).toBe(1)
  })

  it('an answer that trickles past the deadline', async () => {
    const onRequest = (socket: Socket) => {
      socket.write('HTTP/1.1 201 Created\r\nContent-Length: 999\r\n\r\n{')
    }
    const { outcome } = await sendTo({ onRequest }, 300)
    expect(outcome).toMatchObject({ kind: 'ambiguous', code: 'sms_no_answer_in_time' })
  })

  it('a connection reset', async () => {
    const { outcome, server } = await sendTo({ onRequest: (socket) => socket.resetAndDestroy() })
    expect(outcome).toMatchObject({ kind: 'ambiguous', code: 'sms_connection_lost' })
    expect(server.requests()).toBe(1)
  })

  it('an answer cut short', async () => {
    const onRequest = (socket: Socket) => {
      socket.end('HTTP/1.1 201 Created\r\nContent-Length: 999\r\n\r\n{"sid":')
    }
    const { outcome } = await sendTo({ onRequest })
    expect(outcome).toMatchObject({ kind: 'ambiguous', code: 'sms_connection_lost' })
  })

  it.each(['500 Oops', '502 Bad Gateway', '503 Unavailable', '504 Timeout'])(
    'HTTP %s',
    async (status) => {
      const { outcome, server } = await sendTo({ onRequest: answer(status, '<html>no</html>') })
      expect(outcome).toMatchObject({ kind: 'ambiguous', code: 'sms_provider_error' })
      expect(server.requests()).toBe(1)
    },
  )

  it.each(['<html>Log in to the Wi-Fi</html>', '{}', '[]', 'null', ''])(
    'a success that is not one of Twilio: %s',
    async (body) => {
      const { outcome } = await sendTo({ onRequest: answer('200 OK', body) })
      expect(outcome).toMatchObject({ kind: 'ambiguous', code: 'sms_answer_unreadable' })
    },
  )
})

describe('a refusal without a code of Twilio', () => {
  const cases: [string, object][] = [
    ['401 Unauthorized', { kind: 'sender_fault', code: 'sms_http_401' }],
    ['403 Forbidden', { kind: 'sender_fault', code: 'sms_http_403' }],
    ['302 Found', { kind: 'sender_fault', code: 'sms_http_302' }],
    ['400 Bad Request', { kind: 'transient', code: 'sms_refused', retries: { atMost: 1 } }],
  ]
  it.each(cases)('HTTP %s', async (status, expected) => {
    const { outcome } = await sendTo({ onRequest: answer(status, 'no') })
    expect(outcome).toMatchObject(expected)
  })

  it('HTTP 429 says how long to wait', async () => {
    const { outcome, server } = await sendTo({
      onRequest: answer('429 Too Many Requests', '{"code":20429}', 'Retry-After: 7\r\n'),
    })
    expect(outcome).toMatchObject({ kind: 'transient', code: 'sms_20429', retryAfterMs: 7_000 })
    expect(server.requests()).toBe(1)
  })
})

it('repeats no number, no text and no word of the provider', async () => {
  const body = JSON.stringify({
    code: 21299,
    message: "'To' +12125550142 is bad: Hi Ada",
    status: 400,
  })
  const { outcome } = await sendTo({ onRequest: answer('400 Bad Request', body) })
  expect(outcome).toMatchObject({ kind: 'transient', code: 'sms_21299' })
  expect(JSON.stringify(outcome)).not.toMatch(/2125550142|Ada|bad/)
})
