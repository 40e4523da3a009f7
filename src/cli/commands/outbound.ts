import { z } from 'zod'
import { ask, posting } from '../data/client.ts'
import { withData } from '../data/open.ts'
import { EXIT, type Exit } from '../exit.ts'
import { usageError } from '../problem.ts'
import { table } from '../table.ts'
import type { Terminal } from '../terminal.ts'

export interface OutboundOptions {
  readonly to?: string
  readonly due?: string
}

const stateSchema = z.object({
  outbound: z.string(),
  turnedTo: z.string(),
  decision: z
    .object({ to: z.string(), due: z.string(), by: z.string(), at: z.string() })
    .nullable(),
  due: z.object({
    total: z.number(),
    some: z.array(
      z.object({
        leadId: z.string(),
        cadence: z.string(),
        step: z.string(),
        channel: z.string(),
        at: z.string().nullable(),
      }),
    ),
  }),
})

/** `rekindle outbound`: what would leave when the switch is turned, and what becomes of it. */
export async function outbound(
  terminal: Terminal,
  _args: readonly string[],
  { to, due }: OutboundOptions,
): Promise<Exit> {
  const decision = decisionOf(to, due)
  const state = await withData(terminal, (client) =>
    ask(
      client,
      stateSchema,
      '/v1/outbound',
      ...(decision === null ? [] : ([posting(decision)] as const)),
    ),
  )
  terminal.answer(state)
  terminal.say(`OUTBOUND is ${state.outbound} here; a worker last started with ${state.turnedTo}.`)
  tellDue(terminal, state.due)
  if (state.decision === null) {
    if (state.due.total > 0) {
      terminal.say('Nobody has said what becomes of them: add --to live --due shift (or skip).')
    }
    return EXIT.ok
  }
  const { due: chosen, to: target, by } = state.decision
  terminal.say(
    `When a start has OUTBOUND=${target} within a day: ${chosen} them (decided by ${by}).`,
  )
  return EXIT.ok
}

type DueList = z.output<typeof stateSchema>['due']

/** Lists what is due, for a person who decides. */
export function tellDue(
  terminal: Terminal,
  { total, some }: { readonly total: number; readonly some: DueList['some'] },
): void {
  if (total === 0) return terminal.say('No message is due within a day.')
  terminal.say(`${total} ${total === 1 ? 'message' : 'messages'} would leave within a day:`)
  const rows = some.map(({ at, channel, cadence, step, leadId }) => [
    at ?? 'not planned yet',
    channel,
    `${cadence}, ${step}`,
    leadId,
  ])
  for (const line of table(['when', 'by', 'step', 'lead'], rows)) terminal.say(line)
  if (total > some.length) terminal.say(`… and ${total - some.length} more.`)
}

function decisionOf(to: string | undefined, due: string | undefined) {
  if (to === undefined && due === undefined) return null
  const known = ['allowlist', 'live'].includes(to ?? '')
  if (!known || !['shift', 'skip', 'cancel'].includes(due ?? '')) {
    throw usageError(
      'A decision names where the switch is turned to, and what becomes of what is due.',
      'Write --to live (or allowlist) and --due shift, skip or cancel.',
    )
  }
  return { to, due }
}
