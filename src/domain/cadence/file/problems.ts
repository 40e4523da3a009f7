/** What is wrong in a cadence or template file, where, and what to do about it. */
export interface Problem {
  readonly file: string
  /** Both count from 1. */
  readonly line: number
  readonly column: number
  readonly code: ProblemCode
  /** One sentence that names the thing. */
  readonly message: string
  /** What to write instead. */
  readonly fix: string
}

export type ProblemCode =
  | 'syntax'
  | 'unknown_key'
  | 'missing_key'
  | 'invalid_value'
  | 'no_steps'
  | 'ambiguous_step'
  | 'unknown_step'
  | 'backward_jump'
  | 'unbounded_loop'
  | 'unknown_field'
  | 'wrong_operator'
  | 'ambiguous_condition'
  | 'duplicate_step_id'
  | 'end_mismatch'
  | 'unknown_template'
  | 'duplicate_name'
  | 'invalid_file_name'
  | 'missing_default_variant'
  | 'template_syntax'
  | 'unknown_variable'
  | 'empty_message'
  | 'empty_value'
  | 'unknown_snippet'
  | 'snippet_loop'
  | 'unknown_layout'
  | 'layout_syntax'
  | 'layout_incomplete'
  | 'company_incomplete'
  | 'example_fails'

/** `file:line:column: message fix`, as editors and terminals link it. */
export function describeProblem(problem: Problem): string {
  const { file, line, column, message, fix } = problem
  return `${file}:${line}:${column}: ${message} ${fix}`
}

/** Problems in the order a person reads the files. */
export function inReadingOrder<P extends Pick<Problem, 'file' | 'line' | 'column'>>(
  problems: readonly P[],
): readonly P[] {
  return [...problems].sort(
    (a, b) => a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column,
  )
}

/**
 * The known word that was most likely meant, or null when none is near: at most a third of the
 * letters may differ, and never more than three.
 */
export function nearest(word: string, known: readonly string[]): string | null {
  const limit = Math.min(3, Math.max(1, Math.floor(word.length / 3)))
  let best: { readonly word: string; readonly distance: number } | null = null
  for (const candidate of known) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase())
    if (distance <= limit && (best === null || distance < best.distance)) {
      best = { word: candidate, distance }
    }
  }
  return best?.word ?? null
}

/** "Did you mean X?" when something near is known, else the whole choice. */
export function suggest(word: string, known: readonly string[]): string {
  const meant = nearest(word, known)
  if (meant !== null) return `Did you mean "${meant}"?`
  return `Use ${known.length === 1 ? '' : 'one of: '}${known.join(', ')}.`
}

/** Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`. */
function editDistance(a: string, b: string): number {
  let beforeLast: readonly number[] = []
  let last: readonly number[] = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row]
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1]
      let cost = Math.min(
        at(last, column) + 1,
        at(current, column - 1) + 1,
        at(last, column - 1) + (same ? 0 : 1),
      )
      const swapped = row > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      if (swapped) cost = Math.min(cost, at(beforeLast, column - 2) + 1)
      current.push(cost)
    }
    beforeLast = last
    last = current
  }
  return at(last, b.length)
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY
}
