import { usageError } from './problem.ts'

/** The span of a report, as every report takes it. */
export interface SpanOptions {
  readonly from?: string
  readonly to?: string
}

const WRITTEN = /^\d{4}-\d{2}-\d{2}(T.+)?$/

/** The span as /v1/reports takes it; a day alone begins at midnight UTC, and `to` is not in it. */
export function spanQuery({ from, to }: SpanOptions): {
  readonly from: string | undefined
  readonly to: string | undefined
} {
  for (const [option, text] of [
    ['--from', from],
    ['--to', to],
  ] as const) {
    if (text === undefined || (WRITTEN.test(text) && !Number.isNaN(Date.parse(text)))) continue
    throw usageError(`"${text}" is no date.`, `Write ${option} 2026-11-20.`)
  }
  return { from, to }
}
