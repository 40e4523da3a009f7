import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseCadenceSet } from '../../src/domain/cadence/file/set.ts'
import { id, type LeadId } from '../../src/domain/ids.ts'
import { instant } from '../../src/domain/time.ts'
import { publish } from '../../src/leads/publishing/publish.ts'
import { putWebhook } from '../../src/leads/telling/webhooks.ts'
import { addDelivery, deliveriesOf, settleDelivery } from '../../src/store/company/webhooks.ts'
import { type ConsoleLab, openConsole, Visitor } from './setup.ts'

let lab: ConsoleLab
let visitor: Visitor
let leadId: LeadId
const now = () => instant(Date.now())
const ALL = { state: null, after: null, limit: 100 }

beforeAll(async () => {
  lab = await openConsole()
  visitor = new Visitor(lab.app)
  await visitor.logIn(lab.key.key)
  leadId = await lab.addLead({ email: 'ada@example.com' }, { cadence: 'new-lead' })
})
afterAll(() => lab.close())

async function page(path: string): Promise<string> {
  const response = await visitor.get(path)
  expect(response.status).toBe(200)
  return response.text()
}

/** Tells the endpoint of the lead, by a step of this name. */
async function tell(step: string): Promise<void> {
  const lead = await lab.store.db
    .selectFrom('leads')
    .select('episode_id')
    .where('id', '=', leadId)
    .executeTakeFirstOrThrow()
  await lab.store.transaction((trx) =>
    addDelivery(trx, {
      webhook: 'crm',
      lead_id: leadId,
      episode_id: lead.episode_id ?? id(''),
      step_id: step,
      visit: 1,
      happened_at: now(),
      at: now(),
    }),
  )
}

describe('the page of webhooks', () => {
  it('says how one is added when there is none', async () => {
    expect(await page('/webhooks')).toContain('PUT /v1/webhooks/NAME')
    expect((await visitor.get('/webhooks/crm')).status).toBe(404)
  })

  it('lists endpoints with what they get and how their deliveries stand, and no secret', async () => {
    const { secret } = await lab.store.transaction((trx) =>
      putWebhook(trx, 'crm', { url: 'https://crm.acme.example/in' }, { who: 'test', at: now() }),
    )
    await tell('first')
    await tell('second')
    const [row] = await deliveriesOf(lab.store.db, 'crm', ALL)
    await settleDelivery(lab.store.db, row?.id ?? '', {
      state: 'failed',
      at: now(),
      status: 503,
      because: 'the receiver answered 503',
    })
    const list = await page('/webhooks')
    expect(list).toContain('crm.acme.example')
    expect(list).toContain('ids only')
    expect(list).toContain('1 due, 1 failed')
    expect(secret).toMatch(/^[0-9a-f]{64}$/)
    expect(list).not.toContain(secret)
  })

  it('shows what an endpoint was told, and tries again what failed', async () => {
    const all = await page('/webhooks/crm')
    expect(all.match(/>the lead</g)).toHaveLength(2)
    const failed = await page('/webhooks/crm?state=failed')
    expect(failed).toContain('the receiver answered 503')
    expect(failed.match(/>the lead</g)).toHaveLength(1)

    const delivery = /name="delivery" value="([^"]+)"/.exec(failed)?.[1] ?? ''
    const sent = await visitor.post('/webhooks/crm/retry', { delivery })
    expect(sent.headers.get('Location')).toBe('/webhooks/crm')
    expect(await page('/webhooks/crm')).toContain('It is tried again')
    const states = (await deliveriesOf(lab.store.db, 'crm', ALL)).map(({ state }) => state)
    expect(states).toEqual(['due', 'due'])

    await visitor.post('/webhooks/crm/retry', { delivery: 'nothing' })
    expect(await page('/webhooks/crm')).toContain('No delivery of this id waits or has failed.')
  })

  it('names the steps that tell an endpoint which is not there', async () => {
    expect(await page('/webhooks')).not.toContain('nobody hears of it')
    const text =
      'name: teller\ntitle: Teller\npurpose: nurture\nsteps:\n  - { id: tell, webhook: { to: erp } }\nend: { dead: unresponsive }\n'
    const set = parseCadenceSet([{ path: 'cadences/teller.yaml', text }])
    if (!set.ok) throw new Error(JSON.stringify(set.problems))
    await lab.store.transaction((trx) => publish(trx, set, 'test', now()))
    const list = await page('/webhooks')
    expect(list).toContain('nobody hears of it')
    expect(list).toContain('PUT /v1/webhooks/erp')
  })
})
