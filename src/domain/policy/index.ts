export { canEverBeTexted } from './area-codes.ts'
export { decide } from './decide.ts'
export { explainDecision } from './explain.ts'
export { legalWindow, openForMs } from './legal-window.ts'
export { bestZone, locate } from './locate.ts'
export {
  defaultRules,
  policyRules,
  withPreferredHours,
} from './settings.ts'
export * from './types.ts'
