import type { ColumnType } from 'kysely'

/** A jsonb column: any JSON out; in, what `json()` of ../json.ts made of it. */
export type Json<T> = ColumnType<T, string, string>
