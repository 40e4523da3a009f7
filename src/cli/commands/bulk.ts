import { z } from 'zod'
import { ask, type DataClient, posting } from '../data/client.ts'
import { leadSchema, nameOf } from '../data/leads.ts'
import { withData } from '../data/open.ts'
import { EXIT, type Exit } from '../exit.ts'
import { LEAD_ACTIONS, type LeadActionOptions } from '../lead-actions.ts'
import { usageError } from '../problem.ts'
import { table } from '../table.ts'
import type { Terminal } from '../terminal.ts'

export interface BulkOptions extends LeadActionOptions {
  readonly status?: string
  readonly deadReason?: string
  readonly in?: string
  readonly at?: string
  readonly source?: string
  readonly owner?: string
  readonly tag?: string
  readonly state?: string
  readonly segment?: string
  readonly everyone?: true
  readonly perMinute?: string
  readonly perDay?: string
  readonly why?: string
  readonly expected?: string
}
export interface BulkShowOptions {
  readonly wait?: true
}

const runSchema = z.looseObject({
  id: z.string(),
  what: z.string(),
  whom: z.string(),
  pace: z.string(),
  state: z.string(),
  total: z.number(),
  done: z.number(),
  passed: z.number(),
})
type Run = z.output<typeof runSchema>
const previewSchema = z.looseObject({
  what: z.string(),
  count: z.number(),
  lasts: z.string(),
  sample: z.array(leadSchema),
})
const PATH = '/v1/bulk'

/** `rekindle bulk preview ACTION`: whom it would concern; exit code 1 when nobody. */
export async function previewBulk(
  terminal: Terminal,
  [action = '']: readonly string[],
  options: BulkOptions,
): Promise<Exit> {
  const body = wantedOf(action, options)
  const answer = await withData(terminal, (client) =>
    ask(client, previewSchema, `${PATH}/preview`, posting(body)),
  )
  terminal.answer(answer)
  const { what, count, lasts, sample } = answer
  terminal.say(`${what}: ${count} leads, in ${lasts} at the least.`)
  const rows = sample.map((lead) => [lead.id, nameOf(lead), lead.status, lead.next.words ?? ''])
  if (rows.length > 0) {
    for (const line of table(['id', 'lead', 'status', 'what comes next'], rows)) terminal.say(line)
  }
  if (count > sample.length) terminal.say(`… and ${count - sample.length} more.`)
  return count === 0 ? EXIT.no : EXIT.ok
}

/** `rekindle bulk start ACTION`: begins a run. */
export async function beginBulk(
  terminal: Terminal,
  [action = '']: readonly string[],
  options: BulkOptions,
): Promise<Exit> {
  const { why, expected } = options
  const body = {
    ...wantedOf(action, options),
    ...(why !== undefined && { because: why }),
    ...(expected !== undefined && { expected: wholeNumber('expected', expected) }),
  }
  const answer = await withData(terminal, (client) =>
    ask(client, z.object({ run: runSchema }), PATH, posting(body)),
  )
  terminal.answer(answer)
  tellRun(terminal, answer.run)
  terminal.say(`How far it has come: rekindle bulk show ${answer.run.id}`)
  return EXIT.ok
}

/** `rekindle bulk list`: the newest runs, those under way first. */
export async function listBulk(terminal: Terminal): Promise<Exit> {
  const schema = z.object({ items: z.array(runSchema) })
  const { items } = await withData(terminal, (client) => ask(client, schema, PATH))
  terminal.answer({ items })
  if (items.length === 0) terminal.say('No run yet.')
  const rows = items.map((run) => [run.id, run.state, progressOf(run), `${run.what}: ${run.whom}`])
  if (rows.length > 0) {
    for (const line of table(['id', 'state', 'done', 'what'], rows)) terminal.say(line)
  }
  return EXIT.ok
}

const shownSchema = z.looseObject({
  run: runSchema,
  passed: z.array(z.looseObject({ leadId: z.string(), because: z.string() })),
})
const LOOK_EVERY_MS = 500

/** `rekindle bulk show ID`: exit code 1 when it has passed leads over. */
export async function showBulk(
  terminal: Terminal,
  [id = '']: readonly string[],
  { wait }: BulkShowOptions,
): Promise<Exit> {
  const answer = await withData(terminal, (client) => lookAt(client, id, wait === true))
  terminal.answer(answer)
  tellRun(terminal, answer.run)
  for (const { leadId, because } of answer.passed) terminal.say(`  ${leadId}: ${because}`)
  return answer.run.passed > 0 ? EXIT.no : EXIT.ok
}

async function lookAt(client: DataClient, id: string, wait: boolean) {
  for (;;) {
    const answer = await ask(client, shownSchema, `${PATH}/${encodeURIComponent(id)}`)
    if (!wait || answer.run.state === 'done' || answer.run.state === 'cancelled') return answer
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
  }
}

/** `rekindle bulk pause|resume|cancel ID`. */
export async function turnBulk(
  terminal: Terminal,
  how: 'pause' | 'resume' | 'cancel',
  [id = '']: readonly string[],
): Promise<Exit> {
  const answer = await withData(terminal, (client) =>
    ask(
      client,
      z.object({ run: runSchema }),
      `${PATH}/${encodeURIComponent(id)}/${how}`,
      posting({}),
    ),
  )
  terminal.answer(answer)
  tellRun(terminal, answer.run)
  return EXIT.ok
}

function tellRun(terminal: Terminal, run: Run): void {
  terminal.say(`${terminal.paint('bold', run.what)}: ${run.whom}, ${run.pace}`)
  terminal.say(`  ${run.id}: ${run.state}, ${progressOf(run)}`)
}

function progressOf({ done, total, passed }: Run): string {
  return `${done} of ${total}${passed === 0 ? '' : `, ${passed} passed over`}`
}

function wantedOf(name: string, options: BulkOptions): Record<string, unknown> {
  const action = LEAD_ACTIONS[name]
  if (action === undefined || name === 'convert') {
    const known = Object.keys(LEAD_ACTIONS).filter((each) => each !== 'convert')
    throw usageError(`${name} is not done to many.`, `Use one of: ${known.join(', ')}.`)
  }
  const body = action.body(options)
  return {
    whom: conditionsOf(options),
    do: name === 'mark-dead' ? { action: name, dead: body } : { action: name, ...body },
    ...paceOf(options),
  }
}

function conditionsOf(options: BulkOptions): Record<string, unknown> {
  const { status, deadReason: reason, in: cadence, at: step } = options
  const { source, owner, tag, state, segment, everyone } = options
  const all = { status, reason, cadence, step, source, owner, tag, state, segment, everyone }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}

function paceOf({ perMinute, perDay }: BulkOptions): Record<string, unknown> {
  if (perMinute !== undefined) {
    return { pace: { perMinute: wholeNumber('per-minute', perMinute) } }
  }
  return perDay === undefined ? {} : { pace: { perDay: wholeNumber('per-day', perDay) } }
}

function wholeNumber(option: string, written: string): number {
  if (/^\d{1,9}$/.test(written)) return Number(written)
  throw usageError(`--${option} ${written} is no whole number.`, `Write --${option} 500.`)
}
