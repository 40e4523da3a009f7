import { beforeAll, describe, expect, it } from 'vitest'
import { disagreements, previewInput } from '../../src/cli/story/compare.ts'
import { parseCadenceSet } from '../../src/domain/cadence/file/set.ts'
import type { LeadId } from '../../src/domain/ids.ts'
import { DAY_MS } from '../../src/domain/time.ts'
import { publish } from '../../src/leads/publishing/publish.ts'
import { putWebhook } from '../../src/leads/telling/webhooks.ts'
import { fetchHistory } from '../../src/temporal/history.ts'
import { recordGolden } from '../support/golden.ts'
import { testLab } from '../support/lab.ts'
import { newPerson } from '../support/workbench.ts'

/** Every kind of step there is, once at least. */
const CADENCE = `name: every-step
title: Every step
purpose: nurture
steps:
  - { id: hello, email: every-step/word, at: asap, hours: any }
  - { id: rest, wait: 2d }
  - id: came
    wait-for: { signal: visit }
    timeout: 10d
    then: warm
  - id: cold-word
    email: every-step/word
    after: 1d..2d
  - { id: round, goto: rest, at-most: 1 }
  - { id: cold-end, end: { dead: not_interested } }
  - id: warm
    update: { attributes: { stage: warm }, tags: { add: [warm] }, score: +10 }
  - { id: tell, webhook: { to: crm } }
  - id: draw
    split: { short: 50, long: 50 }
  - { id: short, goto: plan-known }
  - { id: long, wait: 1d }
  - id: plan-known
    branch:
      - { when: { field: lead.attributes.plan, is: pro }, goto: pro-word }
  - { id: basic-call, task: { kind: call, title: Ask what they look for, due: 1d } }
  - { id: basic-word, email: every-step/word, after: 1d }
  - { id: basic-end, end: { dead: unresponsive } }
  - { id: pro-word, sms: every-step/word }
  - { id: pro-end, end: { hand-off: Show them the pro plan } }
end: { dead: unresponsive }
`
const set = parseCadenceSet([
  { path: 'cadences/every-step.yaml', text: CADENCE },
  {
    path: 'templates/every-step/word.md',
    text: '---\nsubject: A word\n---\nHi {{ lead.firstName | default: "there" }}, what do you think?\n',
  },
  { path: 'templates/every-step/word.sms.txt', text: 'Hi, when may we call you?\n' },
])

describe('each kind of step, lived through on the real server', () => {
  const lab = testLab()
  beforeAll(async () => {
    if (!set.ok) throw new Error(JSON.stringify(set.problems))
    const { intake } = lab().lab
    const by = { who: 'test', at: intake.now() }
    await intake.store.transaction(async (trx) => {
      await putWebhook(trx, 'crm', { url: 'https://crm.example/in' }, by)
      await publish(trx, set, 'test', intake.now())
    })
  })

  async function enter(more: object = {}): Promise<LeadId> {
    const { lead } = await lab().post({ ...newPerson(), ...more }, { cadence: 'every-step' })
    await lab().settled(lead.id)
    return lead.id
  }
  async function results(leadId: LeadId): Promise<string[]> {
    const rows = await lab()
      .lab.intake.store.db.selectFrom('step_results')
      .select(['step_id', 'outcome', 'visit'])
      .where('lead_id', '=', leadId)
      .orderBy('at')
      .orderBy('visit')
      .execute()
    return rows.map(({ step_id, outcome, visit }) => `${step_id} ${outcome} ${visit}`)
  }

  it('a lead that stays silent goes round once and ends as the step says, as its preview told', async () => {
    const leadId = await enter()
    if (!set.ok) throw new Error('the cadence is not valid')
    const cadences = set.cadences.map(({ cadence }) => cadence)
    const [cadence] = cadences
    if (cadence === undefined) throw new Error('there is no cadence')
    const known = { cadences, templates: set.templates }
    const input = await previewInput(lab().lab, leadId, known, {
      cadence,
      entry: { kind: 'form' },
      ms: 40 * DAY_MS,
    })
    await lab().pass(leadId, 41 * DAY_MS)

    expect(await disagreements(lab().lab.intake.store.db, leadId, input, 'UTC')).toEqual([])
    expect(await lab().lead(leadId)).toMatchObject({
      status: 'dead',
      dead_reason: 'not_interested',
    })
    const told = await results(leadId)
    expect(told.filter((each) => each.startsWith('came'))).toEqual([
      'came timed_out 1',
      'came timed_out 2',
    ])
    expect(told.filter((each) => each.startsWith('round'))).toEqual([
      'round jumped 1',
      expect.stringMatching(/^round \w+ 2$/),
    ])
    const touches = await lab()
      .lab.intake.store.db.selectFrom('touches')
      .select(['step_id', 'visit'])
      .where('lead_id', '=', leadId)
      .orderBy('intent_at')
      .execute()
    expect(touches.map(({ step_id, visit }) => `${step_id} ${visit}`)).toEqual([
      'hello 1',
      'cold-word 1',
      'cold-word 2',
    ])
  })

  it('a visit ends the wait: the lead is marked, drawn, asked about and handed over', async () => {
    const leadId = await enter({ attributes: { plan: 'pro' } })
    await lab().pass(leadId, 4 * DAY_MS)
    expect((await lab().lead(leadId)).next_words).toContain('step came waits for a visit')
    await lab().play.visit(leadId, `visit ${leadId}`)
    await lab().settled(leadId)
    await lab().pass(leadId, 7 * DAY_MS)

    const lead = await lab().lead(leadId)
    expect(lead).toMatchObject({ status: 'engaged', tags: ['warm'] })
    expect(lead.attributes).toMatchObject({ plan: 'pro', stage: 'warm' })
    const told = await results(leadId)
    expect(told).toContain('came came 1')
    expect(told).toContain('warm updated 1')
    expect(told.filter((each) => each.startsWith('draw'))).toEqual(['draw drawn 1'])
    expect(told).toContain('tell told 1')
    const deliveries = await lab()
      .lab.intake.store.db.selectFrom('webhook_deliveries')
      .select('webhook')
      .where('lead_id', '=', leadId)
      .execute()
    expect(deliveries).toHaveLength(1)
    const tasks = await lab()
      .lab.intake.store.db.selectFrom('tasks')
      .select(['kind', 'title'])
      .where('lead_id', '=', leadId)
      .execute()
    expect(tasks).toContainEqual({ kind: 'hand_off', title: 'Show them the pro plan' })
    for (const [index, { runId }] of (await lab().play.runs(leadId)).entries()) {
      const history = await fetchHistory(lab().lab.engine.link.client, leadId, runId)
      recordGolden(`waits-for-a-visit-${index + 1}`, history)
    }
  })

  it('and one of another plan takes the other way', async () => {
    const leadId = await enter({ attributes: { plan: 'basic' } })
    await lab().pass(leadId, 3 * DAY_MS)
    await lab().play.visit(leadId, `visit ${leadId}`)
    await lab().settled(leadId)
    await lab().pass(leadId, 12 * DAY_MS)
    expect(await lab().lead(leadId)).toMatchObject({ status: 'dead', dead_reason: 'unresponsive' })
    const { tasks } = await lab()
      .lab.intake.store.db.selectFrom('tasks')
      .select(({ fn }) => fn.countAll<number>().as('tasks'))
      .where('lead_id', '=', leadId)
      .where('kind', '=', 'call')
      .executeTakeFirstOrThrow()
    expect(tasks).toBe(1)
  })
})
