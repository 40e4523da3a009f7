import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isPublicAddress, postPublicly } from '../../src/channels/public-https.ts'

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
  let server: Server
  let ca: string
  let got: { body: string; path: string | undefined }[] = []
  let status = 200
  beforeAll(async () => {
    const made = certificate()
    ca = made.cert
    server = createServer(made, (request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        got.push({ body: Buffer.concat(chunks).toString(), path: request.url })
        response.writeHead(status, { Location: '/elsewhere' }).end('thanks')
      })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  })
  afterAll(() => {
    server.close()
  })
  const url = () => `https://localhost:${(server.address() as AddressInfo).port}/hook`
  const trust = () => ({ mayReach: () => true, ca })

  it('arrives, and follows no redirect', async () => {
    got = []
    expect(await postPublicly({ ...post, url: url(), trust: trust() })).toEqual({ kind: 'taken' })
    status = 302
    expect(await postPublicly({ ...post, url: url(), trust: trust() })).toEqual({
      kind: 'refused',
      status: 302,
    })
    expect(got).toEqual([
      { body: '{}', path: '/hook' },
      { body: '{}', path: '/hook' },
    ])
  })

  it('is not made to a server whose certificate nobody vouches for', async () => {
    const other = { mayReach: () => true, ca: certificate().cert }
    expect((await postPublicly({ ...post, url: url(), trust: other })).kind).toBe('unreachable')
  })
})

function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

function certificate(): { key: string; cert: string } {
  const folder = mkdtempSync(join(tmpdir(), 'rekindle-cert-'))
  try {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
    const how = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...subject]
    execFileSync('openssl', [...how, '-keyout', key, '-out', cert], { stdio: 'ignore' })
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
