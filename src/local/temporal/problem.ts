/** Why there is no Temporal server, in a form that a caller can decide on and a person can read. */
export interface TemporalProblem {
  readonly code: TemporalProblemCode
  /** One sentence: what is wrong. */
  readonly message: string
  /** One sentence: what to do about it. */
  readonly fix: string
}

export type TemporalProblemCode =
  /** None of the ways to get a server worked; see `refused`. */
  | 'no-server'
  /** `TEMPORAL_ADDRESS` is set and nothing answers there. */
  | 'address-unreachable'
  /** The server is too old, or cannot skip time where that is needed. */
  | 'too-old'
  | 'no-time-skipping'
  /** The place has no such binary, download or build. */
  | 'not-there'
  | 'not-fetched'
  | 'download-failed'
  | 'build-failed'
  | 'port-taken'
  /** Another living process runs a server on the same data folder. */
  | 'already-running'
  | 'start-failed'
  | 'unsupported-platform'
