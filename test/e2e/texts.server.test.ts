import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { type Started, start } from '../../src/start.ts'
import { until } from '../support/until.ts'
import { newPerson } from '../support/workbench.ts'

/**
 * The whole program, spoken to by HTTP alone: leads are posted, texts leave by HTTP to the
 * emulator, and what people text back comes by its signed webhook.
 */
describe('conversations by text, with the program as it is started', () => {
  let product: Started
  const dataDir = mkdtempSync(join(tmpdir(), 'rekindle-texts-'))
  beforeAll(async () => {
    const reading = readConfig({
      REKINDLE_DATA_DIR: dataDir,
      PUBLIC_PORT: '0',
      PRIVATE_PORT: '0',
      LOG_LEVEL: 'error',
    })
    if (!reading.ok) throw new Error(reading.problems.join('; '))
    product = await start(reading.config)
  })
  afterAll(async () => {
    await product?.stop()
    await rm(dataDir, { recursive: true, force: true })
  })

  async function call(method: string, path: string, body?: object) {
    const response = await fetch(`${product.privateUrl}${path}`, {
      method,
      headers: { Authorization: `Bearer ${product.apiKey}`, 'Content-Type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    })
    const answer = JSON.parse(await response.text())
    if (!response.ok) throw new Error(`${path}: ${response.status} ${JSON.stringify(answer)}`)
    return answer
  }
  const textsTo = async (phone: string): Promise<{ id: string; text: string }[]> =>
    (await call('GET', `/dev/outbox?channel=sms&to=${encodeURIComponent(phone)}`)).items

  /** A lead that has its first text. */
  async function begun() {
    const { firstName, email, phone, state, zip } = newPerson()
    if (phone == null) throw new Error('a person to text has a number')
    const { lead } = await call('POST', '/v1/leads', {
      lead: { firstName, email, phone, state, zip },
      consents: [{ channel: 'sms', basis: 'express_written', disclosure: 'web-1', source: 'form' }],
      cadence: 'new-lead',
      event: 'form',
    })
    const leadId: string = lead.id
    const shown = async () => (await call('GET', `/v1/leads/${leadId}`)).lead
    const pass = (by: string) => call('POST', `/dev/leads/${leadId}/fast-forward`, { by })
    await until(async () => (await shown()).next.words?.includes('sms'), { what: 'the plan' })
    await pass('next-touch')
    await until(async () => (await textsTo(phone)).length === 1, { what: 'the first text' })
    const texts = async () => (await textsTo(phone)).slice(1).map(({ text }) => text)
    const say = async (text: string) => {
      const [first] = await textsTo(phone)
      await call('POST', `/dev/outbox/${first?.id}/reply`, { text })
    }
    const mayText = async () => (await call('GET', `/v1/leads/${leadId}/explain`)).channels.sms
    return { leadId, email, phone, shown, pass, texts, say, mayText }
  }

  it.each([
    // Twilio confirms its own keyword, and would refuse a second confirmation.
    ['STOP', 0, 'unresponsive'],
    ['st0p!!', 1, 'unresponsive'],
    ["please don't text me anymore", 1, 'unresponsive'],
    ['no me escriban más', 1, 'unresponsive'],
    ['take me off all your lists', 1, 'opted_out'],
  ])(
    '%j is confirmed once, and no text follows; email as the words leave it',
    async (words, ours, end) => {
      const one = await begun()
      await one.say(words)
      await until(async () => !(await one.mayText()).allowed, { what: 'the stop' })
      await until(async () => (await one.texts()).length === ours, { what: 'the confirmation' })
      await one.say(words)
      if (end === 'unresponsive') await one.pass('60d')
      await until(async () => (await one.shown()).status === 'dead', { what: 'the end' })
      expect((await one.shown()).dead.reason).toBe(end)
      expect(await one.texts()).toEqual(
        Array.from({ length: ours }, () => expect.stringContaining('no more texts')),
      )
    },
  )

  it('HELP is answered and holds nothing; START brings back what STOP took', async () => {
    const one = await begun()
    await one.say('HELP')
    await until(async () => (await one.texts()).length === 1, { what: 'the answer to HELP' })
    expect(await one.shown()).toMatchObject({ status: 'nurturing', holds: [] })
    await one.say('STOP')
    await until(async () => !(await one.mayText()).allowed, { what: 'the stop' })
    await one.say('START')
    await until(async () => (await one.texts()).length === 2, { what: 'the answer to START' })
    expect(await one.texts()).toEqual([
      expect.stringContaining('for help'),
      expect.stringContaining('opted in'),
    ])
    await one.pass('20d')
    expect((await one.texts()).length).toBeGreaterThan(2)
  })

  it('a wrong number closes the number, and emails go on', async () => {
    const one = await begun()
    await one.say('Sorry, wrong number')
    const phone = async () =>
      (await one.shown()).contactPoints.find(({ kind }: { kind: string }) => kind === 'phone')
    await until(async () => (await phone()).validity === 'invalid', { what: 'the verdict' })
    await one.pass('60d')
    expect(await one.texts()).toEqual([])
    const to = encodeURIComponent(one.email)
    const { items } = await call('GET', `/dev/outbox?channel=email&to=${to}`)
    expect(items.length).toBeGreaterThan(1)
    expect((await one.shown()).dead.reason).toBe('unresponsive')
  })

  it('a competitor is on record by name, and nothing follows', async () => {
    const one = await begun()
    await one.say('We went with Brightline Solar, they were cheaper')
    await until(async () => (await one.shown()).status === 'dead', { what: 'the verdict' })
    expect((await one.shown()).dead).toMatchObject({
      reason: 'competitor',
      details: { competitor: 'Brightline Solar', why: 'price' },
    })
    await one.pass('60d')
    expect(await one.texts()).toEqual([])
  })

  it('the third later without movement is the end, each with its day', async () => {
    const one = await begun()
    for (const words of ['not now', 'call me in two weeks', 'try me again in three months']) {
      await one.say(words)
      await until(
        async () =>
          (await one.shown()).holds.length + Number((await one.shown()).dead !== null) > 0,
        {
          what: words,
        },
      )
      if ((await one.shown()).dead === null) await one.pass('3d')
    }
    const { dead } = await one.shown()
    expect(dead.reason).toBe('postponing')
    expect(dead.details.postponements).toHaveLength(3)
    expect(await one.texts()).toEqual([])
  })
})
