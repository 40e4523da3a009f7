import pino from 'pino'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { twilioChannel } from '../../src/channels/sms/twilio.ts'
import { twilioInbox } from '../../src/channels/sms/twilio-inbox.ts'
import { instant } from '../../src/domain/time.ts'
import { type Catchers, startCatchers } from '../../src/local/catchers.ts'
import { createTextInboxLoop } from '../../src/wiring/text-inbox.ts'
import { ACCOUNT, smsConfig } from '../channels/sms/sample.ts'
import { until } from '../support/until.ts'
import { forEachWorkbench, newPerson, noDoorbell, type Workbench } from '../support/workbench.ts'

forEachWorkbench((_, opened) => {
  let bench: Workbench
  // An account of its own, which has nowhere to post to.
  let catchers: Catchers
  beforeAll(async () => {
    catchers = await startCatchers({ account: ACCOUNT, gapMs: 1 })
  })
  afterAll(() => catchers.close())
  beforeEach(async () => {
    bench = opened()
    await bench.store.db.deleteFrom('settings').execute()
  })

  const config = () => smsConfig(catchers.sms.baseUrl, { statusCallbackUrl: null })
  const loop = () =>
    createTextInboxLoop({
      intake: {
        store: bench.store,
        hashKeys: bench.hashKeys,
        doorbell: noDoorbell,
        now: () => instant(Date.now()),
      },
      ledgerKey: bench.deps.ledgerKey,
      inbox: twilioInbox(config()),
      sms: twilioChannel(config()),
      log: pino({ level: 'silent' }),
      everyMs: 20,
    })
  const repliesOf = async (leadId: string) =>
    (
      await bench.store.db
        .selectFrom('signals')
        .select(['kind', 'payload'])
        .where('lead_id', '=', leadId as never)
        .where('kind', 'in', ['reply', 'opt_out'])
        .orderBy('seq')
        .execute()
    ).map(({ kind, payload }) => [kind, payload.text ?? payload.words])

  describe('where Twilio cannot call us', () => {
    it('texts that come in are fetched, each once, also by a second process', async () => {
      const person = newPerson()
      const leadId = await bench.post(person, { cadence: 'texts' })
      await catchers.text(person.phone, 'Who is this?')
      const loops = [loop(), loop()]
      for (const each of loops) each.start()
      await until(async () => (await repliesOf(leadId)).length === 1)
      await catchers.text(person.phone, 'STOP')
      await until(async () => (await repliesOf(leadId)).length === 2)
      await catchers.text(person.phone, 'Hello?')
      await until(async () => (await repliesOf(leadId)).length === 3)
      for (const each of loops) await each.stop()
      expect(await repliesOf(leadId)).toEqual([
        ['reply', 'Who is this?'],
        ['opt_out', 'STOP'],
        ['reply', 'Hello?'],
      ])
    })

    it('a keyword of a number that nobody knows is answered, once, and heard', async () => {
      const { phone } = newPerson()
      await catchers.text(phone, 'opt out')
      const loops = [loop(), loop()]
      for (const each of loops) each.start()
      const answers = () => catchers.outbox.list({ channel: 'sms', to: phone }).items
      await until(() => answers().length > 0)
      await catchers.text(phone, 'HELP')
      await until(() => answers().length > 1)
      for (const each of loops) await each.stop()
      expect(answers().map(({ text }) => text)).toEqual([
        expect.stringContaining('no more texts'),
        expect.stringContaining('for help'),
      ])
      const notes = await bench.store.db.selectFrom('receipts').select('note').execute()
      expect(notes).toContainEqual({ note: 'answer: accepted' })
      const leadId = await bench.post({ ...newPerson(), phone }, { cadence: 'texts' })
      expect((await bench.look(leadId)).next).not.toMatchObject({ do: 'touch' })
    })

    it('Twilio is asked what became of a text, and settles it', async () => {
      bench.clock.wallAheadMs = 0
      const person = newPerson()
      const leadId = await bench.post(person, { cadence: 'texts' })
      await bench.touch(leadId, await bench.look(leadId))
      const sent = await twilioChannel(config()).send(
        { touch: 'x' as never, to: person.phone, body: 'Hello' },
        { deadlineMs: 5_000 },
      )
      const [touch] = await bench.touches(leadId)
      const providerId = sent.kind === 'accepted' ? sent.providerId : ''
      await bench.store.db
        .updateTable('touches')
        .set({ provider_id: providerId, state: 'sent' })
        .where('id', '=', touch?.id as never)
        .execute()
      const one = loop()
      one.start()
      await until(async () => (await bench.touches(leadId))[0]?.state === 'delivered')
      await one.stop()
    })
  })
})
