import { once } from 'node:events'
import type { Server } from 'node:http'
import { parseArgs } from 'node:util'
import { createAdaptorServer } from '@hono/node-server'
import { Hono } from 'hono'
import { z } from 'zod'
import { catcherRoutes } from './catcher-routes.ts'
import { startCatchers } from './catchers.ts'
import { wordsOf } from './zod-words.ts'

// The catchers as a process of their own, for a development set-up of several processes and for
// tests that kill the one that sends. Prints one JSON line with its addresses once it is ready.
//
//   catchers-main [--smtp-port N] [--sms-port N] [--control-port N] [--folder DIR]
//                 [--inbound-sms-url URL] [--until-stdin-ends]

const port = z.coerce.number().int().min(0).max(65_535).default(0)
const { values } = parseArgs({
  options: {
    'smtp-port': { type: 'string' },
    'sms-port': { type: 'string' },
    'control-port': { type: 'string' },
    folder: { type: 'string' },
    'inbound-sms-url': { type: 'string' },
    'until-stdin-ends': { type: 'boolean' },
  },
})
const settings = z
  .object({
    'smtp-port': port,
    'sms-port': port,
    'control-port': port,
    folder: z.string().optional(),
    'inbound-sms-url': z.url().optional(),
  })
  .parse(values)

const catchers = await startCatchers({
  smtpPort: settings['smtp-port'],
  smsPort: settings['sms-port'],
  ...(settings.folder !== undefined && { folder: settings.folder }),
})
const inboundUrl = settings['inbound-sms-url']
if (inboundUrl !== undefined) catchers.route({ inboundSmsUrl: inboundUrl })

const routesSchema = z.object({ inboundSmsUrl: z.url() })
const app = new Hono()
app.put('/routes', async (c) => {
  const routes = routesSchema.safeParse(await c.req.json().catch(() => null))
  if (!routes.success) return c.json({ detail: wordsOf(routes.error) }, 422)
  catchers.route(routes.data)
  return c.json({ status: 'set' })
})
app.route('/', catcherRoutes(catchers))

const control = createAdaptorServer({ fetch: app.fetch }) as Server
control.listen(settings['control-port'], '127.0.0.1')
await once(control, 'listening')
const address = control.address()

process.stdout.write(
  `${JSON.stringify({
    smtpPort: catchers.smtp.port,
    smsUrl: catchers.sms.baseUrl,
    controlUrl: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
  })}\n`,
)

const stop = () => {
  process.stdin.destroy()
  control.close()
  control.closeAllConnections()
  void catchers.close()
}
process.once('SIGINT', stop)
process.once('SIGTERM', stop)
// For one that must not outlive its parent, however that ends: the parent holds the input open.
if (values['until-stdin-ends']) process.stdin.resume().once('end', stop)
