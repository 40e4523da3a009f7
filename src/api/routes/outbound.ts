import { z } from 'zod'
import { toIso } from '../../domain/time.ts'
import {
  type Due,
  decideTurn,
  dueMessages,
  outboundState,
} from '../../leads/stops/turn-outbound.ts'
import type { OutboundTurn } from '../../store/company/outbound.ts'
import type { ApiDeps } from '../deps.ts'
import { type Api, newApi, read, write } from '../operation.ts'

const TAG = 'Operations'
const DECISION = z.strictObject({
  to: z.enum(['allowlist', 'live']),
  due: z.enum(['shift', 'skip', 'cancel']),
})

/** The one switch: what would leave when it is turned, and what is to become of that. */
export function outboundRoutes(deps: ApiDeps): Api {
  const api = newApi()
  read(
    api,
    deps,
    {
      path: '/v1/outbound',
      tag: TAG,
      summary: 'What may leave, and what would when OUTBOUND is turned',
      answer: 'The switch, the decision that stands, and the messages due within a day.',
    },
    async ({ now }) => {
      const state = await outboundState(deps.store.db, now)
      return { body: outboundView(deps, state, await dueMessages(deps.store.db, now)) }
    },
  )
  write(
    api,
    deps,
    'post',
    {
      path: '/v1/outbound',
      tag: TAG,
      summary: 'Say what becomes of due messages when OUTBOUND is turned',
      description:
        '`shift` moves them, and all that follow, by a day; `skip` passes over the steps; `cancel` takes the decision back. It is carried out by the next start with that OUTBOUND, within a day.',
      body: DECISION,
      example: { to: 'live', due: 'shift' },
      answer: 'The switch as it stands then.',
    },
    async (trx, { body, who, now }) => {
      const due = body.due === 'cancel' ? null : body.due
      await decideTurn(trx, { to: body.to, due, who, at: now })
      const state = await outboundState(trx, now)
      return { body: outboundView(deps, state, await dueMessages(trx, now)) }
    },
  )
  return api
}

function outboundView(
  { config }: Pick<ApiDeps, 'config'>,
  { mode, decision }: OutboundTurn,
  { total, some }: Due,
) {
  return {
    outbound: config.outbound,
    turnedTo: mode,
    decision: decision && { ...decision, at: toIso(decision.at) },
    due: {
      total,
      some: some.map(({ at, ...rest }) => ({ ...rest, at: at === null ? null : toIso(at) })),
    },
  }
}
