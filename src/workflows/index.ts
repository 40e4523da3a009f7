export { bulk } from './bulk.ts'
export { lead } from './lead.ts'
