import { createInterface } from 'node:readline'
import type { z } from 'zod'
import type { Problem } from './problem.ts'
import type { Terminal } from './terminal.ts'

/** What becomes of one line: an answer to print, or why there is none. */
export type LineAnswer =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly id?: unknown; readonly problem: Problem }

/**
 * Answers JSON lines one by one, in order, as they come: one line out for each line in. A bad
 * line gets an object that names it, and the rest goes on. Blank lines are passed over.
 * @returns how many lines were bad
 */
export async function answerJsonLines(
  terminal: Terminal,
  answer: (value: unknown) => LineAnswer,
): Promise<number> {
  let number = 0
  let bad = 0
  for await (const raw of createInterface({ input: terminal.input, crlfDelay: Infinity })) {
    number += 1
    const text = number === 1 ? raw.replace(/^\uFEFF/, '') : raw
    if (text.trim() === '') continue
    const said = answerLine(text, answer)
    if (!said.ok) bad += 1
    const shown = said.ok ? said.value : { line: number, id: said.id ?? null, error: said.problem }
    await terminal.write(`${JSON.stringify(shown)}\n`)
  }
  return bad
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
export function lineProblem(value: unknown, error: z.ZodError): LineAnswer {
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
