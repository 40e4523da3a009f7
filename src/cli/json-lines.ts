import type { Readable } from 'node:stream'
import type { z } from 'zod'
import type { Problem } from './problem.ts'
import type { Terminal } from './terminal.ts'

/** What becomes of one line: an answer to print, or why there is none. */
export type LineAnswer = { readonly ok: true; readonly value: unknown } | BadLine

export interface BadLine {
  readonly ok: false
  readonly id?: unknown
  readonly problem: Problem
}

/** No question is this long; a line without an end must not fill the memory. */
const LONGEST_LINE = 1_000_000

/**
 * Answers JSON lines one by one, in order, as they come: one line out for each line in. A bad
 * line gets an object that names it, and the rest goes on. Blank lines are passed over. Only what
 * has arrived and is not answered yet is held in memory.
 * @returns how many lines were bad
 */
export async function answerJsonLines(
  terminal: Terminal,
  answer: (value: unknown) => LineAnswer,
): Promise<number> {
  let number = 0
  let bad = 0
  for await (const lines of linesOf(terminal.input)) {
    let answers = ''
    for (const line of lines) {
      number += 1
      if (line.trim() === '') continue
      const said = line.length > LONGEST_LINE ? tooLong : answerLine(line, answer)
      if (!said.ok) bad += 1
      const shown = said.ok
        ? said.value
        : { line: number, id: said.id ?? null, error: said.problem }
      answers += `${JSON.stringify(shown)}\n`
    }
    if (answers !== '') await terminal.write(answers)
  }
  return bad
}

/** The whole lines of each piece that arrives, without their ends and the mark at the beginning. */
async function* linesOf(input: Readable): AsyncGenerator<readonly string[]> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const piece of input) {
    rest += typeof piece === 'string' ? piece : decoder.decode(piece, { stream: true })
    const lines = rest.split(LINE_END)
    rest = lines.pop() ?? ''
    if (lines.length > 0) yield lines
    // Of a line that never ends, enough is kept to see that it is too long.
    if (rest.length > LONGEST_LINE) rest = rest.slice(0, LONGEST_LINE + 1)
  }
  if (rest !== '') yield [rest]
}

const LINE_END = /\r?\n/

const tooLong: LineAnswer = {
  ok: false,
  problem: {
    code: 'line_too_long',
    message: `The line has more than ${LONGEST_LINE} characters.`,
    fix: 'Write one JSON object on each line, and end each line.',
  },
}

function answerLine(text: string, answer: (value: unknown) => LineAnswer): LineAnswer {
  const value = parse(text)
  if (value !== undefined) return answer(value)
  const problem = {
    code: 'not_json',
    message: 'The line is not JSON.',
    fix: 'Write one JSON object on each line.',
  }
  return { ok: false, problem }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Why a line does not fit its schema, in one sentence that names the field. */
export function lineProblem(value: unknown, error: z.ZodError): BadLine {
  const [issue] = error.issues
  const field = issue?.path.join('.') ?? ''
  const reason = (issue?.message ?? 'it does not fit').replace(/\.$/, '')
  const problem = {
    code: 'invalid_line',
    message: field === '' ? `${reason}.` : `${field}: ${reason}.`,
    fix: 'Correct the line; the lines around it were answered.',
  }
  return { ok: false, id: idOf(value), problem }
}

/** The id that a line carries, to name it by; null when it has none. */
function idOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'id' in value ? value.id : null
}
