import { z } from 'zod'
import { CHANNELS } from '../../domain/policy/types.ts'
import { invalidField } from '../../leads/intake.ts'
import { liftSender } from '../../leads/stops/senders.ts'
import type { ApiDeps } from '../deps.ts'
import { type Api, newApi } from '../operation.ts'

const channelSchema = z.enum(CHANNELS)

/** Halted senders: a fault of ours stopped a channel for everybody until somebody mends it. */
export function senderRoutes(deps: ApiDeps): Api {
  const api = newApi()
  api.openAPIRegistry.registerPath({
    method: 'post',
    path: '/v1/senders/{channel}/lift',
    tags: ['Operations'],
    summary: 'Let a halted sender send again',
    description: 'Wakes the leads that waited for it, some at a time.',
    security: [{ key: [] }],
    request: { params: z.object({ channel: channelSchema }) },
    responses: {
      200: {
        description: 'Whether it was halted.',
        content: { 'application/json': { schema: z.object({ lifted: z.boolean() }) } },
      },
    },
  })
  api.post('/v1/senders/:channel/lift', async (c) => {
    const channel = channelSchema.safeParse(c.req.param('channel'))
    if (!channel.success) {
      throw invalidField('channel', 'There is no such channel.', 'Write email or sms.')
    }
    const lifted = await liftSender(deps, channel.data, `api:${c.var.caller.name}`)
    return c.json({ lifted })
  })
  return api
}
