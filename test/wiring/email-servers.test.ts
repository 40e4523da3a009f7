import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { realEmail } from '../../src/wiring/email-servers.ts'

const folder = mkdtempSync(join(tmpdir(), 'rekindle-senders-'))
afterAll(() => rmSync(folder, { recursive: true }))

function read(env: Record<string, string>) {
  const reading = readConfig(env)
  if (!reading.ok) throw new Error(reading.problems.join('; '))
  return reading.config
}
const problemsOf = (env: Record<string, string>) => {
  const reading = readConfig(env)
  return reading.ok ? [] : reading.problems
}

describe('the mail servers of a configuration', () => {
  it('are none when none is named, and that is said', async () => {
    const email = realEmail(read({}))
    expect(await email.ready()).toMatchObject({ ready: false, kind: 'not_configured' })
  })

  it('are each sender’s own, or the common one', async () => {
    const senders = [{ address: 'Sam@acme.example', url: 'smtp://127.0.0.1:1' }]
    const file = join(folder, 'senders.json')
    writeFileSync(file, JSON.stringify(senders))
    const email = realEmail(read({ SMTP_SENDERS_FILE: file }))
    expect(await email.ready('sam@acme.example')).toMatchObject({
      code: 'email_server_unreachable',
    })
    // Nobody said how Kim's mail leaves.
    expect(await email.ready('kim@acme.example')).toMatchObject({ code: 'email_not_configured' })
    await email.close()
  })

  it('take plain text to another machine only when its network is vouched for', () => {
    const url = { SMTP_URL: 'smtp://relay.internal:25' }
    expect(() => realEmail(read(url))).not.toThrow()
    expect(() => realEmail(read({ ...url, SMTP_TLS: 'private-network' }))).not.toThrow()
    expect(problemsOf({ ...url, SMTP_TLS: 'off' })).toEqual([expect.stringContaining('SMTP_TLS')])
  })

  it('sign with a key, or do not start: an email that leaves unsigned tells nobody', () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    const smtp = { SMTP_URL: 'smtps://mail.example' }
    const named = { ...smtp, DKIM_DOMAIN: 'acme.example', DKIM_SELECTOR: 'k1' }
    const inOneLine = key.replaceAll('\n', '\\n')
    for (const DKIM_PRIVATE_KEY of [key, inOneLine]) {
      expect(() => realEmail(read({ ...named, DKIM_PRIVATE_KEY }))).not.toThrow()
    }
    const told = { code: 'dkim_not_usable', fix: expect.stringContaining('PEM') }
    for (const env of [
      { ...named, DKIM_PRIVATE_KEY: 'no key' },
      { ...smtp, DKIM_PRIVATE_KEY: key },
    ]) {
      expect(() => realEmail(read(env))).toThrow(expect.objectContaining(told))
    }
    const sam = { address: 'sam@acme.example', url: 'smtp://m:25' }
    const dkim = { domain: 'acme.example', selector: 's1', privateKey: 'no key' }
    const senders = JSON.stringify([{ ...sam, dkim }])
    expect(() => realEmail(read({ SMTP_SENDERS: senders }))).toThrow('not a private key')
  })

  it('need a key that can be read, and are told apart from text that is no list', () => {
    const dkim = { domain: 'acme.example', selector: 's1', privateKeyFile: '/nowhere/key.pem' }
    const senders = JSON.stringify([{ address: 'sam@acme.example', url: 'smtp://m:25', dkim }])
    expect(() => realEmail(read({ SMTP_SENDERS: senders }))).toThrow('acme.example')
    expect(problemsOf({ SMTP_SENDERS: 'sam' })).toEqual([
      'SMTP_SENDERS is not JSON: write a list of senders',
    ])
    const [problem] = problemsOf({ SMTP_SENDERS: '[{"address":"sam@acme.example","dkim":{}}]' })
    expect(problem).toMatch(/^SMTP_SENDERS\.0\.dkim/)
  })
})
