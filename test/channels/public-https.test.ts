import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isPublicAddress, postPublicly } from '../../src/channels/public-https.ts'
import { certificate, hasOpenssl } from '../support/certificate.ts'
import { startReceiver } from '../support/https-receiver.ts'

describe('an address of the public internet', () => {
  it.each(['8.8.8.8', '1.1.1.1', '172.32.0.1', '2606:4700::1111'])('%s is one', (address) => {
    expect(isPublicAddress(address)).toBe(true)
  })
  it.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.16.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '224.0.0.1',
    '::1',
    'fe80::1',
    'fd00::1',
    '::ffff:127.0.0.1',
    '2002:7f00:1::',
    '64:ff9b::7f00:1',
    'localhost',
    '',
  ])('%s is none', (address) => {
    expect(isPublicAddress(address)).toBe(false)
  })
})

const post = { body: '{}', headers: {}, deadlineMs: 5_000 }

it.each([
  'http://example.com/hook',
  'https://127.0.0.1/hook',
  'https://[::1]/hook',
  'https://localhost/hook',
  'https://169.254.169.254/latest',
])('nothing is posted to %s', async (url) => {
  expect((await postPublicly({ ...post, url })).kind).toBe('unreachable')
})

describe.skipIf(!hasOpenssl())('a post over TLS', () => {
  let receiver: Awaited<ReturnType<typeof startReceiver>>
  beforeAll(async () => {
    receiver = await startReceiver()
  })
  afterAll(() => receiver.close())

  it('arrives, and follows no redirect', async () => {
    const { url, trust, answer, got } = receiver
    expect(await postPublicly({ ...post, url, trust })).toEqual({ kind: 'taken' })
    answer.status = 302
    expect(await postPublicly({ ...post, url, trust })).toEqual({ kind: 'refused', status: 302 })
    expect(got).toMatchObject([
      { body: '{}', path: '/hook' },
      { body: '{}', path: '/hook' },
    ])
  })

  it('is not made to a server whose certificate nobody vouches for', async () => {
    const { url } = receiver
    const other = { mayReach: () => true, ca: certificate().cert }
    expect((await postPublicly({ ...post, url, trust: other })).kind).toBe('unreachable')
  })
})
