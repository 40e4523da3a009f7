import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { z } from 'zod'
import { smtpChannel } from '../../src/channels/email/smtp.ts'
import { twilioChannel } from '../../src/channels/sms/twilio.ts'
import { instant } from '../../src/domain/time.ts'
import { EMBEDDED_ACCOUNT } from '../../src/local/catchers.ts'
import { sampleEmail } from '../channels/email/sample.ts'
import { sampleSms, smsConfig } from '../channels/sms/sample.ts'
import { webhookReceiver } from '../channels/sms/webhook-receiver.ts'

const addresses = z.object({ smtpPort: z.number(), smsUrl: z.url(), controlUrl: z.url() })
type Running = z.output<typeof addresses> & { child: ChildProcess }

let folder: string
const children: ChildProcess[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rekindle-catchers-'))
})
afterEach(async () => {
  for (const child of children.splice(0)) await stop(child, 'SIGKILL')
  rmSync(folder, { recursive: true })
})

async function start(): Promise<Running> {
  const main = ['--import', 'tsx', 'src/local/catchers-main.ts']
  const child = spawn(process.execPath, [...main, '--folder', folder, '--until-stdin-ends'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  children.push(child)
  for await (const line of createInterface(child.stdout)) {
    return { child, ...addresses.parse(JSON.parse(line)) }
  }
  throw new Error('the catchers ended before they were ready')
}

async function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
  const exit = once(child, 'exit')
  child.kill(signal)
  await exit
  return child.exitCode
}

const page = z.object({
  items: z.array(
    z.object({ id: z.string(), channel: z.string(), at: z.string(), touch: z.string().nullable() }),
  ),
  cursor: z.string().nullable(),
})
const outbox = async ({ controlUrl }: Running, query = '') =>
  page.parse(await (await fetch(`${controlUrl}/outbox${query}`)).json())

const sms = (url: string) =>
  twilioChannel(
    smsConfig(url, {
      ...EMBEDDED_ACCOUNT,
      sender: { kind: 'numbers', pool: [EMBEDDED_ACCOUNT.number] },
    }),
  )

const put = (url: string, body: unknown) =>
  fetch(url, { method: 'PUT', body: JSON.stringify(body) })

it('catch both channels apart from the process that sends, and keep it over a kill', async () => {
  const first = await start()
  const email = smtpChannel({ host: '127.0.0.1', port: first.smtpPort, stampTime: false })
  expect((await email.send(sampleEmail(), { deadlineMs: 5_000 })).kind).toBe('accepted')
  await email.close()
  const sentAfter = instant(Date.now())
  expect((await sms(first.smsUrl).send(sampleSms(), { deadlineMs: 5_000 })).kind).toBe('accepted')
  const caught = await outbox(first)
  expect(caught.items).toMatchObject([
    { channel: 'email', touch: 'touch-7' },
    { channel: 'sms', touch: 'touch-9' },
  ])
  await stop(first.child, 'SIGKILL')

  const second = await start()
  expect(await outbox(second)).toEqual(caught)
  expect((await outbox(second, '?channel=sms&to=+12125550142')).items).toHaveLength(1)
  const { to, body } = sampleSms()
  const evidence = await sms(second.smsUrl).find({ to, body, sentAfter })
  expect(evidence).toMatchObject({ kind: 'found', status: 'delivered' })
  expect(await stop(second.child, 'SIGTERM')).toBe(0)
})

it('take faults and answers by their control api', async () => {
  const hooks = await webhookReceiver()
  const running = await start()
  const { controlUrl, smsUrl } = running
  await put(`${controlUrl}/routes`, { inboundSmsUrl: `${hooks.url}/in` })
  const faults = `${controlUrl}/faults/%2B12125550142`
  expect((await put(faults, { kind: 'create-error', code: 21211, times: 1 })).status).toBe(200)
  const refused = await put(faults, { kind: 'gremlins' })
  expect(refused.status).toBe(422)
  expect(refused.headers.get('content-type')).toContain('application/problem+json')
  expect(await refused.json()).toMatchObject({
    code: 'invalid_fault',
    detail: expect.stringMatching(/^kind: .*'create-error'/),
    fix: expect.any(String),
  })

  const channel = sms(smsUrl)
  expect(await channel.send(sampleSms(), { deadlineMs: 5_000 })).toMatchObject({
    kind: 'permanent',
    code: 'sms_21211',
  })
  expect((await channel.send(sampleSms(), { deadlineMs: 5_000 })).kind).toBe('accepted')
  const { items } = await outbox(running)
  const reply = (id: string, body: string) =>
    fetch(`${controlUrl}/outbox/${id}/reply`, { method: 'POST', body })
  expect((await reply(items[0]?.id ?? '', '{"text":"Hi"}')).status).toBe(202)
  expect(hooks.received[0]?.form.Body).toBe('Hi')
  expect((await reply(items[0]?.id ?? '', 'Hi')).status).toBe(422)
  expect((await reply('none', '{"text":"Hi"}')).status).toBe(404)
  await hooks.close()
})

it('end when the one who started them is gone', async () => {
  const { child } = await start()
  const exit = once(child, 'exit')
  child.stdin?.end()
  expect((await exit)[0]).toBe(0)
})
