import pg from 'pg'

/** Longer lists make statements that hardly ever come again. */
const MOST_PARAMETERS = 64
/** Each connection keeps what it has prepared, so the number of statements is bounded. */
const MOST_STATEMENTS = 1_000
/** Postgres: what was prepared answers with other columns since a migration. */
const PLAN_IS_OUTDATED = '0A000'

/** The same text has the same name on every connection of this process. */
const names = new Map<string, string>()

/**
 * A connection that prepares its statements: Postgres parses and plans each text once, which for
 * our short queries costs more than running them. A pooler between us and Postgres must know
 * prepared statements (PgBouncer from 1.21, with `max_prepared_statements`).
 */
export class PreparingClient extends pg.Client {
  // The driver's own signature has a dozen overloads; the store calls it with a text and its values.
  // oxlint-disable-next-line typescript/no-explicit-any
  override query(...input: any[]): any {
    const [text, values, ...rest] = input
    const name = nameOf(text, values)
    // oxlint-disable-next-line typescript/no-explicit-any
    const query = super.query as (...args: any[]) => any
    if (name === null) return query.apply(this, input)
    const answer = query.call(this, { name, text, values }, ...rest)
    return answer instanceof Promise
      ? answer.catch((error: unknown) => this.#giveUp(error))
      : answer
  }

  /** A connection whose plans are outdated is closed: the pool opens another, which plans anew. */
  #giveUp(error: unknown): never {
    if (error instanceof pg.DatabaseError && error.code === PLAN_IS_OUTDATED) void this.end()
    throw error
  }
}

function nameOf(text: unknown, values: unknown): string | null {
  if (typeof text !== 'string' || !Array.isArray(values)) return null
  if (values.length > MOST_PARAMETERS) return null
  const known = names.get(text)
  if (known !== undefined) return known
  if (names.size >= MOST_STATEMENTS) return null
  const name = `s${names.size}`
  names.set(text, name)
  return name
}
