import { join } from 'node:path'
import type { Config } from '../../config.ts'
import { portsBefore } from '../../local/temporal/running.ts'
import { readInstance } from '../../store/instance.ts'
import { openTemporal, type TemporalLocation } from '../../temporal/connection.ts'
import { type ReplayReport, replayHistories } from '../../temporal/replay.ts'
import { createLog, installRuntime } from '../../wiring/log.ts'
import { temporalOf } from '../../wiring/temporal.ts'
import { workflowBundle } from '../../wiring/workers.ts'
import { count } from '../count.ts'
import { EXIT, type Exit } from '../exit.ts'
import { CliError, usageError } from '../problem.ts'
import { configOf } from '../settings.ts'
import type { Terminal } from '../terminal.ts'

export interface ReplayOptions {
  readonly from?: string
  readonly live?: string
}

/**
 * `rekindle replay`: whether this version's workflow still fits histories, recorded ones or those
 * of leads that run now. Nothing is sent and nothing changes.
 */
export async function replay(
  terminal: Terminal,
  _args: readonly string[],
  options: ReplayOptions,
): Promise<Exit> {
  if ((options.from === undefined) === (options.live === undefined)) {
    throw usageError(
      'It is not said which histories to replay.',
      'Write either --from FOLDER or --live NUMBER.',
    )
  }
  installRuntime(createLog({ LOG_LEVEL: 'error' }))
  const report =
    options.from === undefined
      ? await replayLive(terminal, countFrom(options.live ?? ''))
      : await replayFolder(options.from)
  const { replayed, failures } = report
  terminal.answer({ ok: failures.length === 0 && replayed > 0, ...report })
  for (const { workflowId, because } of failures) terminal.say(`${workflowId}: ${because}`)
  terminal.say(
    `${count(replayed, 'history', 'histories')} replayed, ${failures.length} not fitting.`,
  )
  if (replayed === 0) terminal.say('Nothing was looked at: that proves nothing.')
  return failures.length === 0 && replayed > 0 ? EXIT.ok : EXIT.no
}

async function replayFolder(folder: string): Promise<ReplayReport> {
  try {
    return await replayHistories({ from: folder }, await workflowBundle())
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error)
    throw usageError(
      `The histories cannot be read: ${reason}.`,
      'Name a folder with *.json as `temporal workflow show --output json` writes them.',
    )
  }
}

async function replayLive(terminal: Terminal, count: number): Promise<ReplayReport> {
  const link = openTemporal(await runningTemporal(configOf(terminal)), { role: 'cli' })
  try {
    const reached = await link.check()
    if (reached.kind === 'not_reached') throw new CliError(EXIT.missing, reached.trouble)
    return await replayHistories({ live: count, client: link.client }, await workflowBundle())
  } finally {
    await link.close()
  }
}

/** The named server, else the one that the instance of the data folder runs. */
async function runningTemporal(config: Config): Promise<TemporalLocation> {
  const named = temporalOf(config)
  const { TEMPORAL_ADDRESS: address, REKINDLE_DATA_DIR: dataDir } = config
  if (address !== undefined || readInstance(dataDir) === null) return named
  const { frontend } = await portsBefore(join(dataDir, 'temporal'))
  return frontend === undefined ? named : { ...named, address: `127.0.0.1:${frontend}` }
}

function countFrom(text: string): number {
  const count = Number(text)
  if (Number.isInteger(count) && count >= 1) return count
  throw usageError(`--live ${text} is no number of leads.`, 'Write a whole number, such as 100.')
}
