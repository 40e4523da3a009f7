import { beforeEach, describe, expect, it } from 'vitest'
import type { LeadId } from '../../src/domain/ids.ts'
import { plus, SECOND_MS } from '../../src/domain/time.ts'
import { evidencePack } from '../../src/leads/evidence/evidence-pack.ts'
import { evidencePage } from '../../src/leads/evidence/evidence-page.ts'
import { json } from '../../src/store/json.ts'
import { forEachWorkbench, newPerson, type Workbench } from '../support/workbench.ts'

forEachWorkbench((_, opened) => {
  let bench: Workbench
  beforeEach(() => {
    bench = opened()
  })
  const packOf = async (leadId: LeadId) =>
    evidencePack(bench.store, await bench.lead(leadId), [bench.deps.ledgerKey], bench.clock.now)
  const STOP = {
    kind: 'opt_out',
    payload: { channel: 'sms', how: 'text STOP', words: 'STOP' },
  } as const

  describe('an evidence pack', () => {
    it('tells consents, decisions, messages, answers, stops and a sound chain', async () => {
      const leadId = await bench.post(newPerson({ firstName: '<script>alert(1)</script>' }))
      await bench.touch(leadId, await bench.touch(leadId, await bench.look(leadId)))
      bench.clock.now = plus(bench.clock.now, SECOND_MS)
      await bench.signal(leadId, STOP)
      const pack = await packOf(leadId)
      expect(pack.consents).toMatchObject([
        { channel: 'sms', basis: 'express_written', disclosure: 'web-2026-03', byLead: true },
      ])
      expect(pack.touches).toMatchObject([
        { channel: 'email', step: 'first', state: 'sent', content: { subject: 'First' } },
        { channel: 'sms', step: 'text', state: 'sent' },
      ])
      for (const touch of pack.touches) {
        expect(touch.meaning).toContain('no report says whether it was delivered')
        expect(touch.content).toMatchObject({ asRecorded: true })
        expect(touch.content.sha256).toMatch(/^[0-9a-f]{64}$/)
        expect(touch.answers).toMatchObject([{ state: 'sent' }])
        expect(touch.decision).toMatchObject({
          verdict: 'allowed',
          local: 'Tue 24 Nov 12:00 New York',
        })
        expect(touch.decision?.words).toMatch(/^Yes, now\./)
        expect(touch.decision?.rules.map(({ rule }) => rule)).toContain('frequency_caps')
      }
      expect(pack.touches[1]?.providerId).toMatch(/^SM/)
      expect(pack.stops).toMatchObject([{ channel: 'sms', how: 'text STOP', sentAfter: 0 }])
      expect(pack.chain).toMatchObject({ sound: true, faults: [], erased: 0 })
      expect(pack.chain.rows).toHaveLength(pack.chain.entries)

      const page = String(await evidencePage(pack))
      expect(page).toContain('&lt;script&gt;alert(1)')
      expect(page).not.toContain('<script')
      expect(page).not.toMatch(/(src|href)=/)
      expect(page).toContain('Sound: all')
    })

    it('says when a word, or the message itself, is not what was recorded', async () => {
      const leadId = await bench.post()
      await bench.touch(leadId, await bench.look(leadId))
      const of = { leadId }
      await bench.store.db
        .updateTable('touches')
        .set({ text: 'another' })
        .where('lead_id', '=', of.leadId)
        .execute()
      expect((await packOf(leadId)).touches[0]?.content.asRecorded).toBe(false)
      await bench.store.db
        .updateTable('ledger_entries')
        .set({ meta: json({}) })
        .where('lead_id', '=', leadId)
        .where('seq', '=', 1)
        .execute()
      const pack = await packOf(leadId)
      expect(pack.chain).toMatchObject({ sound: false, faults: [{ seq: 1, kind: 'edited' }] })
      expect(String(await evidencePage(pack))).toContain('NOT as recorded')
    })

    it('of an erased lead shows hashes only, which still hold', async () => {
      const leadId = await bench.post()
      const { email, phone } = (await packOf(leadId)).lead.contactPoints.reduce(
        (all, { kind, value }) => ({ ...all, [kind]: value }),
        { email: '?', phone: '?' },
      )
      await bench.touch(leadId, await bench.look(leadId))
      await bench.signal(leadId, { kind: 'erase', payload: {} })
      await bench.look(leadId)
      const pack = await packOf(leadId)
      expect(pack.lead).toMatchObject({ erased: true, contactPoints: [] })
      expect(pack.lead.contactHashes).toHaveLength(1)
      expect(pack.consents).toEqual([])
      expect(pack.touches[0]?.content).toMatchObject({ text: null, sha256: null })
      expect(pack.touches[0]?.content.ledgerHash).toBeTypeOf('string')
      // All but the entry of the erasure itself.
      expect(pack.chain).toMatchObject({ sound: true, entries: 5, erased: 4 })
      const all = JSON.stringify(pack) + String(await evidencePage(pack))
      for (const personal of [email, phone, 'Hi Ada', 'Quillfeather']) {
        expect(all).not.toContain(personal)
      }
    })
  })
})
