import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LeadId } from '../../src/domain/ids.ts'
import { plus } from '../../src/domain/time.ts'
import { type Harness, startHarness } from './harness.ts'

let api: Harness
beforeAll(async () => {
  api = await startHarness()
})
afterAll(() => api.close())

const text = (more = '') =>
  `name: hello\ntitle: Hello\npurpose: nurture\nsteps:\n  - id: first\n    email: new-lead/first-reply\n    after: 2d\n${more}end: { dead: unresponsive }\n`
const files = (more?: string) => [{ path: 'cadences/hello.yaml', text: text(more) }]
const more = '  - id: second\n    email: new-lead/first-reply\n    after: 1d\n'
const publish = (body: Record<string, unknown>) => api.call('POST', '/v1/cadences', body)

describe('publishing over the api', () => {
  it('tells in a dry run what would change and for whom, and changes nothing', async () => {
    await publish({ files: files() })
    const posted = await api.call('POST', '/v1/leads', {
      lead: { email: 'ada@hello.example', source: 'web' },
      cadence: 'hello',
    })
    await api.absorb(posted.body.lead.id as LeadId)
    const { body } = await publish({ files: files(more), dryRun: true })
    expect(body.plan.cadences).toMatchObject([
      {
        name: 'hello',
        from: 1,
        version: 2,
        leads: 1,
        changes: [{ kind: 'added', step: 'second' }],
        impact: { move: [{ version: 1, step: 'first', leads: 1, becomes: 'first' }] },
      },
    ])
    expect((await api.call('GET', '/v1/cadences/hello')).body.version).toBe(1)
  })

  it('publishes by a policy, shows how far it is, and stops when asked', async () => {
    api.clock.now = plus(api.clock.now, 1_000)
    const body = { files: files(more), policy: 'move', expect: { hello: 1 } }
    const [publication] = (await publish(body)).body.publications
    expect(publication).toMatchObject({ policy: 'move', state: 'running', leads: 1, moved: 0 })
    expect((await publish(body)).status).toBe(409)
    const path = `/v1/publications/${publication.id}`
    expect((await api.call('GET', path)).body).toEqual(publication)
    expect((await api.call('POST', `${path}/cancel`)).body.state).toBe('cancelled')
    expect((await api.call('POST', `${path}/cancel`)).status).toBe(409)
    expect((await api.call('GET', '/v1/publications/none')).status).toBe(404)
    const { items } = (await api.call('GET', '/v1/publications?cadence=hello')).body
    expect(items.map(({ version }: { version: number }) => version)).toEqual([2, 1])
  })

  it('reports by version and step, in a span', async () => {
    const { items } = (await api.call('GET', '/v1/reports/cadence?cadence=hello')).body
    expect(items).toMatchObject([
      {
        cadence: 'hello',
        version: 1,
        entered: 1,
        underWay: 1,
        steps: [{ step: 'first', entered: 1, waiting: 1, sent: 0 }],
      },
    ])
    const before = '/v1/reports/cadence?to=2026-01-01T00:00:00Z'
    expect((await api.call('GET', before)).body.items).toEqual([])
    const overview = await api.call('GET', '/v1/reports/overview?to=2026-01-01T00:00:00Z')
    expect(overview.body.byStatus).toEqual([])
  })

  it('has no folder but where it was started with one', async () => {
    expect((await api.call('GET', '/v1/folder')).body.code).toBe('no_folder')
  })
})
