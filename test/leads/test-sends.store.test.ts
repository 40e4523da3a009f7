import pino from 'pino'
import { beforeEach, describe, expect, it } from 'vitest'
import { CHANNELS, type Channel } from '../../src/domain/policy/types.ts'
import { MINUTE_MS, plus } from '../../src/domain/time.ts'
import { askTestSend } from '../../src/leads/messages/test-sends.ts'
import { suppressHash } from '../../src/leads/stops.ts'
import { findTestSend } from '../../src/store/channels/test-sends.ts'
import { addStop, haltSends } from '../../src/store/company/emergency-stops.ts'
import { createTestSendsLoop } from '../../src/wiring/test-sends.ts'
import { until } from '../support/until.ts'
import { forEachWorkbench, newPerson, type Workbench } from '../support/workbench.ts'

const ADA = { firstName: 'Ada', lastName: null, company: null, owner: null, attributes: {} }

forEachWorkbench((_, opened) => {
  let bench: Workbench
  beforeEach(async () => {
    bench = opened()
    await bench.store.db.deleteFrom('test_sends').execute()
  })

  const ask = (step: string, to: string, channels: readonly Channel[] = CHANNELS) =>
    bench.store.transaction((trx) =>
      askTestSend(
        trx,
        { cadence: 'drip', step, to, lead: ADA },
        {
          hashKeys: bench.hashKeys,
          rules: bench.rules,
          channels,
          publicUrl: 'http://127.0.0.1:7400',
          who: 'test',
          now: bench.clock.now,
        },
      ),
    )
  /** Hands over everything that waits. */
  async function handOver(): Promise<void> {
    const loop = createTestSendsLoop({
      intake: { store: bench.store, now: () => bench.clock.now },
      email: bench.deps.email,
      sms: bench.deps.sms,
      settings: bench.deps.settings,
      log: pino({ level: 'silent' }),
      everyMs: 20,
    })
    loop.start()
    await until(
      async () => {
        const open = await bench.store.db
          .selectFrom('test_sends')
          .select('id')
          .where('state', 'in', ['due', 'sending'])
          .execute()
        return open.length === 0
      },
      { what: 'the tests to be handed over' },
    )
    await loop.stop()
  }
  const stateOf = async (id: string) => await findTestSend(bench.store.db, id)

  describe('a test to oneself', () => {
    it('leaves by the real channel, marked, once, and touches no lead', async () => {
      const { email, phone } = newPerson()
      const mail = await ask('first', email)
      const text = await ask('text', phone)
      await handOver()
      expect(await stateOf(mail.id)).toMatchObject({ state: 'sent', because: null })
      expect(await stateOf(text.id)).toMatchObject({ state: 'sent', because: null })
      const [sent, ...more] = bench.mails('email')
      expect(sent?.subject).toMatch(/^\[Test\] ./)
      expect(sent?.to).toBe(email)
      expect(more).toEqual([])
      expect(bench.mails('sms').map(({ text: words }) => words)).toEqual([
        expect.stringMatching(/^\[Test\] /),
      ])
      const touches = await bench.store.db
        .selectFrom('touches')
        .select('id')
        .where('contact_hash', 'in', [mail.contact_hash, text.contact_hash])
        .execute()
      expect(touches).toEqual([])
    })

    it('is refused for who has asked to stop, at night, and where there is no provider', async () => {
      const { email, phone } = newPerson()
      const { contact_hash: hash } = await ask('text', phone)
      await bench.store.db.deleteFrom('test_sends').execute()
      bench.clock.now = plus(bench.clock.now, 12 * 60 * MINUTE_MS)
      await expect(ask('text', phone)).rejects.toMatchObject({ status: 422, code: 'not_allowed' })
      bench.clock.now = plus(bench.clock.now, 12 * 60 * MINUTE_MS)
      await bench.store.transaction((trx) =>
        suppressHash(trx, hash, 'sms', 'opt_out', bench.clock.now, 'text STOP'),
      )
      await expect(ask('text', phone)).rejects.toMatchObject({
        code: 'not_allowed',
        message: expect.stringMatching(/opted out|stop/i),
      })
      await expect(ask('first', email, ['sms'])).rejects.toMatchObject({
        code: 'channel_not_configured',
      })
      expect(bench.mails()).toEqual([])
    })

    it('names what is wrong: the cadence, the step, the recipient', async () => {
      const { email } = newPerson()
      await expect(ask('frist', email)).rejects.toMatchObject({
        status: 422,
        fix: expect.stringContaining('first'),
      })
      await expect(ask('text', email)).rejects.toMatchObject({ status: 422 })
      await expect(ask('first', 'nobody')).rejects.toMatchObject({ status: 422 })
    })

    it('is asked of the policy again as it leaves', async () => {
      const { email } = newPerson()
      const test = await ask('first', email)
      await bench.store.transaction(async (trx) => {
        await haltSends(trx)
        await addStop(trx, {
          scope: 'global',
          key: null,
          because: 'a wrong price',
          by: 'test',
          at: bench.clock.now,
        })
      })
      await handOver()
      expect(await stateOf(test.id)).toMatchObject({ state: 'failed' })
      expect(bench.mails()).toEqual([])
    })

    it('that was begun by a process that is gone is not sent again', async () => {
      const test = await ask('first', newPerson().email)
      await bench.store.db
        .updateTable('test_sends')
        .set({ state: 'sending', begun_at: bench.clock.now })
        .execute()
      bench.clock.now = plus(bench.clock.now, 5 * MINUTE_MS)
      await handOver()
      expect(await stateOf(test.id)).toMatchObject({ state: 'uncertain' })
      expect(bench.mails()).toEqual([])
    })

    it('is forgotten with the person who is erased', async () => {
      const person = newPerson()
      const leadId = await bench.post(person)
      const test = await ask('first', person.email)
      await bench.signal(leadId, { kind: 'erase', payload: {} })
      expect(await stateOf(test.id)).toBeNull()
    })

    it('is asked for thirty times an hour and no more', async () => {
      const { email } = newPerson()
      for (let n = 0; n < 30; n += 1) await ask('first', email)
      await expect(ask('first', email)).rejects.toMatchObject({ status: 429 })
    })
  })
})
