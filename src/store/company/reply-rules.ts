import type { SourceFile } from '../../domain/templates/parse.ts'
import type { Instant } from '../../domain/time.ts'
import type { Executor } from '../executor.ts'
import { keepValue, readKept } from '../kept-value.ts'

/** The company's own reply rules, as they were published; none by default. */
export interface OwnReplyRules {
  readonly files: readonly SourceFile[]
  readonly publishedAt: Instant | null
  readonly publishedBy: string | null
}

const NONE: OwnReplyRules = { files: [], publishedAt: null, publishedBy: null }

/** The company’s own rules as they are published; empty when there are none. */
export async function readOwnReplyRules(executor: Executor): Promise<OwnReplyRules> {
  // Only writeOwnReplyRules writes it, from files that were checked.
  return ((await readKept(executor, 'reply-rules')) as OwnReplyRules | undefined) ?? NONE
}

/** Publishes the company’s own rules in the place of those before. */
export async function writeOwnReplyRules(
  trx: Executor,
  files: readonly SourceFile[],
  by: string,
  at: Instant,
): Promise<void> {
  const rules: OwnReplyRules = { files, publishedAt: at, publishedBy: by }
  await keepValue(trx, 'reply-rules', rules, at)
}
