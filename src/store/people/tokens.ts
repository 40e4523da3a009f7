import { createHash } from 'node:crypto'
import type { Selectable } from 'kysely'
import type { TouchId } from '../../domain/ids.ts'
import type { Instant } from '../../domain/time.ts'
import type { Executor } from '../executor.ts'
import type { TokensTable } from '../schema.ts'

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

/** What a message's links are: those that lead somewhere, and those to pages of ours. */
const LINKS = ['redirect', 'unsubscribe', 'why'] as const satisfies readonly TokenRow['purpose'][]

/**
 * Notes that a link was followed at an instant. Answers how many links its message has, and how
 * many of them were followed within the span before, this one included.
 */
export async function markHit(
  trx: Executor,
  { hash, touch_id }: TokenRow,
  at: Instant,
  spanMs: number,
): Promise<{ readonly all: number; readonly justNow: number }> {
  await trx.updateTable('tokens').set({ last_hit_at: at }).where('hash', '=', hash).execute()
  if (touch_id === null) return { all: 1, justNow: 1 }
  const links = await trx
    .selectFrom('tokens')
    .select('last_hit_at')
    .where('touch_id', '=', touch_id)
    .where('purpose', 'in', LINKS)
    .execute()
  const justNow = links.filter(({ last_hit_at }) => (last_hit_at ?? 0) > at - spanMs)
  return { all: links.length, justNow: justNow.length }
}

/** Whether a message asked why the lead did not answer. */
export async function asksWhy(executor: Executor, touchId: TouchId): Promise<boolean> {
  const row = await executor
    .selectFrom('tokens')
    .select('hash')
    .where('touch_id', '=', touchId)
    .where('purpose', '=', 'why')
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
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
