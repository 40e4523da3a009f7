import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { stopStranger } from './child.ts'
import type { TemporalProblem } from './problem.ts'
import { isAlive } from './process-identity.ts'

const Identity = z.object({ pid: z.number().int().positive(), startedAt: z.string() })
const Running = z.object({ owner: Identity, processes: z.array(Identity) })
const Ports = z.record(z.string(), z.number().int().min(1).max(65_535))

/** Who runs the server of a data folder, and as which processes. */
export type Running = z.infer<typeof Running>

/**
 * Makes sure that no server of an earlier start holds the folder's files: one whose owner is gone
 * (killed together with the watcher) is stopped; one whose owner lives is a reason to refuse.
 * @returns null when the folder is free
 */
export async function clearLeftovers(folder: string): Promise<TemporalProblem | null> {
  const before = await readJson(join(folder, RUNNING), Running)
  if (before === null) return null
  if (await isAlive(before.owner)) {
    // Our own earlier start is not told apart from another's: a folder has one server.
    if (await anyAlive(before)) return alreadyRunning(before.owner.pid)
  }
  for (const process of before.processes) await stopStranger(process)
  await forgetRunning(folder)
  return null
}

async function anyAlive(running: Running): Promise<boolean> {
  for (const process of running.processes) if (await isAlive(process)) return true
  return false
}

/** Notes what runs now, for the next start. */
export function noteRunning(folder: string, running: Running): Promise<void> {
  return writeJson(join(folder, RUNNING), running)
}

/** Everything was stopped: nothing is left to look for. */
export function forgetRunning(folder: string): Promise<void> {
  return rm(join(folder, RUNNING), { force: true })
}

/** The ports of the last start, by name; empty when there was none. */
export async function portsBefore(folder: string): Promise<Readonly<Record<string, number>>> {
  return (await readJson(join(folder, PORTS), Ports)) ?? {}
}

/** Keeps the ports, so that addresses stay the same after a restart. */
export function keepPorts(folder: string, ports: Readonly<Record<string, number>>): Promise<void> {
  return writeJson(join(folder, PORTS), ports)
}

const RUNNING = 'running.json'
const PORTS = 'ports.json'

async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<T | null> {
  try {
    const read = schema.safeParse(JSON.parse(await readFile(path, 'utf8')))
    return read.success ? read.data : null
  } catch {
    return null
  }
}

/** In one step: a reader never sees half of it. */
async function writeJson(path: string, value: unknown): Promise<void> {
  await writeFile(`${path}.new`, `${JSON.stringify(value, null, 2)}\n`)
  await rename(`${path}.new`, path)
}

function alreadyRunning(pid: number): TemporalProblem {
  return {
    code: 'already-running',
    message: `A Temporal server already runs on this data folder; process ${pid} started it.`,
    fix: 'Stop that process first, or use another data folder.',
  }
}
