import { Hono } from 'hono'
import { id, type LeadId } from '../../domain/ids.ts'
import { type EvidencePack, evidencePack } from '../../leads/evidence/evidence-pack.ts'
import { evidencePage } from '../../leads/evidence/evidence-page.ts'
import { findLead } from '../../store/leads.ts'
import type { Inside } from '../inside.ts'
import { PRINTED_POLICY } from '../security.ts'
import type { ConsoleEnv } from '../view.ts'

/** The evidence pack of a lead, as a page to print and as JSON to hand over. */
export function evidenceRoutes({ deps }: Inside): Hono<ConsoleEnv> {
  const app = new Hono<ConsoleEnv>()

  const packOf = async (leadId: string): Promise<EvidencePack | null> => {
    const lead = await findLead(deps.store.db, id<LeadId>(leadId))
    return lead && evidencePack(deps.store, lead, deps.ledgerKeys, deps.now())
  }

  app.get('/leads/:id/evidence', async (c) => {
    const pack = await packOf(c.req.param('id'))
    if (pack === null) return c.notFound()
    c.header('Content-Security-Policy', PRINTED_POLICY)
    return c.html(evidencePage(pack))
  })

  app.get('/leads/:id/evidence.json', async (c) => {
    const pack = await packOf(c.req.param('id'))
    if (pack === null) return c.notFound()
    c.header('Content-Type', 'application/json; charset=utf-8')
    c.header('Content-Disposition', `attachment; filename="evidence-${pack.lead.id}.json"`)
    return c.body(`${JSON.stringify(pack, null, 2)}\n`)
  })

  return app
}
