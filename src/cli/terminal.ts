import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { styleText } from 'node:util'
import type { Problem } from './problem.ts'

type Env = Readonly<Record<string, string | undefined>>
type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan'

/** Where a command reads and writes. Answers go to stdout, everything about them to stderr. */
export interface Terminal {
  readonly env: Env
  /** The answer is wanted as JSON: `say` is silent, `answer` speaks. */
  readonly json: boolean
  /** A person is looking: secrets may be shown, progress may overwrite itself. */
  readonly interactive: boolean
  readonly input: Readable
  /** A line of the answer for people; nothing with --json. */
  say(line?: string): void
  /** The answer for scripts; nothing without --json. */
  answer(value: unknown): void
  /** A line about the work, on stderr: progress, hints. */
  note(line: string): void
  /** Writes to stdout and waits until it may write more. */
  write(text: string): Promise<void>
  problem(problem: Problem): void
  /** The text in a style, where colours are shown. */
  paint(style: Style, text: string): string
}

/** The terminal, or the pipes, of this process. */
export function terminalOf(json: boolean): Terminal {
  const { stdin, stdout, stderr, env } = process
  // A reader that has seen enough (`| head`) ends the command quietly.
  stdout.once('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit()
    throw error
  })
  const coloured = stdout.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb'
  const line = (to: Writable, text: string) => to.write(`${text}\n`)
  return {
    env,
    json,
    interactive: stdout.isTTY === true,
    input: stdin,
    say: (text = '') => json || line(stdout, text),
    answer: (value) => !json || line(stdout, JSON.stringify(value, null, 2)),
    note: (text) => line(stderr, text),
    async write(text) {
      if (!stdout.write(text)) await once(stdout, 'drain')
    },
    problem: (problem) =>
      json
        ? line(stdout, JSON.stringify({ error: problem }, null, 2))
        : line(stderr, `${problem.message} (${problem.code})\nWhat to do: ${problem.fix}`),
    paint: (style, text) => (coloured ? styleText(style, text) : text),
  }
}
