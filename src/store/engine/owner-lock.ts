import { randomUUID } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { StoreError } from '../errors.ts'
import { livenessOf, processIdentitySchema, thisProcess } from './process-identity.ts'

/** The ownership of a data folder; it also ends with the process, however that ends. */
export interface OwnerLock {
  release(): void
}

const ownerSchema = processIdentitySchema.extend({ token: z.uuid() })
type Owner = z.infer<typeof ownerSchema>

/**
 * Makes this process the one owner of a data folder (created when missing). A lock whose process
 * is dead is taken over; of several starters that see it, exactly one gets it.
 * @throws StoreError `data_folder_in_use` while its owner lives, `data_folder_owner_unknown` when
 * that cannot be told from here (another machine or container shares the folder)
 */
export function takeOwnerLock(dataDir: string): OwnerLock {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  return take(join(resolve(dataDir), 'owner.lock'))
}

function take(path: string): OwnerLock {
  const mine: Owner = { ...thisProcess(), token: randomUUID() }
  const draft = `${path}.${mine.token}.new`
  writeFileSync(draft, JSON.stringify(mine), { mode: 0o600 })
  try {
    while (!linked(draft, path)) {
      const holder = readOwner(path)
      if (holder === null) continue
      refuseUnlessDead(holder, path)
      takeOver(path, holder)
    }
  } finally {
    rmSync(draft, { force: true })
  }
  return {
    release() {
      if (readOwner(path)?.token === mine.token) rmSync(path, { force: true })
    },
  }
}

/**
 * Removes a dead owner's lock. Between the look at it and its removal another starter may have
 * put its own there, so who may remove *this* lock is itself locked, by a file that carries the
 * dead owner's token; whoever comes late finds another token and leaves it alone.
 */
function takeOver(path: string, dead: Owner): void {
  const claim = take(`${path}.${dead.token}`)
  try {
    if (readOwner(path)?.token === dead.token) rmSync(path)
  } finally {
    claim.release()
  }
}

/** Creates `path` with the draft's whole content at once; false when it exists already. */
function linked(draft: string, path: string): boolean {
  try {
    linkSync(draft, path)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

/** Null when the lock is gone by now. */
function readOwner(path: string): Owner | null {
  let content: string
  try {
    content = readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
  const parsed = ownerSchema.safeParse(parseJson(content))
  if (parsed.success) return parsed.data
  throw unknownOwner(path, 'its lock cannot be read')
}

function parseJson(content: string): unknown {
  try {
    return JSON.parse(content)
  } catch {
    return null
  }
}

function refuseUnlessDead(holder: Owner, path: string): void {
  const liveness = livenessOf(holder)
  if (liveness === 'dead') return
  if (liveness === 'unknown') {
    throw unknownOwner(path, `process ${holder.pid} on ${holder.host} may still use it`)
  }
  throw new StoreError(
    'data_folder_in_use',
    `The data folder is in use by process ${holder.pid}.`,
    `Use that instance, or stop it (kill ${holder.pid}) and start again.`,
  )
}

function unknownOwner(path: string, because: string): StoreError {
  return new StoreError(
    'data_folder_owner_unknown',
    `The data folder may be in use: ${because}.`,
    `When nothing uses the folder any more, delete ${path} and start again.`,
  )
}
