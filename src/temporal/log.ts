import type { Logger } from 'pino'

/** Where these loops speak: ids, counts and codes, never contact data or free text of a lead. */
export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>
