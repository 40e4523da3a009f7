/** Why the store refused; `fix` says what a person can do about it. */
export type StoreErrorCode =
  | 'database_url_invalid'
  | 'database_unreachable'
  | 'data_folder_in_use'
  | 'data_folder_owner_unknown'
  | 'database_newer'
  | 'database_not_migrated'
  | 'hash_key_invalid'
  | 'hash_key_mismatch'
  | 'transaction_timeout'
  | 'transaction_aborted'

/** A refusal of the store that its caller, or the person who started the process, can act on. */
export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly code: StoreErrorCode
  /** What to do next, as a sentence. */
  readonly fix: string

  constructor(code: StoreErrorCode, message: string, fix: string) {
    super(message)
    this.code = code
    this.fix = fix
  }
}

export type StoreMisuseCode =
  | 'db_inside_transaction'
  | 'nested_transaction'
  | 'transaction_outside_store'
  | 'transaction_ended'

/** A mistake in the program, not in its surroundings: never caught, never retried. */
export class StoreMisuse extends Error {
  override readonly name = 'StoreMisuse'
  readonly code: StoreMisuseCode

  constructor(code: StoreMisuseCode, message: string) {
    super(message)
    this.code = code
  }
}

/**
 * What the database answered to a statement: the same shape on both drivers, without the
 * statement's values. Postgres quotes rows in an error's details, and values in the messages of
 * its data exceptions; neither may reach a log.
 */
export class SqlError extends Error {
  override readonly name = 'SqlError'
  /** SQLSTATE, e.g. "23505" for a duplicate key. */
  readonly code: string
  readonly constraint: string | undefined
  readonly table: string | undefined
  readonly column: string | undefined

  constructor(
    code: string,
    message: string,
    place: { constraint?: unknown; table?: unknown; column?: unknown },
  ) {
    super(message)
    this.code = code
    this.constraint = text(place.constraint)
    this.table = text(place.table)
    this.column = text(place.column)
  }
}

/** Class 22, data exceptions: their messages quote the value. */
const QUOTES_ITS_VALUE = /^22/
const SQLSTATE = /^[0-9A-Z]{5}$/

/** The fields of the protocol's ErrorResponse that are read here, as both drivers name them. */
interface DatabaseAnswer extends Error {
  readonly code?: unknown
  readonly severity?: unknown
  readonly constraint?: unknown
  readonly table?: unknown
  readonly column?: unknown
}

/** A driver's error as a `SqlError`; whatever is no answer of the database stays as it is. */
export function withoutValues(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const answer = error as DatabaseAnswer
  // Node's own codes (EPIPE …) can be five letters too; only the database states a severity.
  if (answer.severity === undefined || typeof answer.code !== 'string') return error
  const { code } = answer
  if (!SQLSTATE.test(code)) return error
  const message = QUOTES_ITS_VALUE.test(code) ? 'the database refused a value' : error.message
  return new SqlError(code, `${message} (SQLSTATE ${code})`, answer)
}

/** Whether the error is the database's, with this SQLSTATE (and this constraint, when named). */
export function isSqlError(error: unknown, code: string, constraint?: string): boolean {
  if (!(error instanceof SqlError) || error.code !== code) return false
  return constraint === undefined || error.constraint === constraint
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
