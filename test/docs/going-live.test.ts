import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { readYaml } from '../../src/domain/cadence/file/yaml-source.ts'
import { instant } from '../../src/domain/time.ts'
import { prepareToGoLive } from '../../src/wiring/going-live.ts'
import { type Harness, startHarness } from '../api/harness.ts'

const text = readFileSync('docs/going-live.md', 'utf8')

let api: Harness
beforeAll(async () => {
  api = await startHarness()
})
afterAll(() => api.close())

it('sets a company that may go live, and the switch takes its decision', async () => {
  const [, yaml = ''] = /```yaml\n(.*?)```/s.exec(text) ?? []
  const reading = readYaml('company.yaml', yaml)
  if (!reading.ok) throw new Error('the guide’s company.yaml is no YAML')
  const set = await api.call('PATCH', '/v1/settings', reading.source.value)
  expect(set).toMatchObject({ status: 200, body: { sample: [] } })

  const { body: posted } = await api.call('POST', '/v1/leads', {
    lead: { email: 'ada@example.com', source: 'webform' },
    cadence: 'new-lead',
  })
  await api.absorb(posted.lead.id)
  const email = {
    OUTBOUND: 'live',
    SMTP_URL: 'smtps://smtp.example.com',
    PUBLIC_URL: 'https://go.northwind.example',
  } as const
  await expect(prepareToGoLive(api.store, email)).rejects.toMatchObject({
    code: 'no_way_in',
  })
  await expect(prepareToGoLive(api.store, { OUTBOUND: 'live' })).rejects.toMatchObject({
    code: 'due_messages_undecided',
  })
  const [, to, due] = /rekindle outbound --to (\w+) --due (\w+)/.exec(text) ?? []
  api.clock.now = instant(Date.now())
  expect((await api.call('POST', '/v1/outbound', { to, due })).status).toBe(200)
  const elsewhere = { ...email, REPLIES_BY_EMAIL: 'elsewhere' } as const
  expect(await prepareToGoLive(api.store, elsewhere)).toMatchObject({ moved: 1 })
})

it('names only variables that there are, as they are to be written', () => {
  const blocks = [...text.matchAll(/```dotenv\n(.*?)```/gs)].map(([, block]) => block ?? '')
  const names = new Set(
    blocks.flatMap((block) =>
      [...block.matchAll(/\b([A-Z][A-Z_]{3,})=/g)].map(([, name]) => name ?? ''),
    ),
  )
  expect(names.size).toBeGreaterThan(8)
  const config = readFileSync('src/config.ts', 'utf8')
  for (const name of names) expect(config, name).toContain(`  ${name.replace(/_FILE$/, '')}:`)
  const numbers = {
    TWILIO_FROM: '+12075550101,+12075550102',
    OUTBOUND_ALLOWLIST: '@northwind.example',
  }
  expect(readConfig(numbers)).toMatchObject({
    ok: true,
    config: { TWILIO_FROM: ['+12075550101', '+12075550102'] },
  })
})
