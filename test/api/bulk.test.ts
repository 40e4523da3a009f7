import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Harness, startHarness } from './harness.ts'

let api: Harness
const leads: string[] = []
beforeAll(async () => {
  api = await startHarness()
  for (const name of ['ada', 'bea', 'cy']) {
    const lead = { email: `${name}@example.com`, source: 'fair', tags: [name], owner: 'sam' }
    const { body } = await api.call('POST', '/v1/leads', { lead, event: 'form' })
    await api.absorb(body.lead.id)
    leads.push(body.lead.id)
  }
})
afterAll(() => api.close())

const PAUSE = { whom: { source: 'fair' }, do: { action: 'pause', because: 'test' } }

describe('/v1/bulk', () => {
  it('counts and shows first, and changes nothing', async () => {
    const preview = await api.call('POST', '/v1/bulk/preview', {
      ...PAUSE,
      pace: { perDay: 2 },
    })
    expect(preview).toMatchObject({ status: 200, body: { count: 3, lasts: '2d', what: 'pause' } })
    expect(preview.body.sample).toHaveLength(3)
    expect((await api.call('GET', '/v1/bulk')).body.items).toEqual([])
  })

  it('begins, stands still, goes on and ends when it is told to; who did it is kept', async () => {
    const begun = await api.call('POST', '/v1/bulk', { ...PAUSE, expected: 3 })
    expect(begun).toMatchObject({
      status: 201,
      body: {
        run: { state: 'running', total: 3, whom: 'leads with source fair', by: 'api:tests' },
      },
    })
    const path = `/v1/bulk/${begun.body.run.id}`
    expect((await api.call('POST', `${path}/pause`, {})).body.run.state).toBe('paused')
    expect((await api.call('POST', `${path}/resume`, {})).body.run.state).toBe('running')
    expect((await api.call('POST', `${path}/cancel`, {})).body.run.state).toBe('cancelled')
    expect(await api.call('POST', `${path}/resume`, {})).toMatchObject({
      status: 409,
      body: { code: 'bulk_has_ended' },
    })
    expect((await api.call('GET', path)).body).toMatchObject({ passed: [], cursor: null })
    const audit = await api.store.db
      .selectFrom('audit_log')
      .select('action')
      .where('who', '=', 'api:tests')
      .where('action', 'like', 'bulk%')
      .orderBy('at')
      .execute()
    expect(audit.map(({ action }) => action).toSorted()).toEqual([
      'bulk_begun',
      'bulk_cancel',
      'bulk_pause',
      'bulk_resume',
    ])
  })

  it('refuses what names nobody, more than was expected, and what it does not know', async () => {
    const nobody = await api.call('POST', '/v1/bulk', { whom: {}, do: { action: 'skip' } })
    expect(nobody).toMatchObject({ status: 422, body: { errors: [{ field: 'whom' }] } })
    expect(await api.call('POST', '/v1/bulk', { ...PAUSE, expected: 2 })).toMatchObject({
      status: 409,
      body: { code: 'more_than_expected' },
    })
    const unknown = { whom: { everyone: true }, do: { action: 'enroll', cadence: 'new-led' } }
    expect(await api.call('POST', '/v1/bulk', unknown)).toMatchObject({
      status: 422,
      body: { errors: [{ field: 'do.cadence' }] },
    })
    const both = { ...PAUSE, pace: { perDay: 1, perMinute: 1 } }
    expect((await api.call('POST', '/v1/bulk', both)).status).toBe(422)
    expect((await api.call('GET', '/v1/bulk/bulk_none')).status).toBe(404)
  })
})

describe('the conditions of bulk runs', () => {
  it('are those of the list of leads', async () => {
    const ids = async (query: string) =>
      (await api.call('GET', `/v1/leads?${query}`)).body.items.map(({ id }: { id: string }) => id)
    expect((await ids('tag=bea')).toSorted()).toEqual([leads[1]])
    expect(await ids('source=fair&owner=sam&cadence=new-lead')).toHaveLength(3)
    expect(await ids('source=fair&owner=tom')).toEqual([])
    expect(await ids('cadence=sunset')).toEqual([])
    const { body } = await api.call('GET', `/v1/leads/${leads[0]}`)
    expect(await ids(`step=${body.lead.cadence.step}&source=fair`)).toHaveLength(3)
  })
})

describe('/v1/segments', () => {
  const path = '/v1/segments/of-bea'
  const definition = { title: 'Of Bea', when: { field: 'lead.tags', has: 'bea' } }

  it('name conditions, which tell who is in them now, and whom a run concerns', async () => {
    const made = await api.call('PUT', path, definition)
    expect(made).toMatchObject({ status: 201, body: { segment: { name: 'of-bea' } } })
    expect((await api.call('PUT', path, definition)).status).toBe(200)
    expect((await api.call('GET', '/v1/segments')).body.items).toHaveLength(1)
    const who = await api.call('GET', `${path}/leads`)
    expect(who.body).toMatchObject({ items: [{ id: leads[1] }], cursor: null })
    const whom = { segment: 'of-bea' }
    const preview = await api.call('POST', '/v1/bulk/preview', { ...PAUSE, whom })
    expect(preview.body).toMatchObject({ count: 1, exact: true, sample: [{ id: leads[1] }] })
    const { body } = await api.call('POST', '/v1/bulk', { ...PAUSE, whom, expected: 1 })
    expect(body.run).toMatchObject({ total: 1, whom: 'leads with segment of-bea' })
    await api.call('POST', `/v1/bulk/${body.run.id}/cancel`, {})
    expect((await api.call('DELETE', path)).status).toBe(200)
    expect((await api.call('GET', path)).body.code).toBe('no_such_segment')
    expect(await api.call('POST', '/v1/bulk', { ...PAUSE, whom })).toMatchObject({
      status: 422,
      body: { errors: [{ field: 'whom.segment' }] },
    })
  })

  it('are refused where they say what nobody understands', async () => {
    const wrong = { title: 'x', when: { field: 'lead.sauce', is: 'x' } }
    expect((await api.call('PUT', path, wrong)).status).toBe(422)
    expect((await api.call('PUT', '/v1/segments/No%20Name', definition)).status).toBe(422)
  })
})

describe('the pause of a cadence', () => {
  it('says what resuming would do, in each mode, before it is resumed', async () => {
    const path = '/v1/cadences/new-lead'
    expect((await api.call('GET', `${path}/pause`)).body.code).toBe('cadence_not_paused')
    const paused = await api.call('POST', `${path}/pause`, { because: 'prices' })
    expect(paused).toMatchObject({ status: 201, body: { pause: { because: 'prices' } } })
    expect((await api.call('POST', `${path}/pause`, {})).status).toBe(200)
    const listed = (await api.call('GET', '/v1/cadences')).body.items
    expect(listed.find(({ name }: { name: string }) => name === 'new-lead').paused).toMatchObject({
      because: 'prices',
    })
    const shown = await api.call('GET', `/v1/leads/${leads[0]}`)
    expect(shown.body.lead.status).toBe('held')
    const { body } = await api.call('GET', `${path}/pause`)
    expect(body.resume).toMatchObject({ leads: 3, looked: 3 })
    expect(body.resume.modes.map(({ mode }: { mode: string }) => mode)).toEqual([
      'shift',
      'skip-overdue',
      'send-one',
    ])
    const resumed = await api.call('POST', `${path}/resume`, { mode: 'send-one' })
    expect(resumed.body).toMatchObject({ mode: 'send-one', woken: 3 })
    const { run } = (await api.call('GET', `/v1/bulk/${resumed.body.bulk}`)).body
    expect(run).toMatchObject({ what: 'plan anew', pace: '600 a minute', state: 'running' })
    expect((await api.call('POST', `${path}/resume`, {})).status).toBe(409)
    expect((await api.call('POST', '/v1/cadences/none/pause', {})).status).toBe(422)
  })

  it('of a lead too, and the queue behind its cadence can be shortened', async () => {
    const path = `/v1/leads/${leads[0]}`
    await api.call('POST', `${path}/pause`, { because: 'talking' })
    const { body } = await api.call('GET', `${path}/pause`)
    expect(body).toMatchObject({ holds: [{ kind: 'paused' }], resume: { leads: 1 } })
    expect((await api.call('POST', `${path}/resume`, { mode: 'never' })).status).toBe(422)
    expect((await api.call('POST', `${path}/resume`, { mode: 'send-one' })).status).toBe(200)
    expect((await api.call('DELETE', `${path}/queue/queued_none`)).body.code).toBe('not_in_queue')
  })
})
