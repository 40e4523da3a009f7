/**
 * Addresses of ours that carry a token: where bounces of one message go (VERP), where answers to it
 * do, and where the owner of a lead answers what was forwarded. The token is opaque, has one purpose and is lower-case hex, because mail servers
 * change the case of addresses; with its prefix it fits the 64 octets of a local part.
 */
export type TokenAddressPurpose = 'bounce' | 'reply' | 'owner'

export type TokenAddress = { readonly purpose: TokenAddressPurpose; readonly token: string }

const PURPOSES: readonly TokenAddressPurpose[] = ['bounce', 'reply', 'owner']
const TOKEN_ADDRESS = /^(bounce|reply|owner)\+([0-9a-f]{32,56})@[^@\s]+$/

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
  const known = PURPOSES.find((each) => each === purpose)
  return known === undefined || token === undefined ? null : { purpose: known, token }
}
