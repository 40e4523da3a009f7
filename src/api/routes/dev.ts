import { Hono } from 'hono'
import { z } from 'zod'
import { parseDuration } from '../../domain/cadence/duration.ts'
import { invalidField, noSuchLead, Refusal } from '../../leads/intake.ts'
import { viewLead } from '../../leads/views/view.ts'
import { findLead } from '../../store/leads.ts'
import type { ApiDeps, LocalTools } from '../deps.ts'
import { type ApiEnv, jsonOf } from '../operation.ts'
import { leadIdOf } from '../schemas/common.ts'
import { validated } from '../validate.ts'

const fastForwardSchema = z.strictObject({ by: z.string().max(50) })

/** What only the embedded mode has, while nothing leaves the machine. */
export function devRoutes(deps: ApiDeps, local: LocalTools): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>()
  app.post('/dev/leads/:id/fast-forward', async (c) => {
    const { by } = validated(fastForwardSchema, await jsonOf(c))
    const leadId = leadIdOf(c.req.param('id'))
    if ((await findLead(deps.store.db, leadId)) === null) throw noSuchLead()
    const done = await local.fastForward(leadId, spanOf(by))
    if (done.kind === 'refused') {
      throw new Refusal(409, 'cannot_fast_forward', done.because, done.fix)
    }
    const lead = await findLead(deps.store.db, leadId)
    if (lead === null) throw noSuchLead()
    return c.json({ lead: await viewLead(deps.store.db, lead) })
  })
  app.route('/dev', local.routes)
  return app
}

function spanOf(by: string): { ms: number } | 'next-touch' {
  if (by === 'next-touch') return by
  const ms = parseDuration(by)
  if (ms !== null && ms > 0) return { ms }
  throw invalidField('by', 'It says no span of time.', 'Write "30d", "12h" or "next-touch".')
}
