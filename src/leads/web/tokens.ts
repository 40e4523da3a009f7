import { createHmac, randomBytes } from 'node:crypto'
import type { LeadId, TouchId } from '../../domain/ids.ts'
import type { Instant } from '../../domain/time.ts'
import type { Executor } from '../../store/executor.ts'
import { addTokens, findToken, type TokenRow, type TokenToKeep } from '../../store/people/tokens.ts'

export type TokenPurpose = TokenRow['purpose']

export interface NewToken {
  readonly purpose: TokenPurpose
  readonly leadId: LeadId
  /** The message that carries it. */
  readonly touchId: TouchId | null
  /** Where a redirect leads; null for the others. */
  readonly target: string | null
}

const TOKEN_BYTES = 24
const TOKEN = /^[A-Za-z0-9_-]{32,64}$/

/** A token as its message carries it; worth nothing until it is stored. */
export interface MintedToken {
  readonly token: string
  readonly purpose: TokenPurpose
  readonly target: string | null
}

/** Makes a token of 192 random bits for one purpose, before the message that carries it is due. */
export function mint(purpose: TokenPurpose, target: string | null = null): MintedToken {
  const encoding = IN_ADDRESSES.has(purpose) ? 'hex' : 'base64url'
  return { token: randomBytes(TOKEN_BYTES).toString(encoding), purpose, target }
}

/** Part of an address, whose case mail servers do not always keep. */
const IN_ADDRESSES: ReadonlySet<TokenPurpose> = new Set(['bounce', 'reply', 'owner'])

/**
 * Makes minted tokens good, in the transaction of their message; only hashes are kept. With a
 * redirect comes its visitor token (`visitorTokenOf`).
 */
export async function storeTokens(
  trx: Executor,
  tokens: readonly MintedToken[],
  owner: { readonly leadId: LeadId; readonly touchId: TouchId | null },
  at: Instant,
): Promise<void> {
  const rows = tokens.flatMap((minted) => {
    const row = tokenRow(minted, owner, at)
    if (minted.purpose !== 'redirect') return [row]
    const token = visitorTokenOf(minted.token)
    return [row, tokenRow({ token, purpose: 'visitor', target: null }, owner, at)]
  })
  await addTokens(trx, rows)
}

function tokenRow(
  { token, purpose, target }: MintedToken,
  owner: { readonly leadId: LeadId; readonly touchId: TouchId | null },
  at: Instant,
): TokenToKeep {
  return {
    token,
    purpose,
    lead_id: owner.leadId,
    touch_id: owner.touchId,
    target,
    created_at: at,
    expires_at: null,
  }
}

/** Mints a token and makes it good. */
export async function mintToken(trx: Executor, wanted: NewToken, at: Instant): Promise<string> {
  const minted = mint(wanted.purpose, wanted.target)
  await storeTokens(trx, [minted], wanted, at)
  return minted.token
}

/** What a token of ours stands for; null for any other text. */
export async function readToken(
  executor: Executor,
  text: string,
  purpose: TokenPurpose,
  now: Instant,
): Promise<TokenRow | null> {
  return TOKEN.test(text) ? await findToken(executor, text, purpose, now) : null
}

/**
 * The token by which the visitor who follows a redirect is known. Only who has the redirect's
 * token can compute it, so following a link stores nothing.
 */
export function visitorTokenOf(redirectToken: string): string {
  return createHmac('sha256', redirectToken).update('visitor').digest('base64url')
}
