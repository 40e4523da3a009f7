import type { Command } from 'commander'
import { describeCadences, describeReplies } from './describe/cadences.ts'
import type { Does } from './describe/does.ts'
import { describeInspecting } from './describe/inspecting.ts'
import { describeLeads, describeOfferings, describeSuppressions } from './describe/leads.ts'
import { describeOperating } from './describe/operating.ts'
import { describeBulk, describeSegments } from './describe/operators.ts'
import { describeRunning, describeVirtualTime } from './describe/running.ts'

/** Every command: its words, its arguments, and where it lives; in the order that help has. */
export function describeCommands(root: Command, does: Does): void {
  describeRunning(root, does)
  describeVirtualTime(root, does)
  describeCadences(root, does)
  describeReplies(root, does)
  describeLeads(root, does)
  describeBulk(root, does)
  describeSegments(root, does)
  describeSuppressions(root, does)
  describeOfferings(root, does)
  describeOperating(root, does)
  describeInspecting(root, does)
}
