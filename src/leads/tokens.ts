import { createHash, randomBytes } from 'node:crypto'
import type { LeadId, TouchId } from '../domain/ids.ts'
import { DAY_MS, type Instant, plus } from '../domain/time.ts'
import type { Executor } from '../store/executor.ts'
import type { TokensTable } from '../store/schema.ts'

/** A token that is known only to whoever holds the message; the store keeps its hash. */
export interface MintedToken {
  readonly token: string
  readonly purpose: TokensTable['purpose']
  readonly target: string | null
}

/** What a token stands for. */
export interface TokenMeaning {
  readonly leadId: LeadId
  readonly touchId: TouchId | null
  readonly target: string | null
}

/** Redirects and visitor links are worth nothing after this; unsubscribing works for ever. */
const LINK_LIFE_MS = 400 * DAY_MS

/** A new random token of 128 bits, for one purpose. Store it with storeTokens. */
export function mint(purpose: MintedToken['purpose'], target: string | null = null): MintedToken {
  return { token: randomBytes(16).toString('base64url'), purpose, target }
}

/** Makes minted tokens good, in the transaction of the message that carries them. */
export async function storeTokens(
  trx: Executor,
  tokens: readonly MintedToken[],
  owner: { leadId: LeadId; touchId: TouchId | null },
  at: Instant,
): Promise<void> {
  if (tokens.length === 0) return
  const rows = tokens.map(({ token, purpose, target }) => ({
    hash: hashOf(token),
    purpose,
    lead_id: owner.leadId,
    touch_id: owner.touchId,
    target,
    created_at: at,
    expires_at: purpose === 'unsubscribe' ? null : plus(at, LINK_LIFE_MS),
  }))
  await trx.insertInto('tokens').values(rows).execute()
}

/** What a token of this purpose stands for; null when there is none such, or it has expired. */
export async function readToken(
  executor: Executor,
  token: string,
  purpose: MintedToken['purpose'],
  now: Instant,
): Promise<TokenMeaning | null> {
  const row = await executor
    .selectFrom('tokens')
    .select(['lead_id', 'touch_id', 'target', 'expires_at'])
    .where('hash', '=', hashOf(token))
    .where('purpose', '=', purpose)
    .executeTakeFirst()
  if (!row || (row.expires_at !== null && row.expires_at < now)) return null
  return { leadId: row.lead_id, touchId: row.touch_id, target: row.target }
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}
