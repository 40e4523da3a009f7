// A sender's domain as its name server tells of it, asked over real DNS.
import { generateKeyPairSync } from 'node:crypto'
import { afterAll, beforeAll } from 'vitest'
import { type NameServers, nameServers } from '../../src/cli/doctor/name-servers.ts'
import { type NameServer, startNameServer } from '../support/name-server.ts'

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
export const PEM = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
export const PUBLISHED = publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
export const RECORDS: Record<string, string[]> = {
  'northwind.example': ['v=spf1 include:_spf.mail.example ~all', 'something else'],
  'k1._domainkey.northwind.example': [`v=DKIM1; k=rsa; p=${PUBLISHED}`],
  '_dmarc.northwind.example': ['v=DMARC1; p=quarantine'],
}
export const DKIM = { domain: 'northwind.example', selector: 'k1', privateKey: PEM }

/** A name server of the test file's own. */
export function withNames() {
  let names: NameServer
  beforeAll(async () => {
    names = await startNameServer(RECORDS)
  })
  afterAll(() => names.close())
  /** Answers are asked of the real name server, with these records. */
  return (records: Record<string, string[]>, mood: NameServer['mood'] = 'well'): NameServers => {
    names.records.clear()
    names.mood = mood
    for (const [name, texts] of Object.entries(records)) names.records.set(name, texts)
    return nameServers([`127.0.0.1:${names.port}`])
  }
}
