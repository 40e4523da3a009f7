import { toIso } from '../../domain/time.ts'
import type { Executor } from '../../store/executor.ts'
import { suppressionPage } from '../../store/people/suppressions.ts'

const PAGE = 2_000
const COLUMNS = 'hash,channel,cause,reason,at,email,phone\n'

/** Every suppression as CSV, page by page in constant memory; `importStopList` reads it again. */
export async function* exportSuppressions(executor: Executor): AsyncGenerator<string> {
  yield COLUMNS
  let after = ''
  for (;;) {
    const page = await suppressionPage(executor, after, PAGE)
    if (page.length === 0) return
    yield page
      .map(({ hash, channel, cause, how, at, kind, value }) =>
        [
          hash,
          channel,
          cause,
          cell(how),
          toIso(at),
          kind === 'email' ? cell(value ?? '') : '',
          kind === 'phone' ? cell(value ?? '') : '',
        ].join(','),
      )
      .join('\n')
      .concat('\n')
    after = page.at(-1)?.id ?? ''
  }
}

/** Quoted where CSV asks for it; words that a spreadsheet would run as a formula are kept apart. */
function cell(text: string): string {
  const safe = /^[=@\t\r-]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
