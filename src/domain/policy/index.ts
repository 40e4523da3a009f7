export { canEverBeTexted, phoneKind } from './area-codes.ts'
export { decide } from './decide.ts'
export { explainDecision } from './explain.ts'
export { legalWindow } from './legal-window.ts'
export { bestZone, locate } from './locate.ts'
export {
  DEFAULT_CLOSING_MARGIN_MS,
  DEFAULT_PREFERRED_HOURS,
  defaultRules,
  type PolicySettings,
  policyRules,
  withPreferredHours,
} from './settings.ts'
export * from './types.ts'
