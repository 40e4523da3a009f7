export interface Latencies {
  readonly samples: number
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/** The latencies of a run in whole milliseconds; percentiles by nearest rank. */
export function latencies(milliseconds: readonly number[]): Latencies {
  const sorted = [...milliseconds].sort((a, b) => a - b)
  const rank = (share: number) => Math.round(sorted[Math.ceil(sorted.length * share) - 1] ?? NaN)
  return { samples: sorted.length, p50: rank(0.5), p99: rank(0.99), max: rank(1) }
}
