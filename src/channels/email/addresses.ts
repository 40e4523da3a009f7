/**
 * Addresses of ours that carry a token: where bounces of one message go (VERP), and where answers
 * to it do. The token is opaque, has one purpose and is lower-case hex, because mail servers
 * change the case of addresses; with its prefix it fits the 64 octets of a local part.
 */
export type TokenAddressPurpose = 'bounce' | 'reply'

export type TokenAddress = { readonly purpose: TokenAddressPurpose; readonly token: string }

const TOKEN_ADDRESS = /^(bounce|reply)\+([0-9a-f]{32,56})@[^@\s]+$/

/** The address that names one message by its token: `bounce+TOKEN@domain`, `reply+TOKEN@domain`. */
export function tokenAddress({ purpose, token }: TokenAddress, domain: string): string {
  return `${purpose}+${token}@${domain}`
}

/**
 * What an address of ours names; null for any other address. Whether the token is one of ours is
 * for the store to say, so the domain does not matter.
 */
export function readTokenAddress(address: string): TokenAddress | null {
  const found = TOKEN_ADDRESS.exec(address.trim().toLowerCase())
  if (!found) return null
  const [, purpose, token] = found
  return token === undefined ? null : { purpose: purpose === 'bounce' ? 'bounce' : 'reply', token }
}
