/** The official server that `go install` builds when nothing else is found. */
export const SERVER_VERSION = '1.32.0'
/** The Web UI that goes with it. */
export const UI_VERSION = '2.54.1'
/** The SDK whose own download of the Temporal CLI is asked for; as pinned in package.json. */
export const SDK_VERSION = '1.24.0'
/** The oldest server that knows the priorities and the summaries which the workflow uses. */
export const MIN_SERVER_VERSION = '1.29.0'
/** The first server that can skip time per workflow. */
export const TIME_SKIPPING_SINCE = '1.32.0'

/** The first `major.minor.patch` in a text; null when there is none. */
export function findVersion(text: string): string | null {
  return /\d+\.\d+\.\d+/.exec(text)?.[0] ?? null
}

/** Whether version `a` is `b` or newer. A pre-release counts as its release. */
export function atLeast(a: string, b: string): boolean {
  const left = numbers(a)
  const right = numbers(b)
  for (const [index, wanted] of right.entries()) {
    const got = left[index] ?? 0
    if (got !== wanted) return got > wanted
  }
  return true
}

function numbers(version: string): number[] {
  return (findVersion(version) ?? '0.0.0').split('.').map(Number)
}
