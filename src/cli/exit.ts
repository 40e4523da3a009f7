/** What the exit code of every command means. */
export const EXIT = {
  ok: 0,
  /** The answer is no: something is invalid, refused or was not found. */
  no: 1,
  /** The command was written wrongly. */
  usage: 2,
  /** A service, or the data, cannot be reached. */
  missing: 3,
} as const

export type Exit = (typeof EXIT)[keyof typeof EXIT]
