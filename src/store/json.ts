/** Serialises a value for a jsonb column, the same way on Postgres and PGlite. */
export function json(value: unknown): string {
  return JSON.stringify(value ?? null)
}
