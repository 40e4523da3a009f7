import type { FindResult, Found, Place, Refused } from './find.ts'

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
      : [result.problem.message, `What to do: ${result.problem.fix}`]
  const passedOver = worthTelling(result)
  if (passedOver.length > 0) lines.push(result.kind === 'found' ? 'Tried before it:' : 'Tried:')
  for (const { place, problem } of passedOver)
    lines.push(`  - ${PLACES[place]}: ${problem.message} ${problem.fix}`)
  return lines.join('\n')
}

/** The last word on each place, without what the headline says already or nobody misses. */
function worthTelling(result: FindResult): readonly Refused[] {
  const last = new Map(result.refused.map((refused) => [refused.place, refused]))
  return [...last.values()].filter(({ problem }) =>
    result.kind === 'found' ? problem.code !== 'not-fetched' : problem !== result.problem,
  )
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
