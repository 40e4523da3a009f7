import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LeadId } from '../../src/domain/ids.ts'
import { instant } from '../../src/domain/time.ts'
import { addQueued } from '../../src/store/work/queue.ts'
import { type ConsoleLab, openConsole, Visitor } from './setup.ts'

let lab: ConsoleLab
let visitor: Visitor
let leadId: LeadId
beforeAll(async () => {
  lab = await openConsole()
  visitor = new Visitor(lab.app)
  await visitor.logIn(lab.key.key)
  leadId = await lab.addLead({ firstName: 'Ada', email: 'ada@example.com', source: 'fair' })
  await lab.addLead({ firstName: 'Bea', email: 'bea@example.com', source: 'fair' })
})
afterAll(() => lab.close())

const page = async (path: string) => (await visitor.get(path)).text()

describe('many leads', () => {
  const fields = { whomSource: 'fair', kind: 'pause', because: 'x', paceCount: '60' }

  it('are shown before anything happens, then dealt with, watched and stopped', async () => {
    const preview = await (await visitor.post('/bulk/preview', fields)).text()
    expect(preview).toContain('2 leads')
    expect(preview).toContain('>Ada')
    expect(preview).toContain('name="expected" value="2"')
    expect(await page('/bulk')).toContain('Nothing was done to many leads yet')
    await visitor.post('/bulk', { ...fields, expected: '2' })
    const shown = await page('/bulk')
    expect(shown).toContain('It has begun: 2 leads')
    expect(shown).toContain('leads with source fair')
    const [, bulkId] = /\/bulk\/(bulk_[^/]+)\/pause/.exec(shown) ?? []
    await visitor.post(`/bulk/${bulkId}/pause`, {})
    expect(await page('/bulk')).toContain(`/bulk/${bulkId}/resume`)
    await visitor.post(`/bulk/${bulkId}/cancel`, {})
    expect(await page('/bulk')).toContain('cancelled')
  })

  it('are not everybody by mistake', async () => {
    await visitor.post('/bulk/preview', { kind: 'skip' })
    expect(await page('/bulk')).toContain('It names nobody in particular')
  })
})

describe('a cadence', () => {
  it('is paused with one button, and goes on in the mode that is chosen', async () => {
    await visitor.post('/cadences/new-lead/pause', { because: 'the <b>prices</b>' })
    const paused = await page('/cadences/new-lead/pause')
    expect(paused).toContain('the &lt;b&gt;prices&lt;/b&gt;')
    expect(paused).toContain('value="skip-overdue"')
    expect(await page('/cadences')).toContain('Let it go on')
    expect(await page(`/leads/${leadId}`)).toContain('cadence paused')
    await visitor.post('/cadences/new-lead/resume', { mode: 'send-one' })
    expect(await page('/bulk')).toContain('2 leads are planned anew')
  })
})

describe('a lead', () => {
  it('is resumed in a mode whose effect is told, and shows what waits behind its cadence', async () => {
    await visitor.post(`/leads/${leadId}/act`, { kind: 'pause' })
    expect(await page(`/leads/${leadId}`)).toContain('All times move by as long')
    await visitor.post(`/leads/${leadId}/act`, { kind: 'resume', mode: 'skip-overdue' })
    const now = instant(Date.now())
    const cadence = 'sunset'
    await lab.store.transaction((trx) =>
      addQueued(trx, {
        lead_id: leadId,
        cadence_name: cadence,
        priority: 50,
        begun_by: 'api',
        by: 'test',
        at: now,
      }),
    )
    const shown = await page(`/leads/${leadId}`)
    expect(shown).toContain(`Then: <strong>${cadence}</strong>`)
    const [, path] = new RegExp(`action="(/leads/${leadId}/queue/[^"]+)"`).exec(shown) ?? []
    await visitor.post(path ?? '', {})
    expect(await page(`/leads/${leadId}`)).not.toContain('Then: <strong>')
  })
})
