import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readTokenAddress, tokenAddress } from '../../../src/channels/email/addresses.ts'
import { mint } from '../../../src/leads/web/tokens.ts'

describe('an address with a token', () => {
  it('is read as it was made, whatever a mail server does to its case', () => {
    for (const purpose of ['bounce', 'reply'] as const) {
      const { token } = mint(purpose)
      const address = tokenAddress({ purpose, token }, 'mail.acme.example')
      expect(address.split('@')[0]?.length).toBeLessThanOrEqual(64)
      expect(readTokenAddress(address)).toEqual({ purpose, token })
      expect(readTokenAddress(` ${address.toUpperCase()} `)).toEqual({ purpose, token })
    }
  })

  it('is never found in another address', () => {
    for (const other of [
      'bounce@acme.example',
      'reply+sales@acme.example',
      'ada+reply@x.example',
    ]) {
      expect(readTokenAddress(other)).toBeNull()
    }
    fc.assert(
      fc.property(fc.emailAddress(), (address) => {
        expect(readTokenAddress(address)).toBeNull()
      }),
    )
  })
})
