import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { checkInboundDomain, checkMailRecords } from '../../src/cli/doctor/mail-records.ts'
import { DKIM, PUBLISHED, RECORDS, withNames } from './doctor-sender.ts'

const dns = withNames()

describe('the DNS records of the sender', () => {
  const states = async (records: Record<string, string[]>, dkim = DKIM as typeof DKIM | null) =>
    (await checkMailRecords('northwind.example', dkim, dns(records))).map(({ state }) => state)

  it('are well when SPF, the very key, and a policy are published', async () => {
    expect(await states(RECORDS)).toEqual(['ok', 'ok', 'ok'])
  })

  it('are missing one by one, each with what to publish', async () => {
    const found = await checkMailRecords('northwind.example', DKIM, dns({}))
    expect(found.map(({ name, state }) => [name, state])).toEqual([
      ['SPF', 'missing'],
      ['DKIM', 'missing'],
      ['DMARC', 'missing'],
    ])
    for (const { fix } of found) expect(fix).toContain('TXT')
    expect(JSON.stringify(found)).not.toContain('PRIVATE KEY')
  })

  it('are told wrong: two SPF records, another key, a policy that only watches', async () => {
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey
    const key = other.export({ type: 'spki', format: 'der' }).toString('base64')
    const wrong = {
      'northwind.example': ['v=spf1 -all', 'v=spf1 ~all'],
      'k1._domainkey.northwind.example': [`v=DKIM1; p=${key}`],
      '_dmarc.northwind.example': ['v=DMARC1; p=none'],
    }
    expect(await states(wrong)).toEqual(['missing', 'missing', 'info'])
    expect((await states(RECORDS, null))[1]).toBe('warning')
    const broken = { ...DKIM, privateKey: 'no key at all' }
    expect((await states(RECORDS, broken))[1]).toBe('missing')
    const open = { ...RECORDS, 'northwind.example': ['v=spf1 +all'] }
    expect((await states(open))[0]).toBe('warning')
  })

  it('say what is to be published, the public half of our key included', async () => {
    const [, dkim] = await checkMailRecords('northwind.example', DKIM, dns({}))
    expect(dkim?.fix).toContain(`k1._domainkey.northwind.example: v=DKIM1; k=rsa; p=${PUBLISHED}`)
  })

  it('are not called missing when the name server tells nothing', async () => {
    for (const mood of ['servfail', 'silent'] as const) {
      const found = await checkMailRecords('northwind.example', DKIM, dns(RECORDS, mood))
      expect(found.map(({ message }) => message)).toEqual([
        expect.stringContaining('gave no answer'),
        expect.stringContaining('gave no answer'),
        expect.stringContaining('gave no answer'),
      ])
    }
  })

  it('are asked where bounces come back to, with its mail server', async () => {
    const inbound = async (records: Record<string, string[]>) =>
      (await checkInboundDomain('in.northwind.example', dns(records))).map(({ state }) => state)
    const spf = { 'in.northwind.example': ['v=spf1 mx -all'] }
    expect(await inbound({})).toEqual(['missing', 'missing'])
    expect(await inbound(spf)).toEqual(['missing', 'ok'])
    const mx = { 'MX in.northwind.example': ['mx.northwind.example'] }
    expect(await inbound({ ...spf, ...mx })).toEqual(['ok', 'ok'])
  })
})
