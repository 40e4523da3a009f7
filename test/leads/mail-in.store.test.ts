import { expect, it } from 'vitest'
import type { LeadId } from '../../src/domain/ids.ts'
import { DAY_MS, plus } from '../../src/domain/time.ts'
import { assignMail, dismissMail, listKeptMail } from '../../src/leads/mail/kept-mail.ts'
import { takeRawMail } from '../../src/leads/mail/take-raw-mail.ts'
import { mintToken } from '../../src/leads/web/tokens.ts'
import type { OutboxItem } from '../../src/local/outbox.ts'
import { holdContactKeys, setCurrentPoint } from '../../src/store/people/contact-points.ts'
import { addNotices } from '../../src/store/work/notices.ts'
import type { Ring } from '../../src/temporal/doorbell.ts'
import { answerTo, bounceOf, complaintAbout, returnPathOf } from '../support/mails.ts'
import { forEachWorkbench, newPerson, type Workbench } from '../support/workbench.ts'

forEachWorkbench((_, bench) => {
  const rings: Ring[] = []
  const intake = () => {
    const { store, hashKeys, deps, clock } = bench()
    const doorbell = { ring: (some: readonly Ring[]) => void rings.push(...some) }
    return {
      store,
      hashKeys,
      ledgerKey: deps.ledgerKey,
      doorbell: { ...doorbell, healthy: true, settle: async () => {} },
      now: () => clock.now,
    }
  }
  const take = (raw: string) => takeRawMail(intake(), 'test', raw)

  it('a hard bounce named by its token closes the address, once, and evidence settles the touch', async () => {
    const { leadId, mail } = await mailed(bench())
    await uncertain(bench(), leadId)
    const raw = bounceOf(mail, { status: '5.1.1', to: returnPathOf(mail).toUpperCase() })
    expect((await take(raw)).kind).toBe('acted')
    expect((await take(raw)).kind).toBe('repeated')
    // Another server tells the same.
    expect((await take(bounceOf(mail, { status: '5.1.1' }))).kind).toBe('acted')
    const [touch] = await bench().touches(leadId)
    expect(touch).toMatchObject({ state: 'failed', failure_kind: 'permanent', evidence: 'bounce' })
    expect(await emailOf(bench(), leadId)).toMatchObject({ validity: 'invalid' })
    expect(await signalsOf(bench(), leadId, 'hard_bounce')).toHaveLength(1)
    // The phone is left.
    expect((await bench().lead(leadId)).status).toBe('nurturing')
    expect(rings.map((ring) => ring.leadId)).toContain(leadId)
  })

  it('a hard bounce of the last address ends in bad contact info; one of an old address does not', async () => {
    const { phone: _, ...onlyEmail } = newPerson()
    const first = await mailed(bench(), onlyEmail)
    await take(bounceOf(first.mail, { status: '5.1.1' }))
    expect(await bench().lead(first.leadId)).toMatchObject({
      status: 'dead',
      dead_reason: 'bad_contact_info',
    })

    const second = await mailed(bench())
    await moved(bench(), second.leadId)
    await take(bounceOf(second.mail, { status: '5.1.1' }))
    expect(await emailOf(bench(), second.leadId)).toMatchObject({ validity: 'unknown' })
    expect(await signalsOf(bench(), second.leadId, 'hard_bounce')).toHaveLength(0)
  })

  it('soft bounces are counted, and close the address only after some within some days', async () => {
    const { leadId, mail } = await mailed(bench())
    for (const day of [0, 5]) {
      bench().clock.now = plus(bench().clock.now, day * DAY_MS)
      expect((await take(bounceOf(mail, { status: '4.2.2' }))).kind).toBe('recorded')
    }
    expect(await emailOf(bench(), leadId)).toMatchObject({ validity: 'unknown' })
    expect((await bench().touches(leadId))[0]).toMatchObject({ failure_kind: 'transient' })
    bench().clock.now = plus(bench().clock.now, 40 * DAY_MS)
    expect((await take(bounceOf(mail, { status: '5.2.2' }))).kind).toBe('recorded')
    await take(bounceOf(mail, { status: '4.4.1' }))
    expect((await take(bounceOf(mail, { status: '4.4.7' }))).kind).toBe('acted')
    expect(await emailOf(bench(), leadId)).toMatchObject({ validity: 'invalid' })
  })

  it('a refusal of our mail halts the sender and alerts, and blames no lead; a forged one waits', async () => {
    const { leadId, mail } = await mailed(bench())
    const forged = bounceOf(mail, { status: '5.7.1', to: 'hello@acme.example' }).replace(
      /^Message-ID: <touch.*$/m,
      '',
    )
    expect((await take(forged)).kind).toBe('kept')
    expect(await halts(bench())).toHaveLength(0)
    expect((await take(bounceOf(mail, { status: '5.7.26' }))).kind).toBe('acted')
    expect(await halts(bench())).toMatchObject([{ scope_key: 'email' }])
    const alerts = await bench().store.db.selectFrom('alerts').selectAll().execute()
    expect(alerts).toMatchObject([{ kind: 'sender_halted' }])
    expect(await emailOf(bench(), leadId)).toMatchObject({ validity: 'unknown' })
    expect((await bench().lead(leadId)).status).toBe('nurturing')
  })

  it('a complaint named by the returned message alone ends everything for the person', async () => {
    const { leadId, mail } = await mailed(bench())
    expect((await take(complaintAbout(mail, 'abuse@acme.example'))).kind).toBe('acted')
    const lead = await bench().lead(leadId)
    expect(lead).toMatchObject({ status: 'dead', dead_reason: 'opted_out' })
    const stops = await bench()
      .store.db.selectFrom('suppressions')
      .select(['channel', 'cause'])
      .where('contact_hash', 'in', await hashes(bench(), leadId))
      .execute()
    expect(stops.length).toBeGreaterThanOrEqual(2)
    expect(new Set(stops.map(({ channel, cause }) => `${channel} ${cause}`))).toEqual(
      new Set(['all complaint']),
    )
  })

  it('an out-of-office is no reply, and holds the lead until the day it names in its zone', async () => {
    const { leadId, mail } = await mailed(bench())
    await uncertain(bench(), leadId)
    const auto = ['Auto-Submitted: auto-replied']
    // RFC 3834 answers go to the return path.
    const away = answerTo(mail, 'I am out until 4 December 2026.', {
      headers: auto,
      to: returnPathOf(mail),
    })
    expect((await take(away)).kind).toBe('acted')
    expect((await bench().lead(leadId)).status).toBe('nurturing')
    const back = Date.parse('2026-12-05T05:00:00Z')
    expect(await holds(bench(), leadId)).toMatchObject([{ kind: 'held_until', until_at: back }])
    // A shorter absence takes nothing back; one without a day says nothing.
    const shorter = answerTo(mail, 'I am out until 1 December 2026.', { headers: auto })
    const dayless = answerTo(mail, 'I am out.', { headers: auto })
    expect((await take(shorter)).kind).toBe('recorded')
    expect((await take(dayless)).kind).toBe('recorded')
    expect(await holds(bench(), leadId)).toMatchObject([{ until_at: back }])
    expect((await bench().touches(leadId))[0]).toMatchObject({
      state: 'delivered',
      evidence: 'automatic answer',
    })
  })

  it('an answer finds its lead by token, by header or by address, and nothing is dropped', async () => {
    const { leadId, mail } = await mailed(bench())
    const byToken = answerTo(mail, 'Yes', { from: 'assistant@elsewhere.example', anew: true })
    expect((await take(byToken)).kind).toBe('acted')
    const byHeader = answerTo(mail, 'Also', { from: 'x@else.example', to: 'hello@acme.example' })
    expect((await take(byHeader)).kind).toBe('acted')
    const byAddress = answerTo(mail, 'And', { to: 'hello@acme.example', anew: true })
    expect((await take(byAddress)).kind).toBe('acted')
    const replies = await signalsOf(bench(), leadId, 'reply')
    expect(replies).toHaveLength(3)
    expect(replies[0]?.payload).toMatchObject({ touchId: expect.stringMatching(/^touch_/) })
    expect((await bench().touches(leadId))[0]).toMatchObject({ state: 'delivered' })

    const strange = answerTo(mail, 'Who are you?', {
      from: 'nobody@else.example',
      to: 'hello@acme.example',
      anew: true,
    })
    expect((await take(strange)).kind).toBe('kept')
    const broken = `From: ${mail.to}\nMessage-ID: <broken-${leadId}@x.example>\n${deep()}`
    expect((await take(broken)).kind).toBe('kept')
  })

  it('what a person assigns is taken as that lead’s, what it dismisses is forgotten', async () => {
    const { leadId, mail } = await mailed(bench())
    const { store } = bench()
    for (const words of ['Please call me', 'Nonsense']) {
      await take(answerTo(mail, words, { from: 'x@else.example', to: 'a@b.example', anew: true }))
    }
    const { items } = await listKeptMail(store.db, { limit: 200, cursor: null })
    const mine = items.find(({ text }) => text?.startsWith('Please call me'))
    const other = items.find(({ text }) => text?.startsWith('Nonsense'))
    if (!mine || !other) throw new Error('both wait')
    const decision = { who: 'test', now: bench().clock.now, hashKeys: bench().hashKeys }
    await store.transaction((trx) => assignMail(trx, mine.id, leadId, decision))
    await store.transaction((trx) => dismissMail(trx, other.id, decision))
    await expect(
      store.transaction((trx) => assignMail(trx, mine.id, leadId, decision)),
    ).rejects.toMatchObject({ status: 404 })
    expect(await signalsOf(bench(), leadId, 'reply')).toHaveLength(1)
    const rows = await store.db
      .selectFrom('inbound_mail')
      .select(['state', 'text', 'from_address'])
      .where('id', 'in', [mine.id, other.id])
      .orderBy('state')
      .execute()
    expect(rows).toEqual([
      { state: 'assigned', text: null, from_address: null },
      { state: 'dismissed', text: null, from_address: null },
    ])
  })

  it('an assigned answer is read like any other, and a stop is heard for the address it came from', async () => {
    const { store, hashKeys, clock } = bench()
    const decision = { who: 'test', now: clock.now, hashKeys }
    const assigned = async (words: string, from: string) => {
      const { leadId, mail } = await mailed(bench())
      await take(answerTo(mail, words, { from, to: 'a@b.example', anew: true }))
      const { items } = await listKeptMail(store.db, { limit: 200, cursor: null })
      const kept = items.find((each) => each.from === from)
      const taken = await store.transaction((trx) =>
        assignMail(trx, kept?.id ?? '', leadId, decision),
      )
      return { lead: await bench().lead(leadId), leadId, intent: taken.reading?.intent }
    }
    const rival = await assigned('We went with HubSpot, thanks', 'rival@else.example')
    expect(rival).toMatchObject({
      intent: 'competitor',
      lead: { status: 'dead', dead_reason: 'competitor', dead_details: { competitor: 'HubSpot' } },
    })
    const stop = await assigned('Please unsubscribe me from everything', 'stop@else.example')
    expect(stop).toMatchObject({ intent: 'opt_out', lead: { status: 'dead' } })
    const later = await bench().post({ email: 'stop@else.example', source: 'webform' })
    expect((await bench().look(later)).next.do).not.toBe('touch')
  })

  it('the owner’s answer to what was forwarded goes to the lead, and nobody else’s does', async () => {
    const { leadId, mail } = await mailed(bench())
    const { store, clock } = bench()
    const token = await mintToken(
      store.db,
      { purpose: 'owner', leadId, touchId: null, target: 'email:sam@acme.example' },
      clock.now,
    )
    const to = `Owner+${token}@rekindle.invalid`
    const words = 'Shall we talk tomorrow?\n\nOn Tue, Acme <hello@acme.example> wrote:\n> Ada: Yes'
    const stranger = answerTo(mail, words, { from: 'x@else.example', to, anew: true })
    expect((await take(stranger)).kind).toBe('kept')
    const auto = ['Auto-Submitted: auto-replied']
    const away = answerTo(mail, 'Away', { from: 'sam@acme.example', to, anew: true, headers: auto })
    expect((await take(away)).kind).toBe('kept')
    const unmarked = `Tuesday?\n\nOd: Ada <${to}>\nDo: sam@acme.example\nAda: Yes`
    const quoting = answerTo(mail, unmarked, { from: 'sam@acme.example', to, anew: true })
    expect((await take(quoting)).because).toContain('still quotes the notice')
    const answer = answerTo(mail, words, { from: 'Sam@Acme.example', to, anew: true })
    expect((await take(answer)).kind).toBe('acted')
    expect((await take(answer)).kind).toBe('repeated')
    const written = await store.db
      .selectFrom('messages')
      .select(['text', 'channel', 'class'])
      .where('lead_id', '=', leadId)
      .execute()
    expect(written).toEqual([
      { text: 'Shall we talk tomorrow?', channel: 'email', class: 'conversation' },
    ])
    expect((await bench().lead(leadId)).status).toBe('nurturing')
  })

  it('a mail of ours to a mailbox that is read here is no news to anybody', async () => {
    const { mail } = await mailed(bench())
    const { store, clock } = bench()
    const about = { kind: 'alert', subject_id: 'alert_1', way: 'email', lead_id: null } as const
    await store.transaction((trx) => addNotices(trx, [about], clock.now))
    const { id: notice } = await store.db
      .selectFrom('notices')
      .select('id')
      .where('subject_id', '=', 'alert_1')
      .executeTakeFirstOrThrow()
    const touch = mail.headers['X-Rekindle-Touch'] ?? ''
    const own = (ours: string, at: string) =>
      take(
        `From: hello@acme.example\nTo: hello@acme.example\nMessage-ID: <${at}@acme.example>\n` +
          `X-Rekindle-Touch: ${ours}\nAuto-Submitted: auto-generated\n\nAnswer the lead\n`,
      )
    expect((await own(notice, 'a')).kind).toBe('recorded')
    expect((await own(touch, 'b')).kind).toBe('recorded')
    // Whoever only pretends, and whatever returns our mail, is read like any other.
    expect((await own('notice_AAAAAAAAAAAAAAAAAAAAAA', 'c')).kind).toBe('kept')
    expect((await take(bounceOf(mail, { status: '5.1.1' }))).kind).toBe('acted')
    const kept = await listKeptMail(store.db, { limit: 200, cursor: null })
    expect(JSON.stringify(kept)).not.toContain(notice)
  })

  it('nothing of an erased person’s mail stays', async () => {
    const { leadId, mail } = await mailed(bench())
    await take(`From: ${mail.to}\nTo: ${returnPathOf(mail)}\nMessage-ID: <e-${leadId}>\n${deep()}`)
    await bench().signal(leadId, { kind: 'erase', payload: {} })
    const rows = await bench()
      .store.db.selectFrom('inbound_mail')
      .selectAll()
      .where('lead_id', '=', leadId)
      .execute()
    expect(rows).toMatchObject([{ state: 'dismissed', text: null, from_address: null }])
  })

  it('nor what they wrote from that address before anybody knew it', async () => {
    const from = 'Early@Quillfeather.example'
    const { mail } = await mailed(bench())
    expect(
      (await take(answerTo(mail, 'Hello', { from, to: 'a@b.example', anew: true }))).kind,
    ).toBe('kept')
    const leadId = await bench().post({ email: from, source: 'webform' })
    await bench().signal(leadId, { kind: 'erase', payload: {} })
    const waiting = await listKeptMail(bench().store.db, { limit: 200, cursor: null })
    expect(JSON.stringify(waiting).toLowerCase()).not.toContain('early@')
  })
})

/** A lead whose first email was caught. */
async function mailed(
  bench: Workbench,
  person = newPerson() as Parameters<Workbench['post']>[0] & { email: string },
): Promise<{ leadId: LeadId; mail: OutboxItem }> {
  const leadId = await bench.post(person)
  await bench.touch(leadId, await bench.look(leadId))
  const mail = bench.mails('email').find(({ to }) => to === person.email)
  if (!mail) throw new Error('the first email was not caught')
  return { leadId, mail }
}

/** The lead has a new address since. */
async function moved({ store, hashKeys, clock }: Workbench, leadId: LeadId): Promise<void> {
  await store.transaction(async (trx) => {
    const point = {
      kind: 'email',
      value: `new-${leadId}@quillfeather.example`.toLowerCase(),
    } as const
    const [keyed] = await holdContactKeys(trx, hashKeys, [point], clock.now)
    if (keyed) await setCurrentPoint(trx, leadId, keyed, clock.now)
  })
}

/** As if the provider's answer had been lost. */
async function uncertain({ store }: Workbench, leadId: LeadId): Promise<void> {
  await store.db
    .updateTable('touches')
    .set({ state: 'uncertain', evidence: null })
    .where('lead_id', '=', leadId)
    .where('channel', '=', 'email')
    .execute()
}

function emailOf({ store }: Workbench, leadId: LeadId) {
  return store.db
    .selectFrom('contact_points')
    .selectAll()
    .where('lead_id', '=', leadId)
    .where('kind', '=', 'email')
    .where('current', '=', true)
    .executeTakeFirstOrThrow()
}

function signalsOf({ store }: Workbench, leadId: LeadId, kind: 'reply' | 'hard_bounce') {
  return store.db
    .selectFrom('signals')
    .selectAll()
    .where('lead_id', '=', leadId)
    .where('kind', '=', kind)
    .orderBy('seq')
    .execute()
}

function holds({ store }: Workbench, leadId: LeadId) {
  return store.db
    .selectFrom('holds')
    .selectAll()
    .where('lead_id', '=', leadId)
    .where('lifted_at', 'is', null)
    .execute()
}

function halts({ store }: Workbench) {
  return store.db
    .selectFrom('holds')
    .selectAll()
    .where('scope', '=', 'sender')
    .where('lifted_at', 'is', null)
    .execute()
}

async function hashes({ store }: Workbench, leadId: LeadId): Promise<string[]> {
  const rows = await store.db
    .selectFrom('contact_points')
    .select('hash')
    .where('lead_id', '=', leadId)
    .execute()
  return rows.map(({ hash }) => hash)
}

/** More parts within parts than anything honest has. */
function deep(): string {
  const parts = Array.from({ length: 90 }, (_, depth) => {
    const before = depth === 0 ? '' : `--b${depth - 1}\n`
    return `${before}Content-Type: multipart/mixed; boundary=b${depth}\n\n`
  })
  return parts.join('')
}
