import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  candidateHashes,
  contactHash,
  hashKeysFrom,
  hashSecretIn,
} from '../../src/store/hash-key.ts'

const SECRET = '11'.repeat(32)
const OTHER = '22'.repeat(32)

describe('contactHash', () => {
  it('is HMAC-SHA256 of kind and value in base64url', () => {
    // printf 'email\nada@example.com' | openssl dgst -sha256 -mac HMAC -macopt hexkey:$SECRET -binary
    expect(contactHash(hashKeysFrom(SECRET), 'email', 'ada@example.com')).toBe(
      'xZL-JhWmJdqJS5MKrD49Q4wCCR782ATez0tYZr8MrEU',
    )
  })

  it('parts kinds, values and keys', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        fc.pre(a !== b)
        const hashes = [
          contactHash(hashKeysFrom(SECRET), 'email', a),
          contactHash(hashKeysFrom(SECRET), 'phone', a),
          contactHash(hashKeysFrom(SECRET), 'email', b),
          contactHash(hashKeysFrom(OTHER), 'email', a),
        ]
        expect(new Set(hashes).size).toBe(4)
      }),
    )
  })

  it('is found by its old key after a rotation', () => {
    const before = contactHash(hashKeysFrom(SECRET), 'phone', '+12125550142')
    const rotated = hashKeysFrom(OTHER, [SECRET])
    expect(candidateHashes(rotated, 'phone', '+12125550142')).toEqual([
      contactHash(rotated, 'phone', '+12125550142'),
      before,
    ])
  })
})

describe('hashKeysFrom', () => {
  it('reads hex and base64 alike', () => {
    const base64 = Buffer.from(SECRET, 'hex').toString('base64')
    expect(hashKeysFrom(base64)).toEqual(hashKeysFrom(SECRET))
    expect(hashKeysFrom(base64).current.id).not.toContain('1111')
  })

  it.each(['', 'short', '11'.repeat(31), 'not a key at all, but a long sentence of words'])(
    'refuses %j without quoting it',
    (secret) => {
      const invalid = expect.objectContaining({
        code: 'hash_key_invalid',
        message: expect.not.stringContaining(secret || 'nothing'),
      })
      expect(() => hashKeysFrom(secret)).toThrow(invalid)
      expect(() => hashKeysFrom(SECRET, [secret])).toThrow(invalid)
    },
  )
})

describe('hashSecretIn', () => {
  it('makes one secret for a folder, for its user only', () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'rekindle-key-'))
    try {
      const secret = hashSecretIn(dataDir)
      expect(hashSecretIn(dataDir)).toBe(secret)
      expect(hashKeysFrom(secret).current.secret).toHaveLength(32)
      expect(statSync(join(dataDir, 'hash-key')).mode & 0o777).toBe(0o600)
    } finally {
      rmSync(dataDir, { recursive: true })
    }
  })
})
