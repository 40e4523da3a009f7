import { beforeEach, describe, expect, it } from 'vitest'
import { makeTouch } from '../../src/activities/touch/touch.ts'
import { readTokenAddress } from '../../src/channels/email/addresses.ts'
import type { OutgoingEmail, SendOutcome } from '../../src/channels/types.ts'
import { parseCadenceSet } from '../../src/domain/cadence/file/set.ts'
import {
  type CompanySettings,
  DEFAULT_SETTINGS,
  engineRules,
} from '../../src/domain/company/company.ts'
import type { Plan } from '../../src/domain/contract.ts'
import type { LeadId } from '../../src/domain/ids.ts'
import type { Sender } from '../../src/domain/senders.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS, plus } from '../../src/domain/time.ts'
import { publish } from '../../src/leads/publishing/publish.ts'
import { liftSender } from '../../src/leads/stops/senders.ts'
import { readToken } from '../../src/leads/web/tokens.ts'
import { takeSenderTurn } from '../../src/store/channels/sender-turns.ts'
import { RecordingDoorbell } from '../api/harness.ts'
import { forEachWorkbench, newPerson, touchInput, type Workbench } from '../support/workbench.ts'

const sender = (email: string, perDay: number | null = null): Sender => ({
  email,
  name: `Sender ${email}`,
  perDay,
  warmUp: null,
})

forEachWorkbench((_, opened) => {
  let bench: Workbench
  let sent: OutgoingEmail[]
  beforeEach(async () => {
    bench = opened()
    sent = []
    await bench.store.db.deleteFrom('sender_days').execute()
  })

  async function due() {
    const leadId = await bench.post(undefined, { cadence: 'drip' })
    return { leadId, plan: await bench.look(leadId) }
  }

  /** One touch by a company with these senders; what goes over SMTP is noted on the way. */
  async function touch(
    leadId: LeadId,
    plan: Plan,
    senders: readonly Sender[] = [],
    answer?: SendOutcome,
    change: Partial<CompanySettings> = {},
  ): Promise<Plan> {
    const settings = engineRules({ ...DEFAULT_SETTINGS, senders, ...change })
    const now = bench.clock.now
    const timing = { mode: 'virtual', scheduledAt: now, now: () => now, wall: () => now } as const
    const email = {
      ...bench.deps.email,
      send: async (message: OutgoingEmail, options: { deadlineMs: number }) => {
        sent.push(message)
        return answer ?? (await bench.deps.email.send(message, options))
      },
    }
    const deps = { ...bench.deps, email, settings: () => Promise.resolve(settings) }
    return makeTouch(deps, touchInput(leadId, plan), 'run-1', timing)
  }

  /** From the first email of the drip to its last, past the text between them. */
  async function toLastEmail(leadId: LeadId, plan: Plan, senders: readonly Sender[] = []) {
    const text = await touch(leadId, plan, senders)
    const last = await touch(leadId, text, senders)
    bench.clock.now = plus(bench.clock.now, DAY_MS)
    return last
  }

  describe('an email of a cadence', () => {
    it('takes bounces and answers at addresses that name it, and continues its thread', async () => {
      const { leadId, plan } = await due()
      await touch(leadId, await toLastEmail(leadId, plan))
      const [first, last] = sent
      const [touched] = await bench.touches(leadId)
      for (const [purpose, address] of [
        ['bounce', first?.returnPath],
        ['reply', first?.replyTo?.address],
      ] as const) {
        const read = readTokenAddress(address ?? '')
        expect(read?.purpose).toBe(purpose)
        const token = await readToken(bench.store.db, read?.token ?? '', purpose, bench.clock.now)
        expect(token).toMatchObject({ lead_id: leadId, touch_id: touched?.id })
      }
      expect(first?.inReplyTo).toBeUndefined()
      expect(last).toMatchObject({ inReplyTo: first?.messageId, references: [first?.messageId] })
      expect(last?.returnPath).not.toBe(first?.returnPath)
      const [caught, next] = bench.mails('email')
      expect(caught?.headers['Reply-To']).toContain(first?.replyTo?.address)
      expect(next?.headers['In-Reply-To']).toBe(first?.messageId)
    })
  })

  describe('a step that sends as the owner', () => {
    const PERSONAL = {
      path: 'cadences/personal.yaml',
      text: `name: personal
title: Personal
purpose: nurture
steps:
  - { id: first, email: drip/first, from: owner, at: asap, hours: any }
  - { id: last, email: drip/last, after: 1d, at: asap, hours: any }
end: { dead: unresponsive }
`,
    }
    const template = { path: 'templates/drip/first.md', text: '---\nsubject: Mine\n---\nHi\n' }
    const last = { path: 'templates/drip/last.md', text: '---\nsubject: Last\n---\nHi\n' }
    async function owned(owner: string | null) {
      const set = parseCadenceSet([PERSONAL, template, last])
      if (!set.ok) throw new Error(JSON.stringify(set.problems))
      const { cadences } = set
      await bench.store.transaction((trx) =>
        publish(trx, { cadences, templates: [] }, 'test', bench.clock.now),
      )
      const leadId = await bench.post(newPerson({ owner }), { cadence: 'personal' })
      return { leadId, plan: await bench.look(leadId) }
    }
    const may = { ownerSenders: [{ domain: 'acme.example' }] } as const

    it('carries name and address, and answers come back to us by a tagged address', async () => {
      const { leadId, plan } = await owned('Sam.Doe@acme.example')
      const next = await touch(leadId, plan, [], undefined, may)
      expect(sent[0]?.from).toEqual({ address: 'sam.doe@acme.example', name: 'Sam Doe' })
      expect(sent[0]?.replyTo).toMatchObject({
        address: expect.stringMatching(/^reply\+[0-9a-f]+@/),
        name: 'Sam Doe',
      })
      expect(sent[0]?.returnPath).toMatch(/^bounce\+/)
      bench.clock.now = plus(bench.clock.now, DAY_MS)
      await touch(leadId, next, [], undefined, may)
      expect(sent[1]?.from.address).toBe(DEFAULT_SETTINGS.company.from.email)
      expect(sent[1]?.inReplyTo).toBe(sent[0]?.messageId)
    })

    it.each([
      [null, 'no owner'],
      ['Sam from sales', 'no email address'],
      ['sam@elsewhere.example', 'ownerSenders'],
    ])('%s: the company sends instead, and the reason stands on the touch', async (owner, why) => {
      const { leadId, plan } = await owned(owner)
      await touch(leadId, plan, [], undefined, may)
      expect(sent[0]?.from.address).toBe(DEFAULT_SETTINGS.company.from.email)
      const [touched] = await bench.touches(leadId)
      expect(touched).toMatchObject({ state: 'sent', sender_because: expect.stringContaining(why) })
    })

    it('whom the server refuses is halted alone: the company sends, and everybody else', async () => {
      const refused = { kind: 'sender_fault', code: 'x', because: 'not allowed' } as const
      const { leadId, plan } = await owned('sam@acme.example')
      const again = await touch(leadId, plan, [], refused, may)
      expect(again.next).toMatchObject({ do: 'touch', touch: { stepId: 'first', attempt: 2 } })
      bench.clock.now = plus(bench.clock.now, MINUTE_MS)
      await touch(leadId, again, [], undefined, may)
      expect(sent[1]?.from.address).toBe(DEFAULT_SETTINGS.company.from.email)
      expect((await bench.touches(leadId)).map(({ state }) => state)).toEqual(['failed', 'sent'])
    })

    it('does not where nobody would hear what is answered', async () => {
      const { leadId, plan } = await owned('sam@acme.example')
      const settings = engineRules({ ...DEFAULT_SETTINGS, ...may })
      const now = bench.clock.now
      const timing = { mode: 'virtual', scheduledAt: now, now: () => now, wall: () => now } as const
      const deps = { ...bench.deps, inboundDomain: null, settings: async () => settings }
      await makeTouch(deps, touchInput(leadId, plan), 'run-1', timing)
      const [touched] = await bench.touches(leadId)
      expect(touched).toMatchObject({ sender: DEFAULT_SETTINGS.company.from.email })
      expect(touched?.sender_because).toContain('come back')
    })
  })

  describe('several senders', () => {
    const two = [sender('kim@acme.example'), sender('lee@acme.example')]

    it('share the leads; within an episode it stays the same one, whatever is added', async () => {
      const { leadId, plan } = await due()
      const last = await toLastEmail(leadId, plan, two)
      const three = [sender('new@acme.example'), ...two]
      await touch(leadId, last, three)
      const [first, second] = sent
      expect(two.map(({ email }) => email)).toContain(first?.from.address)
      expect(second?.from).toEqual(first?.from)
      const senders = (await bench.touches(leadId)).map((each) => each.sender)
      expect(senders).toEqual([first?.from.address, null, first?.from.address])
    })

    it('keep their daily budgets: the next one helps out, and then leads wait until tomorrow', async () => {
      const budgeted = [sender('kim@acme.example', 1), sender('lee@acme.example', 1)]
      for (let count = 0; count < 2; count += 1) {
        const { leadId, plan } = await due()
        await touch(leadId, plan, budgeted)
      }
      expect(new Set(sent.map(({ from }) => from.address)).size).toBe(2)

      const { leadId, plan } = await due()
      const rest = await touch(leadId, plan, budgeted)
      expect(rest.next).toEqual({ do: 'wait', ms: 4 * HOUR_MS })
      expect(await bench.lead(leadId)).toMatchObject({
        next_kind: 'look',
        next_at: plus(bench.clock.now, 4 * HOUR_MS),
        next_words: expect.stringContaining('budget'),
      })
      expect(sent).toHaveLength(2)
      expect(await bench.touches(leadId)).toEqual([])

      bench.clock.now = plus(bench.clock.now, DAY_MS)
      const tomorrow = await bench.look(leadId)
      await touch(leadId, tomorrow, budgeted)
      expect(sent).toHaveLength(3)
    })

    it('wait for the one that began the thread, even while the other has budget left', async () => {
      const { leadId, plan } = await due()
      const last = await toLastEmail(leadId, plan, two)
      const own = sent[0]?.from.address ?? ''
      const spent = [sender(own, 1), ...two.filter(({ email }) => email !== own)]
      const other = await due()
      await bench.store.db
        .insertInto('sender_days')
        .values({
          sender: own,
          day: Math.floor((bench.clock.now - 5 * HOUR_MS) / DAY_MS),
          taken: 1,
        })
        .execute()
      expect((await touch(leadId, last, spent)).next.do).toBe('wait')
      await touch(other.leadId, other.plan, spent)
      expect(sent.at(-1)?.from.address).not.toBe(own)
    })

    it('keep their rate together, however many processes send', async () => {
      const turn = { gapMs: 400, longestMs: 1_000 }
      const taken = await Promise.all(
        Array.from({ length: 6 }, () => takeSenderTurn(bench.store.db, 'kim@acme.example', turn)),
      )
      const waits = taken.filter((wait) => wait !== null).toSorted((a, b) => a - b)
      // At 0, 400 and 800 ms; the others are further away than anybody waits.
      expect(waits.length).toBeGreaterThanOrEqual(3)
      expect(waits.length).toBeLessThan(6)
      for (const [index, wait] of waits.entries()) {
        expect(wait).toBeLessThanOrEqual(index * turn.gapMs)
        if (index > 0) expect(wait - (waits[index - 1] ?? 0)).toBeGreaterThan(turn.gapMs / 2)
      }
      expect(await takeSenderTurn(bench.store.db, 'lee@acme.example', turn)).toBe(0)
    })

    it('never pass a budget together, however many try at once', async () => {
      const budgeted = [sender('kim@acme.example', 2)]
      const leads = await Promise.all(Array.from({ length: 6 }, due))
      await Promise.all(leads.map(({ leadId, plan }) => touch(leadId, plan, budgeted)))
      expect(sent).toHaveLength(2)
    })

    it('halt one by one: the others go on, and only the last stops the channel', async () => {
      const refused = {
        kind: 'sender_fault',
        code: 'email_auth_refused',
        because: 'The mail server refused our user name or password (535).',
      } as const
      const { leadId, plan } = await due()
      const again = await touch(leadId, plan, two, refused)
      const halted = sent[0]?.from.address
      expect(again.next).toMatchObject({ do: 'touch', ms: MINUTE_MS })
      bench.clock.now = plus(bench.clock.now, MINUTE_MS)
      await touch(leadId, again, two)
      expect(sent[1]?.from.address).not.toBe(halted)
      expect((await bench.touches(leadId)).map(({ state }) => state)).toEqual(['failed', 'sent'])

      const other = await due()
      const waits = await touch(other.leadId, other.plan, two, refused)
      expect(waits.next.do).toBe('wait')
      const keys = await bench.store.db
        .selectFrom('holds')
        .select('scope_key')
        .where('scope', '=', 'sender')
        .where('lifted_at', 'is', null)
        .execute()
      expect(keys).toHaveLength(3)

      const { store, hashKeys, clock } = bench
      const intake = { store, hashKeys, doorbell: new RecordingDoorbell(), now: () => clock.now }
      expect(await liftSender(intake, 'email', 'test')).toBe(true)
      expect((await bench.look(other.leadId)).next).toMatchObject({ do: 'touch' })
    })
  })
})
