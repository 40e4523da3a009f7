import type { Priority } from '../domain/contract.ts'

/** The priority that a row's number means; whatever is none of ours is served last. */
export function toPriority(priority: number): Priority {
  return priority === 1 || priority === 2 || priority === 3 || priority === 4 ? priority : 5
}
