import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { runCli, temporaryFile, temporaryFolder } from './run-cli.ts'

const ADA = JSON.stringify({
  lead: { firstName: 'Ada <b>', email: 'ada@example.com', phone: '+12125550142', state: 'NY' },
  consents: [
    {
      channel: 'sms',
      basis: 'express_written',
      disclosure: 'web-2026-03',
      at: '2026-11-22T15:04:05Z',
      source: 'https://acme.example/quote',
    },
  ],
})
const FROM = ['--from', '2026-11-23T15:00:00Z']

it('shows as JSON, and as a page, what a lead would get and why then', async () => {
  const page = join(await temporaryFolder(), 'page.html')
  const lead = await temporaryFile('ada.json', ADA)
  const args = ['cadence', 'preview', 'new-lead', '--lead', lead, ...FROM, '--html', page]
  const { code, stdout } = await runCli([...args, '--what-if', 'STOP on day 2', '--json'])
  expect(code).toBe(0)
  const [told] = JSON.parse(stdout).leads
  expect(told.events.filter(({ kind }: { kind: string }) => kind === 'touch')).toHaveLength(6)
  expect(told.events[1]).toMatchObject({
    kind: 'touch',
    step: 'first-reply',
    at: '2026-11-23T15:00:00Z',
  })
  expect(told.events[1].rules.map(({ rule }: { rule: string }) => rule)).toContain('consent')
  const html = await readFile(page, 'utf8')
  expect(html).toContain('Ada &lt;b&gt;')
  expect(html).not.toContain('<b>')
})

it('tells people a table, for each lead of a CSV', async () => {
  const csv = await temporaryFile(
    'leads.csv',
    'firstName,email\nAda,ada@example.com\nBen,ben@example.com\n',
  )
  const { code, stdout } = await runCli(['cadence', 'preview', 'new-lead', '--lead', csv, ...FROM])
  expect(code).toBe(0)
  expect(stdout).toMatch(/Ada; times of [\s\S]*Ben; times of/)
  expect(stdout).toMatch(/no text hello\s/)
  expect(stdout).toContain('In the end the lead is dead (unresponsive).')
})

it('tells what texts weigh and cost, at the prices of the settings', async () => {
  const lead = await temporaryFile('ada.json', ADA)
  const settings = await temporaryFile(
    'company.yaml',
    'textPrices: { currency: USD, perSegment: { "+1": "0.0083" } }\n',
  )
  const page = join(await temporaryFolder(), 'page.html')
  const args = ['cadence', 'preview', 'new-lead', '--lead', lead, ...FROM]
  const priced = [...args, '--settings', settings]
  const { stdout } = await runCli([...priced, '--html', page])
  expect(stdout).toMatch(/text hello .* 1 segment, GSM-7, 0\.0083 USD\n/)
  expect(stdout).toMatch(/\n\d texts, \d segments, 0\.0\d+ USD\.\n/)
  expect(await readFile(page, 'utf8')).toContain('1 segment, GSM-7, 0.0083 USD')
  const { leads } = JSON.parse((await runCli([...priced, '--json'])).stdout)
  const texts = leads[0].events.filter(({ channel }: { channel?: string }) => channel === 'sms')
  expect(texts[0].weight).toMatchObject({
    segments: 1,
    encoding: 'GSM-7',
    cost: { amount: '0.0083' },
  })
  // Without a price there is no cost; without a text, nothing to weigh.
  expect((await runCli(args)).stdout).toMatch(/text hello .* 1 segment, GSM-7\n/)
  const email = JSON.stringify({ lead: { email: 'ada@example.com' } })
  const plain = await temporaryFile('email.json', email)
  const none = await runCli(['cadence', 'preview', 'new-lead', '--lead', plain, ...FROM])
  expect(none.stdout).not.toMatch(/segment|TEXT/)
})

it('names the line and the field that it cannot read, and the words it does not know', async () => {
  const csv = await temporaryFile('leads.csv', 'firstName,email,phone\nAda,ada@example.com,12\n')
  const bad = await runCli(['cadence', 'preview', 'new-lead', '--lead', csv])
  expect(bad.code).toBe(1)
  expect(bad.stderr).toContain('phone')
  const lead = await temporaryFile('ada.json', ADA)
  const args = ['cadence', 'preview', 'new-lead', '--lead', lead]
  const odd = await runCli([...args, '--what-if', 'rain on day 3'])
  expect(odd.code).toBe(2)
  expect(odd.stderr).toContain('"rain on day 3" is not understood')
})
