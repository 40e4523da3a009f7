export { canEverBeTexted } from './area-codes.ts'
export { decide } from './decide.ts'
export { channelsStopped, isStateCode, STATE_NAMES, stateEvidence, stopWords } from './emergency.ts'
export { explainDecision, isStopped, ruleWords } from './explain.ts'
export { legalWindow, openForMs } from './legal-window.ts'
export { bestZone, locate } from './locate.ts'
export { type CallVerdict, callWaits, mayCall, type Relationship } from './may-call.ts'
export { closedBecause } from './open-days.ts'
export { type OpenHours, openHours } from './open-hours.ts'
export {
  defaultRules,
  MOST_TEXTS_AND_CALLS_PER_DAY,
  policyRules,
  withOpenDays,
  withoutManners,
  withPreferredHours,
} from './settings.ts'
export * from './types.ts'
