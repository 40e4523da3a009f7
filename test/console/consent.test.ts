import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { instant } from '../../src/domain/time.ts'
import { suppressHash } from '../../src/leads/stops.ts'
import { beginDncList, finishDncList } from '../../src/store/people/dnc.ts'
import { type ConsoleLab, openConsole, Visitor } from './setup.ts'

let lab: ConsoleLab
let visitor: Visitor
beforeAll(async () => {
  lab = await openConsole()
  visitor = new Visitor(lab.app)
  await visitor.logIn(lab.key.key)
})
afterAll(() => lab.close())

const page = async () => (await visitor.get('/consent')).text()
const audited = async (action: string) =>
  lab.store.db
    .selectFrom('audit_log')
    .select(['who', 'details'])
    .where('action', '=', action)
    .execute()

describe('the consent page', () => {
  it('says what is missing while nothing is there', async () => {
    const shown = await page()
    expect(shown).toContain('None is defined.')
    expect(shown).toContain('Nobody has said stop.')
    expect(shown).toContain('No national do-not-call list is loaded: it counts as not asked.')
    expect(shown).not.toContain('Let a source vouch')
  })

  it('defines a disclosure, then its next version, and shows both as they were written', async () => {
    const define = (text: string, since = '') =>
      visitor.post('/consent/disclosures', { id: 'web-1', channel: 'sms', text, since })
    await define('I agree to <texts>.', '2026-01-01')
    expect(await page()).toContain('Version 1 of web-1 is defined.')
    await define('I agree to texts & calls.')
    const shown = await page()
    expect(shown).toContain('Version 2 of web-1 is defined.')
    expect(shown).toContain('I agree to &lt;texts&gt;.')
    expect(shown).toContain('I agree to texts &amp; calls.')
    // The company's own day, not that of Greenwich.
    expect(shown).toContain('Thu 1 Jan 2026')
    expect(await audited('define_disclosure')).toMatchObject([
      { who: 'console:first key', details: { version: 1 } },
      { who: 'console:first key', details: { version: 2 } },
    ])
    await define('')
    expect(await page()).toContain('The form is not complete.')
    await define('Other words', '2025-01-01')
    expect(await page()).toContain('The version before it was shown from a later day on.')
  })

  it('lets a source vouch for its leads, and takes that back', async () => {
    const attest = (more: Record<string, string> = {}) =>
      visitor.post('/consent/attestations', {
        source: 'partner <x>',
        disclosure: 'sms web-1',
        from: '2026-01-01',
        until: '',
        because: 'contract of May',
        ...more,
      })
    await attest({ until: '2025-01-01' })
    expect(await page()).toContain('It does not lie after')
    await attest({ from: '' })
    expect(await page()).toContain('The form is not complete.')
    await attest()
    const shown = await page()
    expect(shown).toContain('vouches for its leads now.')
    expect(shown).toContain('<strong>partner &lt;x&gt;</strong>')
    expect(shown).toContain('Leads that came from Thu 1 Jan 2026 on. contract of May')
    const [, id] = /attestations\/(attestation_[^/]+)\/withdraw/.exec(shown) ?? []
    await visitor.post(`/consent/attestations/${id}/withdraw`, {})
    expect(await page()).toContain('withdrawn by console:first key')
    expect(await audited('attest_consent')).toHaveLength(1)
    expect(await audited('withdraw_attestation')).toHaveLength(1)
    await visitor.post(`/consent/attestations/${id}/withdraw`, {})
    expect(await page()).toContain('No attestation in force has this id.')
  })

  it('counts who is never written to, and says when the do-not-call list is too old', async () => {
    const { db } = lab.store
    const at = instant(Date.now())
    await lab.store.transaction((trx) => suppressHash(trx, 'hash', 'all', 'opt_out', at, 'letter'))
    const asOf = instant(Date.now() - 40 * 86_400_000)
    const list = await beginDncList(db, { asOf, by: 'test', at })
    await finishDncList(db, list, { areaCodes: ['212'], numbers: 7, at })
    const shown = await page()
    expect(shown).toContain('with 7 numbers; it is too old and counts as not asked')
    expect(shown).toContain('<strong>1</strong> on every channel, opt out')
  })

  it('is for nobody who has not logged in, and takes no form without its token', async () => {
    const stranger = new Visitor(lab.app)
    expect(await (await stranger.get('/consent')).text()).toContain('Log in')
    const fields = { id: 'forged-1', channel: 'sms', text: 'x', since: '' }
    expect((await visitor.post('/consent/disclosures', fields, 'forged')).status).toBe(403)
    expect(await page()).not.toContain('forged-1')
  })
})
