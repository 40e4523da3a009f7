import { startPostgres } from '../support/postgres.ts'

/**
 * The Postgres of all kill tests; null without its binaries. A killed process loses nothing that
 * the kernel has, but nothing is spared here: what is acknowledged is on the disk.
 */
export const postgres = await startPostgres({ fsync: true })
