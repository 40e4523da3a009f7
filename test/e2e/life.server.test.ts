import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LeadId } from '../../src/domain/ids.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/domain/time.ts'
import type { OutboxItem } from '../../src/local/outbox.ts'
import { Play } from '../support/play.ts'
import { until } from '../support/until.ts'

let play: Play

beforeAll(async () => {
  play = await Play.open()
})
afterAll(async () => {
  await play?.close()
})

/** An independent calendar: what the wall in New York shows. */
function newYork(at: number): { weekday: string; hour: number; minuteOfDay: number } {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: 'America/New_York',
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(at)
  const part = (type: string) => parts.find((each) => each.type === type)?.value ?? ''
  const hour = Number(part('hour'))
  return { weekday: part('weekday'), hour, minuteOfDay: hour * 60 + Number(part('minute')) }
}

function expectLegalAndMannered(items: readonly OutboxItem[], answers = 1): void {
  for (const [index, item] of items.entries()) {
    const { hour, weekday } = newYork(item.at)
    if (item.channel === 'sms') {
      expect(hour, `a text at ${hour}`).toBeGreaterThanOrEqual(8)
      expect(hour, `a text at ${hour}`).toBeLessThan(21)
      expect(weekday).not.toBe('Sun')
    }
    // The instant answer to a form leaves at any hour; everything planned keeps to the day.
    if (index >= answers) {
      expect(hour, `${item.channel} at ${hour}`).toBeGreaterThanOrEqual(9)
      expect(hour, `${item.channel} at ${hour}`).toBeLessThan(19)
    }
  }
}

const minutesApart = (a: number, b: number) =>
  Math.abs(newYork(a).minuteOfDay - newYork(b).minuteOfDay)

describe('the whole life of a lead', () => {
  const email = 'ada@lifelong.example'
  const phone = '+12125550142'
  let leadId: LeadId

  it('answers a form within seconds', async () => {
    const { lead, enrollment } = await play.post(
      { firstName: 'Ada', email, phone, state: 'NY', source: 'webform' },
      { consents: [play.consent()] },
    )
    leadId = lead.id
    expect(enrollment).toEqual({ status: 'started' })
    await until(() => play.caught(email).length === 1, { what: 'the first email' })
    const [first] = play.caught(email)
    expect(Math.abs((first?.at ?? 0) - Date.now())).toBeLessThan(MINUTE_MS)
  })

  it('writes and texts at legal and varied times, and gives up after two weeks', async () => {
    await play.days(leadId, 20)
    const row = await play.planned(leadId, ({ status }) => status === 'dead')
    expect(row.dead_reason).toBe('unresponsive')
    const items = play.caught(email, phone)
    expect(items.filter(({ channel }) => channel === 'email').length).toBeGreaterThanOrEqual(4)
    expect(items.filter(({ channel }) => channel === 'sms').length).toBeGreaterThanOrEqual(2)
    expectLegalAndMannered(items)
    for (const channel of ['email', 'sms'] as const) {
      const times = items.filter((item) => item.channel === channel).map(({ at }) => at)
      for (const [index, at] of times.entries()) {
        const before = times[index - 1]
        if (before === undefined || index < 2) continue
        expect(minutesApart(at, before), 'two attempts at one hour').toBeGreaterThanOrEqual(60)
        expect(newYork(at).weekday).not.toBe(newYork(before).weekday)
      }
    }
    const details = row.dead_details
    expect(details?.reason === 'unresponsive' && details.attempts.length).toBe(items.length)
  })

  it('is known to Temporal by status, reason and cadence, a run for each stretch of life', async () => {
    const runs = await until(async () => {
      const list = await play.runs(leadId)
      return list.at(-1)?.searchAttributes.LeadStatus?.[0] === 'dead' ? list : null
    })
    expect(runs.length).toBeGreaterThanOrEqual(2)
    expect(runs.at(-1)?.searchAttributes).toMatchObject({
      LeadStatus: ['dead'],
      DeadReason: ['unresponsive'],
      Source: ['webform'],
    })
    const kept = await play.lab.intake.store.db
      .selectFrom('runs')
      .select('run_id')
      .where('lead_id', '=', leadId)
      .execute()
    expect(kept.map(({ run_id }) => run_id)).toEqual(
      expect.arrayContaining(runs.slice(0, 1).map(({ runId }) => runId)),
    )
  })

  it('comes back after fourteen months by one visit, and gets one friendly email in preferred hours', async () => {
    await play.days(leadId, 14 * 30.4)
    await play.planned(leadId, ({ status, episode_id }) => status === 'dead' && episode_id === null)
    const before = play.caught(email, phone).length
    await play.visit(leadId, 'visit-morning')
    await play.planned(leadId, ({ status }) => status === 'nurturing')
    const visitedAt = (await play.lab.time.clockOf(leadId)) as number
    await play.visit(leadId, 'visit-evening')
    await play.days(leadId, 2)
    const fresh = play.caught(email, phone).slice(before)
    expect(fresh).toHaveLength(1)
    expect(fresh[0]?.channel).toBe('email')
    expectLegalAndMannered(fresh, 0)
    const waited = (fresh[0]?.at ?? 0) - visitedAt
    expect(waited).toBeGreaterThanOrEqual(3 * HOUR_MS - MINUTE_MS)
    expect(waited).toBeLessThan(2 * DAY_MS)
    const revivals = await play.lab.intake.store.db
      .selectFrom('episodes')
      .select(['kind', 'cadence_name'])
      .where('lead_id', '=', leadId)
      .where('kind', '=', 'revival')
      .execute()
    expect(revivals).toEqual([{ kind: 'revival', cadence_name: 'welcome-back' }])
  })

  it('answers, and a person takes over', async () => {
    const before = play.caught(email, phone).length
    await play.reply(leadId, 'Good timing. Call me tomorrow?')
    const row = await play.planned(leadId, ({ status }) => status === 'engaged')
    expect(row.next_kind).toBe('bell')
    const tasks = await play.lab.intake.store.db
      .selectFrom('tasks')
      .select(['kind', 'done_at'])
      .where('lead_id', '=', leadId)
      .where('kind', '=', 'reply')
      .execute()
    expect(tasks).toEqual([{ kind: 'reply', done_at: null }])
    await play.days(leadId, 60)
    expect(play.caught(email, phone)).toHaveLength(before)
  })
})

describe('coming back', () => {
  it('a dead lead that sends the form again revives; the same post by a nightly sync does not', async () => {
    const person = { email: 'again@revive.example', state: 'NY', source: 'webform' }
    const { lead } = await play.post(person)
    await play.days(lead.id, 20)
    await play.planned(lead.id, ({ status }) => status === 'dead')

    await play.post(person, { form: false })
    expect((await play.planned(lead.id)).status).toBe('dead')

    const sent = play.caught(person.email).length
    const { enrollment } = await play.post(person)
    expect(enrollment).toEqual({ status: 'started' })
    await play.planned(lead.id, ({ status }) => status === 'nurturing')
    await until(() => play.caught(person.email).length === sent + 1)
  })

  it('a visit within the quiet time is recorded and revives nobody', async () => {
    const { lead } = await play.post({ email: 'quiet@revive.example', source: 'webform' })
    await play.operate(lead.id, {
      kind: 'mark_dead',
      details: { reason: 'competitor', competitor: 'Initech', why: 'price', contractEnds: null },
    })
    await play.planned(lead.id, ({ dead_at }) => dead_at !== null)
    await play.days(lead.id, 80)
    await play.visit(lead.id, 'too-soon')
    const { effect } = await until(() => effectOf('too-soon'))
    expect(effect).toContain('quiet time')
    await play.days(lead.id, 11)
    await play.visit(lead.id, 'late-enough')
    expect((await until(() => effectOf('late-enough'))).effect).toContain('revived')
  })

  it('who opted out stays silent, whatever is visited', async () => {
    const email = 'out@revive.example'
    const { lead } = await play.post({ email, source: 'webform' })
    await until(() => play.caught(email).length === 1)
    await play.operate(lead.id, { kind: 'opt_out', channel: 'all', how: 'link', words: null })
    await play.planned(lead.id, ({ dead_reason }) => dead_reason === 'opted_out')
    await until(async () => (await play.workflow(lead.id).describe()).status.name === 'COMPLETED')
    await play.visit(lead.id, 'silent')
    expect((await until(() => effectOf('silent'))).effect).toContain('never contact')
    expect(play.caught(email)).toHaveLength(1)
  })

  it('is checked in on once after half a year, leaves Temporal in the end, and a visit starts it anew', async () => {
    const email = 'sleeper@revive.example'
    const { lead } = await play.post({ email, source: 'webform' })
    await play.days(lead.id, 20)
    await play.planned(lead.id, ({ status }) => status === 'dead')
    const before = play.caught(email).length
    await play.days(lead.id, 200)
    expect(play.caught(email)).toHaveLength(before + 1)
    await play.days(lead.id, 600)
    expect(play.caught(email)).toHaveLength(before + 1)
    await until(async () => (await play.workflow(lead.id).describe()).status.name === 'COMPLETED')
    // A workflow that starts anew starts on the real clock: the death lies in its future.
    await play.lab.intake.store.db
      .updateTable('leads')
      .set({ dead_at: (Date.now() - 700 * DAY_MS) as never })
      .where('id', '=', lead.id)
      .execute()
    await play.visit(lead.id, 'after-the-archive')
    expect((await until(() => effectOf('after-the-archive'))).effect).toContain('revived')
  })
})

async function effectOf(signalId: string) {
  const row = await play.lab.intake.store.db
    .selectFrom('signals')
    .select(['effect', 'processed_at'])
    .where('id', '=', signalId as never)
    .executeTakeFirstOrThrow()
  return row.processed_at === null ? null : { effect: row.effect ?? '' }
}
