import { createHash } from 'node:crypto'
import type { Selectable } from 'kysely'
import type { Instant } from '../domain/time.ts'
import type { Executor } from './executor.ts'
import type { TokensTable } from './schema.ts'

export type TokenRow = Selectable<TokensTable>

/** What is kept of a token: who reads the database cannot use it. */
function hashOfToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}

export interface TokenToKeep extends Omit<TokenRow, 'hash' | 'last_hit_at'> {
  readonly token: string
}

/** Keeps the hashes of tokens; those that are known already stay as they are. */
export async function addTokens(trx: Executor, tokens: readonly TokenToKeep[]): Promise<void> {
  if (tokens.length === 0) return
  await trx
    .insertInto('tokens')
    .values(tokens.map(({ token, ...row }) => ({ ...row, hash: hashOfToken(token) })))
    .onConflict((on) => on.column('hash').doNothing())
    .execute()
}

/** The token, when it is one of ours for this purpose and has not expired. */
export async function findToken(
  executor: Executor,
  token: string,
  purpose: TokenRow['purpose'],
  now: Instant,
): Promise<TokenRow | null> {
  const row = await executor
    .selectFrom('tokens')
    .selectAll()
    .where('hash', '=', hashOfToken(token))
    .where('purpose', '=', purpose)
    .executeTakeFirst()
  if (row === undefined || (row.expires_at !== null && row.expires_at <= now)) return null
  return row
}
