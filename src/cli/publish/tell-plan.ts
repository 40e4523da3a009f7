import { PUBLISH_POLICIES, type PublishPolicy } from '../../domain/cadence/versions/policy.ts'
import { table } from '../table.ts'
import type { Terminal } from '../terminal.ts'
import type { Plan } from './schemas.ts'

/** What publishing would change, and what a policy, or each of them, does to the leads under way. */
export function tellPlan(terminal: Terminal, plan: Plan, policy: PublishPolicy | null): void {
  const changed = plan.cadences.filter((each) => each.changed || each.leads > 0)
  for (const cadence of changed) tellCadence(terminal, cadence, policy)
  for (const { name, version, from, files, leads, ...rest } of plan.templates) {
    if (!rest.changed) continue
    const who = leads === 0 ? '' : `; ${leads} leads under way have it before them still`
    terminal.say(`template ${name}: ${from === null ? 'new' : `version ${version}`}${who}`)
    for (const { words } of files) terminal.say(`  ${words}`)
  }
  if (changed.length === 0 && plan.templates.every((each) => !each.changed)) {
    terminal.say('Nothing would change: all of it is published already.')
  }
}

function tellCadence(
  terminal: Terminal,
  { name, from, version, changed, changes, leads, impact }: Plan['cadences'][number],
  policy: PublishPolicy | null,
): void {
  const what =
    from === null ? 'new' : changed ? `version ${version}` : `version ${version}, as it is`
  terminal.say(terminal.paint('bold', `cadence ${name}: ${what}`))
  for (const { words } of changes) terminal.say(`  ${words}`)
  if (leads === 0) {
    terminal.say('  No lead is under way in another version.')
    return
  }
  terminal.say(`  ${leads} ${leads === 1 ? 'lead is' : 'leads are'} under way in other versions:`)
  for (const each of policy === null ? PUBLISH_POLICIES : [policy]) {
    terminal.say(`  ${each}: ${POLICY_WORDS[each]}`)
    const rows = impact[each].map((row) => [
      `    version ${row.version}`,
      row.step ?? '(end)',
      String(row.leads),
      row.words,
    ])
    for (const line of table(['    in', 'at', 'leads', 'what becomes of them'], rows)) {
      terminal.say(line)
    }
  }
}

const POLICY_WORDS: Readonly<Record<PublishPolicy, string>> = {
  pin: 'they keep the version they are in',
  move: 'they go on in the new version; a wait that has begun keeps its date',
  're-time': 'they go on in the new version; a wait that has begun is counted anew',
}
