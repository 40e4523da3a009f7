/** One line of a comparison: in both, only as it was expected, or only as it is now. */
export interface DiffLine {
  readonly kind: 'same' | 'expected' | 'now'
  readonly text: string
}

/** The shortest way from the expected lines to those of now (longest common subsequence). */
export function diffLines(expected: readonly string[], now: readonly string[]): DiffLine[] {
  const lengths = commonLengths(expected, now)
  const lines: DiffLine[] = []
  let [row, column] = [0, 0]
  while (row < expected.length || column < now.length) {
    const [was, is] = [expected[row], now[column]]
    if (was !== undefined && was === is) {
      lines.push({ kind: 'same', text: was })
      row += 1
      column += 1
    } else if (
      was !== undefined &&
      (is === undefined || below(row, column) >= right(row, column))
    ) {
      lines.push({ kind: 'expected', text: was })
      row += 1
    } else if (is !== undefined) {
      lines.push({ kind: 'now', text: is })
      column += 1
    }
  }
  return lines

  function below(r: number, c: number): number {
    return lengths[r + 1]?.[c] ?? 0
  }
  function right(r: number, c: number): number {
    return lengths[r]?.[c + 1] ?? 0
  }
}

/** For each pair of tails, how many lines they have in common. */
function commonLengths(a: readonly string[], b: readonly string[]): readonly number[][] {
  const lengths = Array.from({ length: a.length + 1 }, () => Array.from(b, () => 0))
  for (let row = a.length - 1; row >= 0; row -= 1) {
    for (let column = b.length - 1; column >= 0; column -= 1) {
      const rowBelow = lengths[row + 1] ?? []
      const here = lengths[row] ?? []
      here[column] =
        a[row] === b[column]
          ? (rowBelow[column + 1] ?? 0) + 1
          : Math.max(rowBelow[column] ?? 0, here[column + 1] ?? 0)
    }
  }
  return lengths
}
