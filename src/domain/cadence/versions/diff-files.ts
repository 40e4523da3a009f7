import type { SourceFile } from '../../templates/parse.ts'

/** How the text of one file changed. */
export interface FileChange {
  readonly path: string
  readonly kind: 'added' | 'removed' | 'reworded'
  readonly words: string
  /** The lines that are gone and those that came, in their order. */
  readonly removed: readonly string[]
  readonly added: readonly string[]
}

/** What changed in the files of templates, by path. */
export function diffFiles(
  before: readonly SourceFile[],
  after: readonly SourceFile[],
): FileChange[] {
  const paths = [...new Set([...before, ...after].map(({ path }) => path))].sort()
  return paths.flatMap((path) => changeOf(path, textAt(before, path), textAt(after, path)) ?? [])
}

function changeOf(path: string, was: string | null, is: string | null): FileChange | null {
  if (was === is) return null
  if (was === null) {
    return { path, kind: 'added', words: `${path} is new.`, removed: [], added: linesOf(is ?? '') }
  }
  if (is === null) {
    return { path, kind: 'removed', words: `${path} is gone.`, removed: linesOf(was), added: [] }
  }
  const { removed, added } = diffLines(linesOf(was), linesOf(is))
  if (removed.length + added.length === 0) return null
  const subjects = [subjectOf(was), subjectOf(is)]
  const subject =
    subjects[0] === subjects[1]
      ? ''
      : ` Its subject is “${subjects[1]}” instead of “${subjects[0]}”.`
  const words = `${path}: ${lines(removed.length)} out, ${lines(added.length)} in.${subject}`
  return { path, kind: 'reworded', words, removed, added }
}

function lines(count: number): string {
  return `${count} ${count === 1 ? 'line' : 'lines'}`
}

function subjectOf(text: string): string | null {
  return /^---\n[\s\S]*?^subject:\s*(.*)$/m.exec(text)?.[1]?.trim() ?? null
}

/** The lines that a longest common subsequence leaves over. Messages are short. */
function diffLines(was: readonly string[], is: readonly string[]) {
  const table = Array.from({ length: was.length + 1 }, () =>
    Array.from({ length: is.length + 1 }, () => 0),
  )
  const at = (row: number, column: number) => table[row]?.[column] ?? 0
  for (let row = was.length - 1; row >= 0; row -= 1) {
    for (let column = is.length - 1; column >= 0; column -= 1) {
      const common =
        was[row] === is[column]
          ? at(row + 1, column + 1) + 1
          : Math.max(at(row + 1, column), at(row, column + 1))
      table[row]?.splice(column, 1, common)
    }
  }
  const removed: string[] = []
  const added: string[] = []
  let [row, column] = [0, 0]
  while (row < was.length || column < is.length) {
    const [old, now] = [was[row], is[column]]
    if (old !== undefined && old === now) [row, column] = [row + 1, column + 1]
    else if (
      now === undefined ||
      (old !== undefined && at(row + 1, column) >= at(row, column + 1))
    ) {
      removed.push(old ?? '')
      row += 1
    } else {
      added.push(now)
      column += 1
    }
  }
  return { removed, added }
}

function linesOf(text: string): string[] {
  return text.replaceAll('\r\n', '\n').trimEnd().split('\n')
}

function textAt(files: readonly SourceFile[], path: string): string | null {
  return files.find((file) => file.path === path)?.text ?? null
}
