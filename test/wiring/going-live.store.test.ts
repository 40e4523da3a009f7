import { beforeEach, describe, expect, it } from 'vitest'
import { DEFAULT_SETTINGS } from '../../src/domain/company/company.ts'
import type { LeadId } from '../../src/domain/ids.ts'
import { DAY_MS, HOUR_MS, instant, plus } from '../../src/domain/time.ts'
import { decideTurn, dueMessages, outboundState } from '../../src/leads/stops/turn-outbound.ts'
import { audit } from '../../src/store/company/audit.ts'
import { writeOutbound } from '../../src/store/company/outbound.ts'
import { writeSettings } from '../../src/store/company/settings.ts'
import { prepareOutbound, prepareToGoLive } from '../../src/wiring/going-live.ts'
import { forEachWorkbench, newPerson, type Workbench } from '../support/workbench.ts'

const REAL = {
  ...DEFAULT_SETTINGS,
  company: {
    ...DEFAULT_SETTINGS.company,
    name: 'Northwind LLC',
    brand: 'Northwind',
    postalAddress: '9 Quay Road, Portland, ME 04101',
    website: 'https://northwind.example',
    from: { name: 'Northwind', email: 'hello@northwind.example' },
  },
}

forEachWorkbench((_, opened) => {
  let bench: Workbench
  beforeEach(async () => {
    bench = opened()
    const { db } = bench.store
    await db.deleteFrom('settings').execute()
    await bench.store.transaction((trx) => writeSettings(trx, REAL, bench.clock.now))
    // What other tests left behind is not due any more.
    await db.updateTable('leads').set({ next_kind: 'bell', next_at: null }).execute()
  })

  /** A lead whose text is due now, by the real clock. */
  async function dueLead(): Promise<LeadId> {
    const leadId = await bench.post(newPerson(), { cadence: 'texts' })
    await bench.look(leadId)
    await bench.store.db
      .updateTable('leads')
      .set({ next_at: instant(Date.now()) })
      .where('id', '=', leadId)
      .execute()
    return leadId
  }
  const signalsOf = async (leadId: LeadId) =>
    (
      await bench.store.db
        .selectFrom('signals')
        .select('kind')
        .where('lead_id', '=', leadId)
        .where('via', '=', 'outbound')
        .execute()
    ).map(({ kind }) => kind)
  const goLive = (ask: Parameters<typeof prepareToGoLive>[2] = null) =>
    prepareToGoLive(bench.store, { OUTBOUND: 'live' }, ask)

  describe('turning the switch', () => {
    it('is refused while the company is the sample one', async () => {
      await bench.store.transaction((trx) => writeSettings(trx, DEFAULT_SETTINGS, bench.clock.now))
      await expect(goLive()).rejects.toMatchObject({ code: 'not_fit_to_go_live' })
    })

    it('is refused while nothing reads what answers emails, or the mailbox does not work', async () => {
      const live = {
        OUTBOUND: 'live',
        SMTP_URL: 'smtp://mail.example',
        PUBLIC_URL: 'https://go.northwind.example',
      } as const
      const { store } = bench
      await expect(prepareToGoLive(store, live)).rejects.toMatchObject({ code: 'no_way_in' })
      const dead = { ...live, IMAP_URL: 'imap://a:b@127.0.0.1:1' }
      await expect(prepareToGoLive(store, dead)).rejects.toMatchObject({ code: 'imap_unreachable' })
      expect((await outboundState(store.db, bench.clock.now)).mode).toBe('catch')
      for (const way of [
        { REPLIES_BY_EMAIL: 'elsewhere' as const },
        { POSTMARK_WEBHOOK_TOKEN: 'a-token-of-postmark' },
        { SES_TOPIC_ARNS: ['arn:aws:sns:eu-west-1:1:x'] },
      ]) {
        // Whatever else is to be decided, it is not the way in.
        const turned = prepareToGoLive(store, { ...live, ...way }, async () => 'skip')
        await expect(turned).resolves.toMatchObject({ ended: 0 })
        await prepareOutbound(store, { OUTBOUND: 'catch' })
      }
    })

    it('is refused while the links of emails would lead to this machine', async () => {
      const { store } = bench
      const way = { OUTBOUND: 'live', REPLIES_BY_EMAIL: 'elsewhere' } as const
      const own = [{ address: 'sam@northwind.example', url: 'smtps://mail.example' }]
      for (const mail of [{ SMTP_URL: 'smtps://mail.example' }, { SMTP_SENDERS: own }]) {
        const turned = prepareToGoLive(store, { ...way, ...mail }, async () => 'skip')
        await expect(turned).rejects.toMatchObject({ code: 'no_public_url' })
      }
      // Texts have none, and are polled.
      await expect(prepareToGoLive(store, way, async () => 'skip')).resolves.toMatchObject({
        ended: 0,
      })
    })

    it('is refused until somebody says what becomes of what is due, and changes nothing', async () => {
      const leadId = await dueLead()
      expect(await dueMessages(bench.store.db, instant(Date.now()))).toMatchObject({
        total: 1,
        some: [{ leadId, cadence: 'texts', step: 'text', channel: 'sms' }],
      })
      await expect(goLive()).rejects.toMatchObject({ code: 'due_messages_undecided' })
      await expect(goLive(async () => null)).rejects.toMatchObject({
        code: 'due_messages_undecided',
      })
      expect(await signalsOf(leadId)).toEqual([])
      expect((await outboundState(bench.store.db, bench.clock.now)).mode).toBe('catch')
    })

    it('shifts what is due by a day, once, and asks nobody the next time', async () => {
      const leadId = await dueLead()
      expect(await goLive(async () => 'shift')).toMatchObject({ moved: 1 })
      expect(await goLive()).toMatchObject({ moved: 0 })
      expect(await signalsOf(leadId)).toEqual(['hold'])
      const [hold] = await bench.store.db
        .selectFrom('holds')
        .select('until_at')
        .where('lead_id', '=', leadId)
        .execute()
      const ahead = (hold?.until_at ?? 0) - Date.now()
      expect(ahead).toBeGreaterThan(DAY_MS - HOUR_MS)
      expect(ahead).toBeLessThan(DAY_MS + 5 * HOUR_MS)
    })

    it('carries out what was decided in the console, with who decided it on record', async () => {
      const leadId = await dueLead()
      const at = instant(Date.now())
      await bench.store.transaction((trx) =>
        decideTurn(trx, { to: 'live', due: 'skip', who: 'console:sam', at }),
      )
      expect(await goLive()).toMatchObject({ moved: 1 })
      expect(await signalsOf(leadId)).toEqual(['skip'])
      expect((await bench.look(leadId)).next).toMatchObject({ touch: { stepId: 'more' } })
      const actions = await bench.store.db
        .selectFrom('audit_log')
        .select(['who', 'action'])
        .execute()
      expect(actions).toContainEqual({ who: 'console:sam', action: 'outbound_decided' })
    })

    it('forgets a decision that was taken back, was for another turn, or is old', async () => {
      await dueLead()
      const decide = (to: 'live' | 'allowlist', due: 'skip' | null, at = instant(Date.now())) =>
        bench.store.transaction((trx) => decideTurn(trx, { to, due, who: 'test', at }))
      await decide('allowlist', 'skip')
      await expect(goLive()).rejects.toMatchObject({ code: 'due_messages_undecided' })
      await decide('live', 'skip')
      await decide('live', null)
      await expect(goLive()).rejects.toMatchObject({ code: 'due_messages_undecided' })
      await decide('live', 'skip', plus(instant(Date.now()), -2 * DAY_MS))
      await expect(goLive()).rejects.toMatchObject({ code: 'due_messages_undecided' })
    })

    it('ends leads whose time was skipped, and counts none of them as due', async () => {
      const leadId = await dueLead()
      await bench.store.transaction((trx) =>
        audit(trx, {
          who: 'test',
          action: 'fast_forward',
          leadId,
          at: bench.clock.now,
          details: {},
        }),
      )
      expect(await goLive()).toMatchObject({ moved: 0 })
      expect(await bench.lead(leadId)).toMatchObject({ status: 'dead', dead_reason: 'spam' })
    })

    it('down and up again asks again', async () => {
      await dueLead()
      await goLive(async () => 'shift')
      await prepareOutbound(bench.store, { OUTBOUND: 'catch' })
      await dueLead()
      await expect(goLive()).rejects.toMatchObject({ code: 'due_messages_undecided' })
      const live = { mode: 'live', since: null, decision: null } as const
      await bench.store.transaction((trx) => writeOutbound(trx, live, bench.clock.now))
      await prepareToGoLive(bench.store, { OUTBOUND: 'allowlist' })
    })
  })
})
