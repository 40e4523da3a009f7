// A server of somebody else, over TLS, that takes what is posted to it.
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

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

export function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

export function certificate(): { key: string; cert: string } {
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
