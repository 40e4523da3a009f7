import type { FindResult, Found, Place } from './find.ts'

const PLACES: Readonly<Record<Place, string>> = {
  address: 'TEMPORAL_ADDRESS',
  path: 'temporal on the PATH',
  download: "the SDK's download",
  build: 'go install',
}

/** What was found, what was passed over and why, and what to do: a text for `rekindle doctor`. */
export function describeFound(result: FindResult): string {
  const lines =
    result.kind === 'found'
      ? [describe(result.found)]
      : [`${result.problem.message}`, `What to do: ${result.problem.fix}`]
  const tried = result.refused.filter(({ problem }) => problem !== headline(result))
  if (tried.length > 0) {
    lines.push(result.kind === 'found' ? 'Tried before it:' : 'Tried:')
    for (const { place, problem } of tried) {
      lines.push(`  - ${PLACES[place]}: ${problem.message} ${problem.fix}`)
    }
  }
  return lines.join('\n')
}

function headline(result: FindResult) {
  return result.kind === 'none' ? result.problem : null
}

function describe(found: Found): string {
  const skips = found.timeSkipping ? 'can skip time' : 'cannot skip time'
  switch (found.kind) {
    case 'address':
      return `Temporal server ${found.serverVersion} at ${found.address} (TEMPORAL_ADDRESS), ${skips}.`
    case 'cli':
      return `Temporal CLI ${found.cliVersion} with server ${found.serverVersion} from ${PLACES[found.place]} (${found.path}), ${skips}.`
    case 'server': {
      const ui = found.ui === null ? 'without a Web UI' : 'with its Web UI'
      return `Temporal server ${found.serverVersion} built with ${PLACES.build} (${found.path}), ${ui}, ${skips}.`
    }
  }
}
