export {
  canEverBeTexted,
  type PhoneArea,
  type PhoneKind,
  phoneArea,
  phoneKind,
  type Textable,
} from './area-codes.ts'
export { decide } from './decide.ts'
export { explainDecision } from './explain.ts'
export { type LegalWindow, legalWindow } from './legal-window.ts'
export { type BestZone, bestZone, type Location, locate } from './locate.ts'
export {
  DEFAULT_CLOSING_MARGIN_MS,
  DEFAULT_PREFERRED_HOURS,
  defaultRules,
  type PolicySettings,
  policyRules,
  withPreferredHours,
} from './settings.ts'
export * from './types.ts'
export { nextAllowedAt, windowAllows, type WindowConstraint } from './windows.ts'
