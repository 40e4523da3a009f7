export interface Target {
  readonly what: string
  readonly target: string
  readonly measured: number
  readonly met: boolean
}

export function atMost(what: string, limit: number, measured: number): Target {
  return { what, target: `≤ ${limit}`, measured, met: measured <= limit }
}

export function atLeast(what: string, limit: number, measured: number): Target {
  return { what, target: `≥ ${limit}`, measured, met: measured >= limit }
}
