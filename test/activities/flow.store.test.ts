import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import pino from 'pino'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { parseCadenceSet } from '../../src/domain/cadence/file/set.ts'
import type { LeadId } from '../../src/domain/ids.ts'
import {
  DAY_MS,
  HOUR_MS,
  type Instant,
  instant,
  MINUTE_MS,
  plus,
  SECOND_MS,
} from '../../src/domain/time.ts'
import { publish } from '../../src/leads/publishing/publish.ts'
import { putWebhook, removeWebhook } from '../../src/leads/telling/webhooks.ts'
import { cadenceReport } from '../../src/leads/views/cadence-report.ts'
import { explainLead } from '../../src/leads/views/explain.ts'
import { timelineOf } from '../../src/leads/views/timeline/timeline.ts'
import { createDeliveriesLoop, type DeliveriesOptions } from '../../src/wiring/deliver-webhooks.ts'
import { certificate, hasOpenssl } from '../support/certificate.ts'
import { until } from '../support/until.ts'
import { forEachWorkbench, newPerson, type Workbench } from '../support/workbench.ts'

const FLOW = `name: flow
title: Flow
purpose: nurture
steps:
  - { id: hello, email: flow/hello, at: asap, hours: any }
  - id: came
    wait-for: { signal: [visit, click] }
    timeout: 3d
    then: mark
  - { id: cold, end: { dead: not_interested } }
  - id: mark
    update: { attributes: { stage: warm, old: null }, tags: { add: [hot], remove: [cold] }, score: +10, owner: sam@acme.example }
  - { id: tell, webhook: { to: crm } }
  - id: ab
    split: { one: 50, two: 50 }
  - { id: one, goto: asked }
  - { id: two, goto: asked }
  - id: asked
    wait-for: { when: { all: [{ field: lead.attributes.plan, is: pro }, { happened: { step: hello, was: sent } }] } }
    timeout: 5d
  - id: which
    branch:
      - { when: { happened: { step: asked, was: came } }, goto: over }
  - { id: again, goto: asked, at-most: 1 }
  - { id: last, end: { dead: unresponsive } }
  - { id: over, end: { hand-off: Close the deal } }
end: { dead: unresponsive }
`
const FILES = [
  { path: 'cadences/flow.yaml', text: FLOW },
  { path: 'templates/flow/hello.md', text: '---\nsubject: Hello\n---\nHi {{ lead.firstName }}!\n' },
]

forEachWorkbench((_, opened) => {
  let bench: Workbench
  beforeAll(async () => {
    const set = parseCadenceSet(FILES)
    if (!set.ok) throw new Error(JSON.stringify(set.problems))
    await opened().store.transaction((trx) => publish(trx, set, 'test', instant(0)))
  })
  beforeEach(() => {
    bench = opened()
  })

  const later = (ms: number) => {
    bench.clock.now = plus(bench.clock.now, ms)
  }
  /** A lead that got the first email and waits. */
  async function waiting(more: Parameters<typeof newPerson>[0] = {}) {
    const leadId = await bench.post(newPerson(more), { cadence: 'flow' })
    const plan = await bench.touch(leadId, await bench.look(leadId))
    return { leadId, plan }
  }
  const click = (leadId: LeadId) =>
    bench.signal(leadId, {
      kind: 'click',
      payload: { touchId: null, target: 'https://acme.example' },
    })
  const visit = (leadId: LeadId, more: object = {}) =>
    bench.signal(leadId, {
      kind: 'visit',
      payload: { sessionId: `s ${leadId}`, visitorId: null, page: null, interacted: true, ...more },
    })
  const results = async (leadId: LeadId) => {
    const rows = await bench.store.db
      .selectFrom('step_results')
      .select(['step_id', 'outcome', 'visit', 'arm'])
      .where('lead_id', '=', leadId)
      .orderBy('at')
      .orderBy('visit')
      .execute()
    return rows.map(({ step_id, outcome }) => `${step_id} ${outcome}`)
  }

  describe('a lead that waits for a signal', () => {
    it('is rung by it, moves on, is changed, and tells others, each in one row', async () => {
      await bench.store.transaction((trx) =>
        putWebhook(
          trx,
          'crm',
          { url: 'https://crm.example/in' },
          { who: 'test', at: bench.clock.now },
        ),
      )
      const { leadId, plan } = await waiting({ tags: ['cold'], attributes: { old: 1 } })
      expect(plan.summary).toMatch(/^step came waits for a visit or click until then, /)
      expect(plan.next).toEqual({ do: 'wait', ms: 3 * DAY_MS })
      expect((await bench.lead(leadId)).awaits).toEqual(['visit', 'click'])

      expect(await click(leadId)).toMatchObject({ kind: 'accepted', rings: true })
      // It may still turn out to be one of a scanner's.
      expect((await bench.look(leadId)).next).toEqual({ do: 'wait', ms: 10 * SECOND_MS })
      later(10 * SECOND_MS)
      const next = await bench.look(leadId)
      expect(next.summary).toMatch(/^step asked waits for its condition/)

      const [drawn] = await bench.store.db
        .selectFrom('step_results')
        .select('arm')
        .where('lead_id', '=', leadId)
        .where('step_id', '=', 'ab')
        .execute()
      const [{ arms } = { arms: [] }] = await cadenceReport(bench.store.db, 'flow', {})
      expect(arms).toEqual([
        {
          step: 'ab',
          arm: drawn?.arm,
          entered: 1,
          clicked: 1,
          replied: 0,
          optedOut: 0,
          booked: 0,
          converted: 0,
        },
      ])

      const arm = (await results(leadId)).at(3)
      expect(await results(leadId)).toEqual([
        'came came',
        'mark updated',
        'tell told',
        'ab drawn',
        expect.stringMatching(/^(one|two) jumped$/),
      ])
      expect(arm).toBe('ab drawn')
      expect(await bench.lead(leadId)).toMatchObject({
        tags: ['hot'],
        attributes: { stage: 'warm' },
        owner: 'sam@acme.example',
        awaits: null,
      })
      const { score } = await explainLead(
        bench.store.db,
        await bench.lead(leadId),
        bench.clock.now,
        bench.rules,
      )
      expect(score).toMatchObject({
        points: 30,
        parts: [
          { points: 15, because: '1 form' },
          { points: 5, because: '1 click' },
          { points: 10, because: 'step mark of flow' },
        ],
      })
      const audits = await bench.store.db
        .selectFrom('audit_log')
        .select(['who', 'action', 'details'])
        .where('lead_id', '=', leadId)
        .execute()
      expect(audits).toEqual([
        {
          who: 'cadence:flow',
          action: 'update',
          details: {
            step: 'mark',
            fields: ['attributes.old', 'attributes.stage', 'score', 'owner', 'tags'],
          },
        },
      ])
      const told = (await timelineOf(bench.store.db, leadId)).map(({ title }) => title)
      expect(told).toContain('step came, a wait that was answered, to mark: a click came')
      expect(told).toContain('webhook crm: due')
    })

    it('goes the other way when nothing comes, counted from the step before', async () => {
      const { leadId } = await waiting()
      later(3 * DAY_MS - SECOND_MS)
      expect((await bench.look(leadId)).next).toEqual({ do: 'wait', ms: SECOND_MS })
      later(SECOND_MS)
      await bench.look(leadId)
      expect(await results(leadId)).toEqual(['came timed_out', 'cold ended'])
      expect(await bench.lead(leadId)).toMatchObject({
        status: 'dead',
        dead_reason: 'not_interested',
      })
    })

    it('is not fooled by a scanner that follows links and runs pages', async () => {
      const { leadId } = await waiting()
      await visit(leadId, { interacted: false, byLink: true })
      await bench.look(leadId)
      expect(await results(leadId)).toEqual([])
      await visit(leadId, { sessionId: 'a person' })
      await bench.look(leadId)
      expect(await results(leadId)).toContain('came came')
    })

    it('is let on by an operator who hurries it', async () => {
      const { leadId } = await waiting()
      await bench.signal(leadId, { kind: 'send_now', payload: {} })
      await bench.look(leadId)
      expect(await results(leadId)).toEqual(['came timed_out', 'cold ended'])
    })

    it('stands still while it is paused', async () => {
      const { leadId } = await waiting()
      await bench.signal(leadId, { kind: 'pause', payload: { because: 'a holiday' } })
      await bench.look(leadId)
      later(10 * DAY_MS)
      await bench.signal(leadId, { kind: 'resume', payload: {} })
      expect((await bench.look(leadId)).next).toEqual({ do: 'wait', ms: 3 * DAY_MS })
    })
  })

  it('a signal that nobody waits for rings nobody', async () => {
    const leadId = await bench.post(newPerson(), { cadence: 'drip' })
    await bench.look(leadId)
    expect(await click(leadId)).toMatchObject({ kind: 'accepted', rings: false })
  })

  it('a condition is waited for, loops are bounded, and the end hands over', async () => {
    const { leadId } = await waiting()
    await visit(leadId)
    await bench.look(leadId)
    later(5 * DAY_MS)
    // Once in vain, and round again.
    await bench.look(leadId)
    expect((await results(leadId)).slice(-3)).toEqual([
      'asked timed_out',
      'which branched',
      'again jumped',
    ])
    await bench.store.db
      .updateTable('leads')
      .set({ attributes: JSON.stringify({ plan: 'Pro' }) })
      .where('id', '=', leadId)
      .execute()
    await bench.look(leadId)
    expect((await results(leadId)).slice(-2)).toEqual(['which branched', 'over ended'])
    const lead = await bench.lead(leadId)
    expect(lead).toMatchObject({ status: 'engaged', watch_since: bench.clock.now })
    const task = await bench.store.db
      .selectFrom('tasks')
      .select(['title', 'kind', 'assignee'])
      .where('lead_id', '=', leadId)
      .executeTakeFirst()
    expect(task).toEqual({
      title: 'Close the deal',
      kind: 'hand_off',
      assignee: 'sam@acme.example',
    })
  })

  describe('what another system is told', () => {
    const by = (at: Instant) => ({ who: 'test', at })
    async function delivery(name: string, url: string, contactData = false) {
      const input = { url, contactData, secret: 'a-secret-of-16-characters' }
      await bench.store.transaction((trx) => putWebhook(trx, 'crm', input, by(bench.clock.now)))
      await bench.store.db.deleteFrom('webhook_deliveries').execute()
      const { leadId } = await waiting({ externalId: `crm ${name}`, firstName: name })
      await visit(leadId)
      await bench.look(leadId)
      return leadId
    }
    const row = async () =>
      bench.store.db.selectFrom('webhook_deliveries').selectAll().executeTakeFirstOrThrow()
    /** Turns of the loop until the delivery has been tried. */
    async function turn(now: Instant, more: Partial<DeliveriesOptions> = {}) {
      const { attempts } = await row()
      const loop = createDeliveriesLoop({
        intake: { store: bench.store, now: () => now },
        live: true,
        log: pino({ level: 'silent' }),
        everyMs: 10,
        ...more,
      })
      loop.start()
      await until(async () => {
        const { attempts: tried, state, due_at } = await row()
        return (
          (tried > attempts && (state !== 'due' || due_at !== plus(now, 3 * MINUTE_MS))) || null
        )
      })
      await loop.stop()
      return row()
    }
    const wall = () => plus(instant(Date.now()), HOUR_MS)

    it('stays here while nothing may leave', async () => {
      await delivery('catch', 'https://crm.example/in')
      expect(await turn(wall(), { live: false })).toMatchObject({ state: 'caught', attempts: 1 })
    })

    it('is tried again, at last given up with an alert, and never sent to a private address', async () => {
      await delivery('private', 'https://127.0.0.1/in')
      let now = wall()
      for (let tries = 1; tries <= 6; tries += 1) {
        const tried = await turn(now)
        expect(tried).toMatchObject({ state: 'due', attempts: tries })
        expect(tried.because).toBe('the address is not one of the public internet')
        now = tried.due_at
      }
      expect(await turn(now)).toMatchObject({ state: 'failed', attempts: 7 })
      const alerts = await bench.store.db.selectFrom('alerts').selectAll().execute()
      expect(alerts).toMatchObject([
        {
          kind: 'webhook_failed',
          because: 'The webhook “crm” did not take what it was told, 7 times.',
        },
      ])
    })

    it('is dropped when the endpoint or the person is gone', async () => {
      await delivery('gone', 'https://crm.example/in')
      await bench.store.transaction((trx) => removeWebhook(trx, 'crm', by(bench.clock.now)))
      expect(await turn(wall())).toMatchObject({
        state: 'dropped',
        because: 'the endpoint was removed',
      })
      const leadId = await delivery('erased', 'https://crm.example/in')
      await bench.signal(leadId, { kind: 'erase', payload: {} })
      expect(await turn(wall())).toMatchObject({
        state: 'dropped',
        because: 'the person was erased',
      })
    })

    it.skipIf(!hasOpenssl())(
      'is signed, and has contact data only where that was asked for',
      async () => {
        const got: { signature: string; text: string }[] = []
        const made = certificate()
        const server = createServer(made, (request, response) => {
          let text = ''
          request.on('data', (chunk) => {
            text += String(chunk)
          })
          request.on('end', () => {
            got.push({ signature: String(request.headers['x-rekindle-signature']), text })
            response.writeHead(204).end()
          })
        })
        server.listen(0, '127.0.0.1')
        await once(server, 'listening')
        const url = `https://localhost:${(server.address() as AddressInfo).port}/in`
        const trust = { mayReach: () => true, ca: made.cert }
        for (const contactData of [false, true]) {
          await delivery(`Told${contactData}`, url, contactData)
          expect(await turn(wall(), { trust })).toMatchObject({ state: 'delivered' })
          const { signature, text } = got.at(-1) ?? { signature: '', text: '{}' }
          const [, seconds] = /^t=(\d+),v1=/.exec(signature) ?? []
          const expected = createHmac('sha256', 'a-secret-of-16-characters')
            .update(`${seconds}.${text}`)
            .digest('hex')
          expect(signature).toBe(`t=${seconds},v1=${expected}`)
          expect(JSON.parse(text)).toMatchObject({
            type: 'cadence.step',
            cadence: 'flow',
            step: 'tell',
            lead: {
              externalId: `crm Told${contactData}`,
              attributes: { stage: 'warm' },
              tags: ['hot'],
            },
          })
          expect(text.includes('quillfeather.example')).toBe(contactData)
        }
        server.close()
      },
    )

    it('is an alert when there is no such endpoint, and the cadence goes on', async () => {
      await bench.store.db.deleteFrom('webhook_deliveries').execute()
      await bench.store.db.deleteFrom('webhooks').execute()
      const { leadId } = await waiting()
      await visit(leadId)
      await bench.look(leadId)
      expect(await results(leadId)).toContain('ab drawn')
      const alerts = await bench.store.db.selectFrom('alerts').select(['kind', 'because']).execute()
      expect(alerts).toEqual([
        {
          kind: 'webhook_failed',
          because: 'A cadence tells “crm”, and there is no endpoint of that name.',
        },
      ])
    })
  })
})
