import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { LeadId } from '../../src/domain/ids.ts'
import { findLead } from '../../src/store/leads.ts'
import { type ConsoleLab, openConsole, Visitor } from './setup.ts'

let lab: ConsoleLab
let visitor: Visitor

// One store for all: opening one takes seconds. Each test has leads of its own.
beforeAll(async () => {
  lab = await openConsole()
})
afterAll(() => lab.close())
beforeEach(async () => {
  visitor = new Visitor(lab.app)
  await visitor.logIn(lab.key.key)
})

let leads = 0
/** A contact point that no other test has. */
const newEmail = () => `lead-${++leads}@example.com`

async function page(path: string): Promise<string> {
  const response = await visitor.get(path)
  expect(response.status).toBe(200)
  return response.text()
}

async function act(leadId: LeadId, fields: Record<string, string>): Promise<string> {
  const response = await visitor.post(`/leads/${leadId}/act`, fields)
  expect(response.headers.get('Location')).toBe(`/leads/${leadId}`)
  return page(`/leads/${leadId}`)
}

const statusOf = async (leadId: LeadId) => (await findLead(lab.store.db, leadId))?.status

describe('the list of leads', () => {
  it('counts them by status and by what they died of', async () => {
    await lab.addLead({ firstName: 'Ada', email: 'ada@example.com' })
    const grace = await lab.addLead({ firstName: 'Grace', email: 'grace@example.com' })
    const alan = await lab.addLead({ firstName: 'Alan', email: 'alan@example.com' })
    await act(grace, { kind: 'mark_dead', reason: 'competitor', competitor: 'Other Inc' })
    await act(alan, { kind: 'pause' })
    const list = await page('/')
    const count = (label: string) => new RegExp(`>${label} <span class="count">(\\d+)<`).exec(list)
    expect(count('All')?.[1]).toBe('3')
    expect(count('nurturing')?.[1]).toBe('1')
    expect(count('held')?.[1]).toBe('1')
    expect(count('dead')?.[1]).toBe('1')
    const dead = await page('/?status=dead&reason=competitor')
    expect(dead).toContain('Grace')
    expect(dead).toContain('dead: competitor')
    expect(dead).not.toContain('Ada')
    expect(await page('/?status=held')).toContain('Alan')
  })

  it('finds a lead by name, email, phone or external id', async () => {
    await lab.addLead({
      firstName: 'Mary',
      email: 'mary@example.com',
      phone: '+12125550142',
      externalId: 'crm-88',
    })
    await lab.addLead({ firstName: 'Edith', email: 'edith@example.com' })
    for (const q of ['mary', 'MARY@example.com', '(212) 555-0142', 'crm-88']) {
      const found = await page(`/?${new URLSearchParams({ q }).toString()}`)
      expect(found, q).toContain('mary@example.com')
      expect(found).not.toContain('edith@example.com')
    }
    expect(await page('/?q=nobody')).toContain('No lead matches this search.')
  })

  it('goes on where a page ends', async () => {
    for (let index = 0; index < 51; index += 1) {
      await lab.addLead({ email: `many-${index}@example.com` }, { cadence: null })
    }
    const first = await page('/?q=many-')
    const next = /href="(\/\?[^"]*cursor=[^"]+)"/.exec(first)?.[1]?.replaceAll('&amp;', '&')
    expect(first).toContain('many-50@example.com')
    expect(first).not.toContain('many-0@example.com')
    const second = await page(next ?? '')
    expect(second).toContain('many-0@example.com')
    expect(second).not.toContain('many-50@example.com')
  })

  it('shows markup in names as text', async () => {
    const leadId = await lab.addLead({
      firstName: '<script>alert(1)</script>',
      lastName: '"><img src=x>',
      email: 'x@example.com',
      tags: ['<i>'],
      attributes: { '<b>': '<u>' },
    })
    for (const path of ['/', `/leads/${leadId}`, '/?q=%22%3E%3Cscript%3E']) {
      const html = await page(path)
      expect(html).not.toMatch(/<script|<img|<i>|<u>|<b>/)
    }
    expect(await page(`/leads/${leadId}`)).toContain('&lt;script&gt;')
  })
})

describe('the story of a lead', () => {
  it('says what comes next and why, rule by rule, and links to its workflow', async () => {
    const leadId = await lab.addLead({ firstName: 'Ada', email: newEmail(), state: 'NY' })
    const html = await page(`/leads/${leadId}`)
    expect(html).toContain('The lead is nurturing.')
    expect(html).toContain('step first-reply')
    expect(html).toContain('calling window')
    expect(html).toContain('consent')
    expect(html).toContain('started new-lead')
    expect(html).toContain(`http://127.0.0.1:8233/namespaces/rekindle/workflows/lead%3A${leadId}`)
    expect(html).toMatch(/<time datetime="[^"]+Z" title="[^"]+Z \(UTC\)">/)
  })

  it('offers no way to move time outside the embedded mode', async () => {
    const leadId = await lab.addLead({ email: newEmail() })
    expect(await page(`/leads/${leadId}`)).not.toContain('Next touch')
    const response = await visitor.post(`/leads/${leadId}/fast-forward`, { by: 'next-touch' })
    expect(response.status).toBe(404)
  })
})

describe('an operator', () => {
  it('pauses a lead and lets it go on', async () => {
    const leadId = await lab.addLead({ email: newEmail() })
    const paused = await act(leadId, { kind: 'pause', because: 'they are on holiday' })
    expect(paused).toContain('nothing is sent until it is resumed')
    expect(paused).toContain('they are on holiday')
    expect(paused).toContain('Resume')
    const resumed = await act(leadId, { kind: 'resume' })
    expect(resumed).toContain('The lead goes on.')
    expect(resumed).not.toContain('class="badge held"')
  })

  it('skips, jumps and sends now', async () => {
    const leadId = await lab.addLead({ email: newEmail() })
    const step = async () => {
      const lead = await findLead(lab.store.db, leadId)
      const episode = await lab.store.db
        .selectFrom('episodes')
        .selectAll()
        .where('id', '=', lead?.episode_id ?? null)
        .executeTakeFirstOrThrow()
      return { id: episode.step_id, now: episode.send_now }
    }
    await act(leadId, { kind: 'skip' })
    expect((await step()).id).not.toBe('first-reply')
    await act(leadId, { kind: 'jump', step: 'still-here' })
    expect(await step()).toEqual({ id: 'still-here', now: false })
    await act(leadId, { kind: 'send_now' })
    expect(await step()).toEqual({ id: 'still-here', now: true })
    const unknown = await act(leadId, { kind: 'jump', step: 'nowhere' })
    expect(unknown).toContain('has no such step')
  })

  it('holds a lead until a time on its own wall clock', async () => {
    const leadId = await lab.addLead({ email: newEmail(), timezone: 'America/Denver' })
    await act(leadId, { kind: 'hold', until: '2031-03-04T09:30' })
    const hold = await lab.store.db
      .selectFrom('holds')
      .selectAll()
      .where('lead_id', '=', leadId)
      .executeTakeFirstOrThrow()
    expect(hold.until_at).toBe(Date.parse('2031-03-04T09:30:00-07:00'))
    expect(hold.by).toBe('console:first key')
    expect(await act(leadId, { kind: 'hold', until: '2001-01-01T09:30' })).toContain('is over')
    expect(await act(leadId, { kind: 'hold', until: 'soon' })).toContain('no date and time')
  })

  it('records beside a dead reason what that reason asks for', async () => {
    const leadId = await lab.addLead({ email: newEmail() })
    const contractEnds = `${new Date().getUTCFullYear() + 1}-06-30`
    await act(leadId, {
      kind: 'mark_dead',
      reason: 'competitor',
      competitor: 'Other Inc',
      why: 'price',
      contractEnds,
      words: 'not for this reason',
    })
    expect((await findLead(lab.store.db, leadId))?.dead_details).toEqual({
      reason: 'competitor',
      competitor: 'Other Inc',
      why: 'price',
      contractEnds,
    })
    expect(await page(`/leads/${leadId}`)).toContain('Other Inc')
  })

  it('revives a dead lead, and one may not revive who asked to be left alone', async () => {
    const leadId = await lab.addLead({ email: newEmail() })
    await act(leadId, { kind: 'mark_dead', reason: 'unresponsive' })
    expect(await page(`/leads/${leadId}`)).toContain('Revive')
    await act(leadId, { kind: 'revive', cadence: '' })
    expect(await statusOf(leadId)).toBe('nurturing')
    const hostile = await act(leadId, { kind: 'mark_dead', reason: 'hostile', words: 'go away' })
    expect(hostile).not.toContain('<summary>Revive</summary>')
    const refused = await act(leadId, { kind: 'revive', cadence: '' })
    expect(refused).toContain('We never contact this person again')
    expect(await statusOf(leadId)).toBe('dead')
  })

  it('converts, and records what sales says', async () => {
    const [ada, grace] = [
      await lab.addLead({ email: newEmail() }),
      await lab.addLead({ email: newEmail() }),
    ]
    await act(ada, { kind: 'convert' })
    expect(await statusOf(ada)).toBe('converted')
    await act(grace, { kind: 'disposition', outcome: 'interested', note: 'call on Monday' })
    expect(await statusOf(grace)).toBe('engaged')
    await act(grace, { kind: 'disposition', outcome: 'bad_lead', reason: 'spam', words: 'a bot' })
    expect((await findLead(lab.store.db, grace))?.dead_details).toEqual({
      reason: 'spam',
      evidence: 'a bot',
    })
  })

  it('erases a person only when that was confirmed', async () => {
    const leadId = await lab.addLead({ firstName: 'Wilhelmina', email: 'mina@example.com' })
    expect(await act(leadId, { kind: 'erase', confirm: '' })).toContain('Nothing was erased')
    expect(await statusOf(leadId)).toBe('nurturing')
    const erased = await act(leadId, { kind: 'erase', confirm: 'erase' })
    expect(await statusOf(leadId)).toBe('erased')
    expect(erased).not.toContain('mina@example.com')
    expect(erased).not.toContain('Wilhelmina')
  })

  it('finishes a task', async () => {
    const leadId = await lab.addLead({ firstName: 'Ada', email: newEmail() })
    await act(leadId, { kind: 'disposition', outcome: 'interested' })
    const taskOf = () =>
      lab.store.db
        .selectFrom('tasks')
        .selectAll()
        .where('lead_id', '=', leadId)
        .executeTakeFirstOrThrow()
    const action = `/tasks/${(await taskOf()).id}/done`
    const tasks = await page('/tasks')
    expect(tasks).toContain('Talk with the lead')
    expect(tasks).toContain(`action="${action}"`)
    const response = await visitor.post(action, { back: 'https://evil.example' })
    expect(response.headers.get('Location')).toBe('/tasks')
    expect(await page('/tasks')).not.toContain(`action="${action}"`)
    expect((await taskOf()).done_by).toBe('console:first key')
  })
})

describe('a lead that is added by hand', () => {
  it('is enrolled at once, with the consent that was given', async () => {
    const response = await visitor.post('/leads/new', {
      firstName: 'Ada',
      email: 'By-Hand@Example.com',
      phone: '(305) 555-0143',
      cadence: 'new-lead',
      smsConsent: 'yes',
    })
    const html = await page(response.headers.get('Location') ?? '')
    expect(html).toContain('The lead is added.')
    expect(html).toContain('by-hand@example.com')
    expect(html).toContain('+13055550143')
    expect(html).toContain('step first-reply')
    const consents = await lab.store.db.selectFrom('consents').selectAll().execute()
    expect(consents.map(({ channel, basis, by_lead }) => ({ channel, basis, by_lead }))).toEqual([
      { channel: 'sms', basis: 'express_written', by_lead: false },
    ])
  })

  it('is refused beside the field that is wrong, and what was written stays', async () => {
    const before = await page('/')
    const response = await visitor.post('/leads/new', { firstName: 'Ada', email: 'no address' })
    expect(response.status).toBe(422)
    const html = await response.text()
    expect(html).toContain('id="email-problem"')
    expect(html).toContain('value="Ada"')
    const count = /All <span class="count">(\d+)</
    expect(count.exec(await page('/'))?.[1]).toBe(count.exec(before)?.[1])
  })
})

describe('writing to a lead', () => {
  it('from its page: an email without a subject of its own, and nothing without words', async () => {
    const leadId = await lab.addLead({ firstName: 'Ida', email: newEmail() })
    expect(await page(`/leads/${leadId}`)).toContain('Write to the lead')
    const send = async (fields: Record<string, string>) => {
      await visitor.post(`/leads/${leadId}/messages`, fields)
      return page(`/leads/${leadId}`)
    }
    expect(await send({ channel: 'email', text: ' ' })).toContain('it says nothing')
    expect(await send({ channel: 'email', text: 'Hello Ida' })).toContain(
      'An email needs a subject',
    )
    const sent = await send({ channel: 'email', text: 'Hello Ida', subject: 'As promised' })
    expect(sent).toContain('It leaves as soon as it may')
    const written = await lab.store.db
      .selectFrom('messages')
      .select(['by', 'text'])
      .where('lead_id', '=', leadId)
      .execute()
    expect(written).toMatchObject([{ by: expect.stringMatching(/^console:/), text: 'Hello Ida' }])
  })
})
