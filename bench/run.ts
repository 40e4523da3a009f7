// Measures the engine on this machine and prints one JSON document; progress goes to stderr.
//
//   npm run bench -- [--n LEADS] [--only decisions|previews|emails|windows|sms|histories|speed|throughput|touches]…
//   npm run bench -- --only lists --only ledger    a million suppressions in and out; the ledger's check
//   npm run bench:memory           20,000 touches in one process, and its memory in between
//
// Read docs/how-to/measure.md for what each figure means.
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { measureDecisions } from './decisions.ts'
import { measureEmails } from './emails.ts'
import { measureHistories } from './histories.ts'
import { measureInspectWindow } from './inspect-window.ts'
import { measureLedger } from './ledger.ts'
import { measureLists } from './lists.ts'
import { measureMemory } from './memory.ts'
import { measurePreviews } from './previews.ts'
import { measureSmsAdapter } from './sms-adapter.ts'
import { measureSpeedToLead } from './speed-to-lead.ts'
import { type Machine, startMachine } from './support/machine.ts'
import { atLeast, atMost, type Target } from './support/target.ts'
import { measureThroughput } from './throughput.ts'
import { measureTouches } from './touches.ts'

const PARTS = [
  'decisions',
  'previews',
  'emails',
  'windows',
  'sms',
  'histories',
  'speed',
  'throughput',
  'touches',
  'memory',
  'lists',
  'ledger',
] as const
/** What needs neither a Temporal server nor the machine's store. */
const ALONE: readonly string[] = [
  'decisions',
  'previews',
  'emails',
  'windows',
  'sms',
  'lists',
  'ledger',
]
/** Long runs, which are made only when they are named. */
const NAMED: readonly string[] = ['memory', 'lists', 'ledger']
type Part = (typeof PARTS)[number]

const { values } = parseArgs({
  options: { n: { type: 'string', default: '1000' }, only: { type: 'string', multiple: true } },
})
const count = Number(values.n)
const chosen = PARTS.filter((part) => values.only?.includes(part) ?? !NAMED.includes(part))
const unknown = (values.only ?? []).filter((name) => !PARTS.some((part) => part === name))
if (!Number.isInteger(count) || count < 50 || unknown.length > 0) {
  process.stderr.write(`--n is a whole number from 50; --only is one of ${PARTS.join(', ')}\n`)
  process.exit(2)
}

const say = (line: string) => void process.stderr.write(`${line}\n`)
const needsMachine = chosen.some((part) => !ALONE.includes(part))
const machine = needsMachine ? await startMachine(say) : null
const results: Record<string, unknown> = {}
const targets: Target[] = []
try {
  for (const part of chosen) {
    say(`Measuring ${part} …`)
    await measure(part, machine)
  }
} finally {
  await machine?.stop()
}
const report = {
  at: new Date().toISOString(),
  machine: {
    node: process.version,
    cpus: cpus().length,
    cpu: cpus()[0]?.model ?? 'unknown',
    temporal: machine?.temporal.words ?? null,
    store: machine?.store.words ?? null,
  },
  n: count,
  ...results,
  targets,
  met: targets.every(({ met }) => met),
}
process.stdout.write(`${JSON.stringify(report, null, 2)}\n`)

async function measure(part: Part, on: Machine | null): Promise<void> {
  if (part === 'decisions') {
    const decisions = measureDecisions()
    results['decisions'] = decisions
    targets.push(atMost('time per decision, µs', 50, decisions.microsecondsPerDecision.mean))
    return
  }
  if (part === 'previews') {
    const previews = measurePreviews()
    results['previews'] = previews
    targets.push(
      atMost('10,000 leads through 60 days, dates and decisions, s', 10, previews.seconds.decided),
    )
    return
  }
  if (part === 'emails') {
    const emails = await measureEmails()
    results['emails'] = emails
    targets.push(atLeast('emails per email of the bare client', 0.7, emails.ratio))
    return
  }
  if (part === 'windows') {
    const windows = await measureInspectWindow()
    results['inspectWindow'] = windows
    targets.push(
      atLeast(
        'lines a second of inspect window',
        50_000,
        windows.linesPerCpuSecond ?? windows.linesPerSecond,
      ),
    )
    return
  }
  if (part === 'sms') {
    const sms = await measureSmsAdapter(count)
    results['smsAdapter'] = sms
    targets.push(atLeast('texts per text of the bare client', 0.7, sms.ratio))
    return
  }
  if (part === 'lists') {
    const lists = await measureLists(count * 1_000, false)
    results['lists'] = lists
    targets.push(
      atLeast('suppressions loaded a second', 10_000, lists.suppressions.rowsPerSecond),
      atLeast('numbers not to call loaded a second', 10_000, lists.doNotCall.rowsPerSecond),
    )
    return
  }
  if (part === 'ledger') {
    results['ledger'] = await measureLedger(count * 10, say)
    return
  }
  if (on === null) throw new Error('nothing to measure on')
  switch (part) {
    case 'histories': {
      const histories = await measureHistories(on)
      results['histories'] = histories
      targets.push(
        atMost('history events per touch', 12, histories.eventsPerTouch.most),
        atMost('billable actions per touch', 3, histories.actionsPerTouch.most),
      )
      return
    }
    case 'speed': {
      const idleLeads = Math.max(Math.round(count / 4), 50)
      const speed = await measureSpeedToLead(on, { idleLeads, imported: count })
      results['speedToLeadMs'] = speed
      targets.push(
        atMost('speed to lead, idle, p99, ms', 500, speed.idle.p99),
        atMost('speed to lead during an import, p99, ms', 2_000, speed.duringImport.p99),
      )
      return
    }
    case 'throughput': {
      const throughput = await measureThroughput(on, count)
      results['throughput'] = throughput
      targets.push(atLeast('leads planned per bare workflow', 0.7, throughput.ratio))
      return
    }
    case 'touches': {
      const touches = await measureTouches(on, count)
      results['touches'] = touches
      targets.push(atLeast('touches per bare workflow with a timer', 0.7, touches.ratio))
      return
    }
    case 'memory': {
      const memory = await measureMemory(on, count, say)
      results['memory'] = memory
      targets.push(atMost('growth of the heap in use, %', 15, memory.heapGrowthPercent))
    }
  }
}
