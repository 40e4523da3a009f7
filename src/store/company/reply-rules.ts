import type { SourceFile } from '../../domain/templates/parse.ts'
import type { Instant } from '../../domain/time.ts'
import type { Executor } from '../executor.ts'
import { json } from '../json.ts'

const KEY = 'reply-rules'

/** The company's own reply rules, as they were published; none by default. */
export interface OwnReplyRules {
  readonly files: readonly SourceFile[]
  readonly publishedAt: Instant | null
  readonly publishedBy: string | null
}

const NONE: OwnReplyRules = { files: [], publishedAt: null, publishedBy: null }

export async function readOwnReplyRules(executor: Executor): Promise<OwnReplyRules> {
  const row = await executor
    .selectFrom('settings')
    .select('value')
    .where('key', '=', KEY)
    .executeTakeFirst()
  // Only writeOwnReplyRules writes it, from files that were checked.
  return (row?.value as OwnReplyRules | undefined) ?? NONE
}

export async function writeOwnReplyRules(
  trx: Executor,
  files: readonly SourceFile[],
  by: string,
  at: Instant,
): Promise<void> {
  const value = json({ files, publishedAt: at, publishedBy: by } satisfies OwnReplyRules)
  await trx
    .insertInto('settings')
    .values({ key: KEY, value, updated_at: at })
    .onConflict((on) => on.column('key').doUpdateSet({ value, updated_at: at }))
    .execute()
}
