import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { makeTouch } from '../../src/activities/touch/touch.ts'
import { type EmailConfig, smtpChannel } from '../../src/channels/email/smtp.ts'
import type { EmailChannel, OutgoingEmail } from '../../src/channels/types.ts'
import type { Plan } from '../../src/domain/contract.ts'
import type { LeadId } from '../../src/domain/ids.ts'
import { plus } from '../../src/domain/time.ts'
import { liftSender } from '../../src/leads/stops/senders.ts'
import { forEachWorkbench, newPerson, touchInput, type Workbench } from '../support/workbench.ts'

/** What a mail server does wrong, and what becomes of the lead: told by its rows, over real SMTP. */
forEachWorkbench((_, opened) => {
  let bench: Workbench
  const opening: EmailChannel[] = []
  beforeEach(() => {
    bench = opened()
  })
  afterAll(() => Promise.all(opening.map((channel) => channel.close())))

  async function due(fault: object | null) {
    const lead = newPerson()
    const leadId = await bench.post(lead, { cadence: 'drip' })
    if (fault !== null) bench.catchers.faults.set(lead.email, fault)
    return { leadId, plan: await bench.look(leadId), to: lead.email }
  }

  async function touch(leadId: LeadId, plan: Plan, email: EmailChannel = bench.deps.email) {
    if (plan.next.do === 'touch') bench.clock.now = plus(bench.clock.now, plan.next.ms)
    const now = bench.clock.now
    const timing = { mode: 'virtual', scheduledAt: now, now: () => now, wall: () => now } as const
    return makeTouch({ ...bench.deps, email }, touchInput(leadId, plan), 'run-1', timing)
  }

  const stepOf = (plan: Plan) =>
    plan.next.do === 'touch' && 'stepId' in plan.next.touch ? plan.next.touch.stepId : plan.next.do
  const arrived = (to: string) => bench.mails('email').filter((mail) => mail.to === to).length
  const states = async (leadId: LeadId) =>
    (await bench.touches(leadId)).map(({ state, failure_code }) => [state, failure_code])
  const validity = async (leadId: LeadId) =>
    (
      await bench.store.db
        .selectFrom('contact_points')
        .select('validity')
        .where('lead_id', '=', leadId)
        .where('kind', '=', 'email')
        .executeTakeFirstOrThrow()
    ).validity
  /** What became of the lead: whether it lives, and whether its address counts as good. */
  const outcome = async (leadId: LeadId) => {
    const { status, dead_reason: reason } = await bench.lead(leadId)
    return { status, reason, email: await validity(leadId) }
  }
  const UNHARMED = { status: 'nurturing', reason: null, email: 'unknown' }
  const lift = () => {
    const { store, clock } = bench
    return liftSender({ store, now: () => clock.now }, 'email', 'test')
  }

  describe('a server that asks to come again gets the message later, once', () => {
    it.each([
      ['421 as it hangs up', { stage: 'rcpt', code: 421, text: '4.3.2 shutting down' }],
      ['450 of a greylist', { stage: 'rcpt', code: 450, text: '4.2.0 greylisted' }],
      ['451 in the middle of the message', { stage: 'data', code: 451, text: '4.3.0 later' }],
      ['452 and no room just now', { stage: 'data', code: 452, text: '4.3.1 no space' }],
    ])('%s', async (_what, fault) => {
      const { leadId, plan, to } = await due({ kind: 'reply', times: 1, ...fault })
      const again = await touch(leadId, plan)
      expect(stepOf(again)).toBe('first')
      expect(arrived(to)).toBe(0)
      const next = await touch(leadId, again)
      expect(stepOf(next)).toBe('text')
      expect(arrived(to)).toBe(1)
      expect(await states(leadId)).toEqual([
        ['failed', 'email_server_busy'],
        ['sent', null],
      ])
      expect(await outcome(leadId)).toEqual(UNHARMED)
    })

    it('a connection that breaks before the message', async () => {
      const { leadId, plan, to } = await due({ kind: 'reset', stage: 'rcpt', times: 3 })
      const again = await touch(leadId, plan)
      bench.catchers.faults.set(to, { kind: 'none' })
      await touch(leadId, again)
      expect(arrived(to)).toBe(1)
      expect((await states(leadId)).map(([state]) => state)).toEqual(['failed', 'sent'])
      expect(await outcome(leadId)).toEqual(UNHARMED)
    })
  })

  it('a full mailbox is given up after five attempts, and the address stays good', async () => {
    const { leadId, plan, to } = await due({ kind: 'reply', code: 552, text: '5.2.2 full' })
    let next = plan
    for (let attempt = 0; attempt < 5; attempt += 1) next = await touch(leadId, next)
    expect(stepOf(next)).toBe('text')
    expect(await outcome(leadId)).toEqual(UNHARMED)
    expect(arrived(to)).toBe(0)
    expect((await states(leadId)).map(([state]) => state)).toEqual(Array(5).fill('failed'))
  })

  it('550 for an unknown recipient closes the address, and the lead goes on by text', async () => {
    const { leadId, plan, to } = await due({
      kind: 'reply',
      stage: 'rcpt',
      code: 550,
      text: '5.1.1 no',
    })
    expect(stepOf(await touch(leadId, plan))).toBe('text')
    expect(await outcome(leadId)).toEqual({ ...UNHARMED, email: 'invalid' })
    expect((await states(leadId)).map(([state]) => state)).toEqual(['failed'])
    bench.catchers.faults.set(to, { kind: 'none' })
    // Its server would take mails by now; nobody asks it again.
    await touch(leadId, await bench.look(leadId))
    expect(arrived(to)).toBe(0)
  })

  describe('what is our own fault halts the sender, blames nobody, and loses nothing', () => {
    it.each([
      ['554 for reasons of policy', { stage: 'data', code: 554, text: '5.7.1 rejected as spam' }],
      ['550 for want of authentication', { stage: 'rcpt', code: 550, text: '5.7.26 no SPF' }],
    ])('%s', async (_what, fault) => {
      const { leadId, plan, to } = await due({ kind: 'reply', times: 1, ...fault })
      expect((await touch(leadId, plan)).next.do).toBe('wait')
      expect(await validity(leadId)).toBe('unknown')
      expect(await lift()).toBe(true)
      await touch(leadId, await bench.look(leadId))
      expect(arrived(to)).toBe(1)
      expect((await states(leadId)).map(([state]) => state)).toEqual(['failed', 'sent'])
      expect(await outcome(leadId)).toEqual(UNHARMED)
    })

    it.each<[string, Partial<EmailConfig>]>([
      ['a server without TLS', { tls: 'starttls' }],
      ['credentials that it does not take', { auth: { user: 'relay', pass: 'wrong' } }],
    ])('%s: nothing is even tried', async (_what, config) => {
      const { leadId, plan, to } = await due(null)
      const broken = smtpChannel({ ...bench.catchers.smtp, stampTime: true, ...config })
      opening.push(broken)
      expect((await touch(leadId, plan, broken)).next.do).toBe('wait')
      expect(await states(leadId)).toEqual([])
      expect(await lift()).toBe(true)
      await touch(leadId, await bench.look(leadId))
      expect(arrived(to)).toBe(1)
    })
  })

  describe('what may have arrived is never sent again, and the cadence goes on', () => {
    it.each([
      ['a reset in the middle of the message', { kind: 'reset', stage: 'mid-data' }, 0],
      ['a reset after it, when it was taken', { kind: 'reset-after-data', recorded: true }, 1],
      ['a reset after it, when it was not', { kind: 'reset-after-data', recorded: false }, 0],
      ['a server that is too slow to answer', { kind: 'slow', ms: 60_000 }, 1],
    ])('%s', async (_what, fault, copies) => {
      const { leadId, plan, to } = await due(fault)
      const impatient: EmailChannel = {
        ...bench.deps.email,
        send: (message: OutgoingEmail) => bench.deps.email.send(message, { deadlineMs: 3_000 }),
      }
      const next = await touch(leadId, plan, impatient)
      expect(stepOf(next)).toBe('text')
      expect((await states(leadId)).map(([state]) => state)).toEqual(['uncertain'])
      bench.catchers.faults.set(to, { kind: 'none' })
      await touch(leadId, next)
      expect(arrived(to)).toBe(copies)
      const alerts = await bench.store.db
        .selectFrom('alerts')
        .select('kind')
        .where('lead_id', '=', leadId)
        .execute()
      expect(alerts).toContainEqual({ kind: 'uncertain' })
      expect(await outcome(leadId)).toEqual(UNHARMED)
    })
  })
})
