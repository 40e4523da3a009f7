import { constants, createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { Connection } from '@temporalio/client'
import { afterEach, describe, expect, it } from 'vitest'
import { fastForward } from '../../../src/local/temporal/time-skipping.ts'

const POLL = /PollWorkflowExecutionTimeSkipping$/
const NO_FIELDS = Buffer.alloc(5)

let server: Http2Server
let connection: Connection
afterEach(async () => {
  await connection.close()
  server.close()
})

/** A server that speaks just enough gRPC to answer every call with an empty message. */
async function connectTo(onPoll: (stream: ServerHttp2Stream) => void) {
  server = createServer()
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {})
    if (POLL.test(headers[':path'] ?? '')) return onPoll(stream)
    stream.respond(
      { ':status': 200, 'content-type': 'application/grpc' },
      { waitForTrailers: true },
    )
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
    stream.end(NO_FIELDS)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  connection = Connection.lazy({ address: `127.0.0.1:${port}` })
}

const workflow = { namespace: 'none', workflowId: 'none' }

describe('fastForward, when the server cuts the poll off', () => {
  it('at the deadline, a moment before the client does, still waits', async () => {
    // As the server does with a call whose time is up: its clock may be the quicker one.
    await connectTo((stream) => stream.close(constants.NGHTTP2_CANCEL))
    expect(await fastForward(connection, workflow, 1_000, 200)).toEqual({ kind: 'waiting' })
  })

  it('long before it, says what happened', async () => {
    await connectTo((stream) => stream.close(constants.NGHTTP2_CANCEL))
    await expect(fastForward(connection, workflow, 1_000, 60_000)).rejects.toThrow(/CANCELLED/)
  })
})
