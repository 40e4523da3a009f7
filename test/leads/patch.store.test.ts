import { beforeEach, expect, it } from 'vitest'
import type { LeadId } from '../../src/domain/ids.ts'
import type { LeadInput } from '../../src/leads/incoming/lead-fields.ts'
import { patchKnownLead } from '../../src/leads/incoming/patch.ts'
import { forEachWorkbench, newPerson, type Workbench } from '../support/workbench.ts'

/** One change each of what a condition of a cadence may ask. */
const ASKED: readonly LeadInput[] = [
  { firstName: 'Grace' },
  { lastName: 'Hopper' },
  { company: 'Acme' },
  { language: 'es' },
  { source: 'partner' },
  { owner: 'sam@acme.example' },
  { tags: ['trial'] },
  { attributes: { plan: 'pro' } },
  { cost: { amount: '12.50', currency: 'USD' } },
  { state: 'CA' },
  { zip: '94103' },
  { timezone: 'America/Los_Angeles' },
]

forEachWorkbench((_, opened) => {
  let bench: Workbench
  beforeEach(() => {
    bench = opened()
  })

  /** Whether the change made the lead's plan stale, so that its workflow is rung. */
  const wakes = async (leadId: LeadId, change: LeadInput): Promise<boolean> => {
    const { hashKeys, rules, clock } = bench
    const context = { hashKeys, rules, via: 'test', receivedAt: clock.now }
    const patched = await bench.store.transaction((trx) =>
      patchKnownLead(trx, leadId, change, context),
    )
    return patched.ring !== null
  }

  it.each(ASKED)('a change of %j wakes the lead, and the same again does not', async (change) => {
    const leadId = await bench.post(newPerson(), { cadence: 'new-lead' })
    await bench.look(leadId)
    expect(await wakes(leadId, change)).toBe(true)
    expect(await wakes(leadId, change)).toBe(false)
  })

  it('another currency of the same amount is another price', async () => {
    const cost = { amount: '12.50', currency: 'USD' }
    const leadId = await bench.post({ ...newPerson(), cost }, { cadence: 'new-lead' })
    await bench.look(leadId)
    expect(await wakes(leadId, { cost: { ...cost, currency: 'CAD' } })).toBe(true)
  })

  it('what no condition can ask wakes nobody', async () => {
    const leadId = await bench.post(newPerson(), { cadence: 'new-lead' })
    await bench.look(leadId)
    expect(await wakes(leadId, { externalId: `crm-${leadId}` })).toBe(false)
  })
})
