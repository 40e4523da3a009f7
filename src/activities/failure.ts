import { ApplicationFailure, TemporalFailure } from '@temporalio/common'
import { SqlError, StoreError, StoreMisuse } from '../store/errors.ts'

/**
 * A thrown error as a history may keep it: its kind and where it came from, none of its words. A
 * database, a driver or a template engine may quote a person in them, and histories are not erased
 * with the person. Temporal retries it like any other failure.
 */
export function withoutWords(activity: string, error: unknown): Error {
  if (error instanceof TemporalFailure) return error
  const type = kindOf(error)
  const failure = ApplicationFailure.create({ type, message: `${activity} failed: ${type}` })
  failure.stack = [`${failure.name}: ${failure.message}`, ...framesOf(error)].join('\n')
  return failure
}

function kindOf(error: unknown): string {
  if (error instanceof StoreError || error instanceof StoreMisuse) return error.code
  if (error instanceof SqlError) return `SQL ${error.code}`
  return error instanceof Error ? error.name : 'unknown'
}

/** The places in the code, without the message that a stack begins with. */
function framesOf(error: unknown): string[] {
  const lines = error instanceof Error ? (error.stack ?? '').split('\n') : []
  return lines.filter((line) => /^\s+at .*[:(].*\d+:\d+\)?$/.test(line))
}
