import { randomBytes } from 'node:crypto'
import type { Id } from '../domain/ids.ts'

/** A random id of 128 bits, with its kind in front so that people can tell them apart. */
export function newId<T extends Id<string>>(prefix: string): T {
  return `${prefix}_${randomBytes(16).toString('base64url')}` as T
}
