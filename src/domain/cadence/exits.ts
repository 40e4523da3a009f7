import { type ConditionFacts } from './conditions/conditions.ts'
import { judgeCondition } from './conditions/judge.ts'
import type { Cadence, CadenceEnd } from './types.ts'

/** What ends a cadence for one lead before its last step. */
export interface Exit {
  readonly end: CadenceEnd
  /** A clause in the words of the condition. */
  readonly because: string
}

/** Whether the cadence asks anything before each step. */
export function asksExits({ exits = [], goal }: Cadence): boolean {
  return exits.length > 0 || goal !== undefined
}

/** The goal, else the first exit, that holds for the lead; null while it stays in. */
export function exitOf({ exits = [], goal }: Cadence, situation: ConditionFacts): Exit | null {
  if (goal !== undefined) {
    const { holds, because } = judgeCondition(goal.when, situation)
    if (holds) return { end: goal.end, because: `the goal is reached: ${because}` }
  }
  for (const { when, end } of exits) {
    const { holds, because } = judgeCondition(when, situation)
    if (holds) return { end, because: `an exit rule holds: ${because}` }
  }
  return null
}
