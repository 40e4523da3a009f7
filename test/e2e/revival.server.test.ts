import { describe, expect, it } from 'vitest'
import type { LeadId } from '../../src/domain/ids.ts'
import type { DeadDetails } from '../../src/domain/lead.ts'
import type { Signal } from '../../src/domain/signals.ts'
import { DAY_MS, HOUR_MS, instant, MINUTE_MS, plus } from '../../src/domain/time.ts'
import type { LeadInput } from '../../src/leads/incoming/lead-fields.ts'
import { testLab } from '../support/lab.ts'
import { isBetween } from '../support/local-hours.ts'
import { until } from '../support/until.ts'
import { newPerson } from '../support/workbench.ts'

const MONTH_MS = 30.44 * DAY_MS
const UNRESPONSIVE: DeadDetails = { reason: 'unresponsive', attempts: [] }
const HOSTILE: DeadDetails = { reason: 'hostile', words: 'leave me alone' }

const VISIT: Signal = {
  kind: 'visit',
  payload: { sessionId: 's', visitorId: null, page: null, interacted: true },
}

describe('bringing dead leads back, on the real server in virtual time', () => {
  const lab = testLab()

  /** A lead that was written to once and then given up by sales. */
  async function dead(details: DeadDetails, more: LeadInput = {}) {
    const person = { ...newPerson(), ...more }
    const posted = await lab().post(person)
    const leadId = posted.lead.id
    await until(() => lab().mails(person.email).length > 0, { what: 'the first email' })
    await lab().signal(leadId, { kind: 'mark_dead', payload: { details } })
    return { leadId, person, mails: () => lab().mails(person.email, person.phone).slice(1) }
  }
  const status = async (leadId: LeadId) => (await lab().lead(leadId)).status
  const handle = (leadId: LeadId) => lab().play.workflow(leadId)
  const openTasks = (leadId: LeadId) =>
    lab()
      .lab.intake.store.db.selectFrom('tasks')
      .select(['title', 'because'])
      .where('lead_id', '=', leadId)
      .where('done_at', 'is', null)
      .execute()

  it('a visit within the quiet time is shown to the owner and revives nobody', async () => {
    const { leadId, mails } = await dead(UNRESPONSIVE)
    await lab().pass(leadId, 29 * DAY_MS)
    await lab().signal(leadId, VISIT)
    expect(await status(leadId)).toBe('dead')
    expect(await openTasks(leadId)).toMatchObject([{ title: 'The lead is back: have a look' }])
    await lab().pass(leadId, 2 * DAY_MS)
    await lab().signal(leadId, VISIT)
    expect(await status(leadId)).toBe('nurturing')
    await lab().pass(leadId, 3 * DAY_MS)
    expect(mails()).toHaveLength(1)
  })

  it('revives once in 90 days and back to its own reason when nobody answers', async () => {
    const competitor: DeadDetails = {
      reason: 'competitor',
      competitor: 'Globex',
      why: 'price',
      contractEnds: null,
    }
    const { leadId, mails } = await dead(competitor)
    await lab().pass(leadId, 100 * DAY_MS)
    await lab().signal(leadId, VISIT)
    await lab().signal(leadId, VISIT)
    await lab().pass(leadId, 30 * DAY_MS)
    expect(mails().map(({ channel }) => channel)).toEqual(['email', 'email'])
    for (const { at } of mails()) expect(isBetween(at, [9, 19], 'America/New_York')).toBe(true)
    expect(await lab().lead(leadId)).toMatchObject({
      status: 'dead',
      dead_details: { competitor: 'Globex' },
    })
    await lab().pass(leadId, 50 * DAY_MS)
    await lab().signal(leadId, VISIT)
    expect(await status(leadId)).toBe('dead')
    expect(mails()).toHaveLength(2)
  })

  it('a lead that posts the same form again comes back at once; a nightly sync revives nobody', async () => {
    const { leadId, person, mails } = await dead(UNRESPONSIVE)
    await lab().pass(leadId, 100 * DAY_MS)
    const synced = await lab().post(person, { form: false, cadence: undefined })
    expect(synced.enrollment.status).toBe('refused')
    expect(await status(leadId)).toBe('dead')
    const again = await lab().post(person)
    expect(again).toMatchObject({ created: false, enrollment: { status: 'started' } })
    await until(() => mails().length === 1, { what: 'the answer to the form' })
    expect(mails()[0]?.subject).toContain('thanks for getting in touch')
    expect(await status(leadId)).toBe('nurturing')
    await lab().post(person, { form: false, cadence: undefined })
    expect(mails()).toHaveLength(1)
  })

  it.each([
    HOSTILE,
    { reason: 'spam', evidence: null },
    { reason: 'opted_out', how: 'link', words: null },
  ] satisfies DeadDetails[])('a visit by who is $reason stays unanswered', async (details) => {
    const { leadId, mails } = await dead(details)
    await until(async () => (await handle(leadId).describe()).status.name === 'COMPLETED')
    const silent = await lab().signal(leadId, VISIT)
    expect(silent).toMatchObject({ kind: 'accepted', rings: false })
    expect(await status(leadId)).toBe('dead')
    expect(mails()).toEqual([])
    expect(await openTasks(leadId)).toEqual([])
  })

  it('is checked in on once, at the time that its reason sets', async () => {
    const { leadId, mails } = await dead({ reason: 'not_interested', words: null })
    await lab().pass(leadId, 9 * MONTH_MS - DAY_MS)
    expect(mails()).toEqual([])
    await lab().pass(leadId, 10 * DAY_MS)
    expect(mails().map(({ channel }) => channel)).toEqual(['email'])
    await lab().pass(leadId, 30 * DAY_MS)
    expect(await lab().lead(leadId)).toMatchObject({ dead_reason: 'not_interested', check_ins: 1 })
    await lab().pass(leadId, 12 * MONTH_MS)
    expect(mails()).toHaveLength(1)
  })

  it('gets a person instead of a message on the date it named', async () => {
    const askedAt = instant(Date.now())
    const postponements = [{ askedAt, until: plus(askedAt, 20 * DAY_MS) }]
    const { leadId, mails } = await dead({ reason: 'postponing', postponements })
    await lab().pass(leadId, 25 * DAY_MS)
    expect(await openTasks(leadId)).toMatchObject([{ title: 'Check in with the lead' }])
    expect(mails()).toEqual([])
  })

  it('leaves Temporal after eighteen months of sleep, and a visit starts it anew', async () => {
    const { leadId, mails } = await dead({
      reason: 'no_matching_offering',
      wanted: 'blue ones',
      fault: null,
    })
    const first = await handle(leadId).describe()
    await lab().pass(leadId, 18 * MONTH_MS - DAY_MS)
    expect((await handle(leadId).describe()).status.name).toBe('RUNNING')
    await lab().pass(leadId, 2 * DAY_MS)
    await until(async () => (await handle(leadId).describe()).status.name === 'COMPLETED')
    expect(await lab().lead(leadId)).toMatchObject({ status: 'dead', next_kind: 'done' })
    // A new workflow begins at real time again; the row is made as old as it would be.
    await lab()
      .lab.intake.store.db.updateTable('leads')
      .set({ dead_at: instant(Date.now() - 19 * MONTH_MS) })
      .where('id', '=', leadId)
      .execute()
    await lab().signal(leadId, VISIT)
    const anew = await handle(leadId).describe()
    expect(anew.status.name).toBe('RUNNING')
    expect(anew.runId).not.toBe(first.runId)
    expect(await status(leadId)).toBe('nurturing')
    await lab().pass(leadId, 3 * DAY_MS)
    expect(mails()).toHaveLength(1)
  })

  it('the first message of a revival waits from three hours on, for several leads not at once', async () => {
    const leads = await Promise.all([1, 2, 3, 4].map(() => dead(UNRESPONSIVE)))
    const waits: number[] = []
    for (const { leadId, mails } of leads) {
      await lab().pass(leadId, 60 * DAY_MS)
      const visitedAt = await lab().clockOf(leadId)
      await lab().signal(leadId, VISIT)
      await lab().pass(leadId, 3 * DAY_MS)
      const [hello] = mails()
      waits.push((hello?.at ?? 0) - visitedAt)
    }
    for (const wait of waits) expect(wait).toBeGreaterThanOrEqual(3 * HOUR_MS)
    const sorted = waits.toSorted((a, b) => a - b)
    const gaps = sorted.slice(1).map((wait, index) => wait - (sorted[index] ?? 0))
    expect(Math.max(...gaps)).toBeGreaterThan(5 * MINUTE_MS)
  })
})
