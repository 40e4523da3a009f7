import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { livenessOf, processIdentitySchema, thisProcess } from './engine/process-identity.ts'

/** Where the running instance of a data folder listens; the CLI finds it by this. */
export interface Instance {
  readonly pid: number
  readonly publicUrl: string
  readonly privateUrl: string
}

const recordSchema = z.object({
  process: processIdentitySchema,
  publicUrl: z.url(),
  privateUrl: z.url(),
})

/** Records this process as the running instance, in a file that only its user can read. */
export function writeInstance(
  dataDir: string,
  urls: { publicUrl: string; privateUrl: string },
): void {
  const path = pathIn(dataDir)
  const draft = `${path}.${process.pid}.new`
  const record = { process: thisProcess(), publicUrl: urls.publicUrl, privateUrl: urls.privateUrl }
  writeFileSync(draft, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 })
  renameSync(draft, path)
}

/** The running instance of the folder; null when none was recorded, or its process is gone. */
export function readInstance(dataDir: string): Instance | null {
  const record = readRecord(dataDir)
  if (record === null || livenessOf(record.process) === 'dead') return null
  return {
    pid: record.process.pid,
    publicUrl: record.publicUrl,
    privateUrl: record.privateUrl,
  }
}

/** Forgets the instance, when it is this process. */
export function removeInstance(dataDir: string): void {
  if (readRecord(dataDir)?.process.pid === process.pid) rmSync(pathIn(dataDir), { force: true })
}

function readRecord(dataDir: string): z.infer<typeof recordSchema> | null {
  try {
    const record = recordSchema.safeParse(JSON.parse(readFileSync(pathIn(dataDir), 'utf8')))
    return record.success ? record.data : null
  } catch {
    return null
  }
}

function pathIn(dataDir: string): string {
  return join(dataDir, 'instance.json')
}
