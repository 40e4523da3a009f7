import { createInterface } from 'node:readline/promises'
import type { Config } from '../../config.ts'
import { toIso } from '../../domain/time.ts'
import { type Started, start } from '../../start.ts'
import type { AskDue } from '../../wiring/going-live.ts'
import type { Exit } from '../exit.ts'
import { runUntilStopped } from '../run-until-stopped.ts'
import { configOf } from '../settings.ts'
import type { Terminal } from '../terminal.ts'
import { tellDue } from './outbound.ts'

/** `rekindle start`: everything in one process, until Ctrl-C. */
export async function runStart(terminal: Terminal): Promise<Exit> {
  const config = forPeople(terminal, configOf(terminal))
  const started = await start(config, terminal.note, askDueOf(terminal))
  const { publicUrl, privateUrl, uiUrl, keysFile } = started
  terminal.answer({ publicUrl, privateUrl, uiUrl, keysFile, outbound: config.OUTBOUND })
  welcome(terminal, config, started)
  return runUntilStopped(terminal, started)
}

/** Asks at a terminal what becomes of due messages; elsewhere nobody is there to answer. */
function askDueOf(terminal: Terminal): AskDue | null {
  if (!terminal.interactive || terminal.json) return null
  return async ({ total, some }) => {
    const shown = some.map((due) => ({ ...due, at: due.at === null ? null : toIso(due.at) }))
    tellDue(terminal, { total, some: shown })
    const lines = createInterface({ input: terminal.input, output: process.stderr })
    try {
      for (;;) {
        const answer = (await lines.question(QUESTION)).trim().toLowerCase()
        if (answer === 'shift' || answer === 'skip') return answer
        if (answer === 'cancel' || answer === '') return null
      }
    } finally {
      lines.close()
    }
  }
}

const QUESTION = 'shift them all by a day, skip them, or cancel? [shift/skip/cancel] '

/** Who looks at a terminal wants trouble only; a log file wants all. */
function forPeople(terminal: Terminal, config: Config): Config {
  const chosen = terminal.env.LOG_LEVEL !== undefined && terminal.env.LOG_LEVEL !== ''
  return terminal.interactive && !chosen ? { ...config, LOG_LEVEL: 'warn' } : config
}

function welcome(terminal: Terminal, { OUTBOUND }: Config, started: Started): void {
  const { privateUrl, publicUrl, uiUrl, apiKey, keysFile } = started
  const entry = (name: string, value: string) => terminal.say(`  ${name.padEnd(14)}${value}`)
  terminal.say()
  terminal.say(terminal.paint('bold', `Rekindle runs. ${OUTBOUND_WORDS[OUTBOUND]}`))
  entry('Console', privateUrl)
  if (OUTBOUND === 'catch') entry('Sample site', `${privateUrl}/dev/site`)
  entry('API docs', `${privateUrl}/docs`)
  entry('Tracker', `${publicUrl}/t.js`)
  if (uiUrl !== null) entry('Temporal UI', uiUrl)
  if (terminal.interactive) entry('API key', apiKey)
  entry(terminal.interactive ? '' : 'API key', `in ${keysFile}, which only you can read`)
  terminal.say('Ctrl-C stops it; nothing is lost, the next start goes on.')
}

const OUTBOUND_WORDS: Readonly<Record<Config['OUTBOUND'], string>> = {
  catch: 'Nothing leaves this machine: every message is caught and shown in the console.',
  allowlist: 'Messages leave for the addresses of the allowlist only.',
  live: 'Messages leave for real people.',
}
