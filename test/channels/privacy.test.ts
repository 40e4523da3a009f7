import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { smtpChannel } from '../../src/channels/email/smtp.ts'
import { twilioChannel } from '../../src/channels/sms/twilio.ts'
import { instant } from '../../src/domain/time.ts'
import { type Catchers, startCatchers } from '../../src/local/catchers.ts'
import { sampleEmail } from './email/sample.ts'
import { ACCOUNT, sampleSms, smsConfig } from './sms/sample.ts'

// Outcomes travel into the ledger, alerts and workflow histories, and the output of a process ends
// up in logs: none of them may hold an address, a number, a name or a text.

let catchers: Catchers
beforeEach(async () => {
  catchers = await startCatchers({ account: ACCOUNT, gapMs: 1 })
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await catchers.close()
})

const words = 'ada@example.com +12125550142 12125550142 Ada Acme interested'.split(' ')

async function printed(run: () => Promise<unknown>): Promise<string> {
  const out = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  const error = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  const consoles = (['log', 'info', 'warn', 'error', 'debug'] as const).map((level) =>
    vi.spyOn(console, level).mockReturnValue(undefined),
  )
  try {
    const result = await run()
    const calls = [out, error, ...consoles].flatMap(({ mock }) => mock.calls)
    return JSON.stringify([result, calls])
  } finally {
    vi.restoreAllMocks()
  }
}

function expectSilence(text: string) {
  expect(words.filter((word) => text.includes(word))).toEqual([])
}

it('email: whatever the server says', async () => {
  const says = 'no: Ada <ada@example.com> +12125550142'
  const faults = [
    { kind: 'reply', code: 550, text: `5.1.1 ${says}` },
    { kind: 'reply', code: 450, text: says },
    { kind: 'reply', stage: 'data', code: 554, text: says },
    { kind: 'reset', stage: 'rcpt' },
    { kind: 'reset-after-data' },
    { kind: 'slow', ms: 60_000 },
    { kind: 'none' },
  ]
  const channel = smtpChannel({ ...catchers.smtp, stampTime: true })
  const text = await printed(async () => {
    const outcomes: unknown[] = [await channel.ready()]
    for (const fault of faults) {
      expect(catchers.faults.set('ada@example.com', fault).kind).toBe('set')
      const { kind, ...rest } = await channel.send(sampleEmail(), { deadlineMs: 500 })
      outcomes.push(kind, rest)
    }
    outcomes.push(
      await channel.send(sampleEmail({ to: 'Ada ada@example.com' }), { deadlineMs: 500 }),
    )
    return outcomes
  })
  await channel.close()
  // The Message-ID is ours and names the touch alone.
  expectSilence(text.replace('<touch-7@acme.example>', ''))
  expect(text).toContain('email_unknown_recipient')
})

it('texts: whatever Twilio says, also with the SDK asked for debug output', async () => {
  vi.stubEnv('TWILIO_LOG_LEVEL', 'debug')
  const faults = [
    { kind: 'create-error', code: 21211 },
    { kind: 'create-error', code: 21999 },
    { kind: 'http', status: 500 },
    { kind: 'http', status: 429 },
    { kind: 'timeout-after-acceptance' },
    { kind: 'none' },
  ]
  const text = await printed(async () => {
    const channel = twilioChannel(smsConfig(catchers.sms.baseUrl))
    const outcomes: unknown[] = [await channel.ready()]
    for (const fault of faults) {
      expect(catchers.faults.set('+12125550142', fault).kind).toBe('set')
      outcomes.push(await channel.send(sampleSms(), { deadlineMs: 500 }))
    }
    const { to, body } = sampleSms()
    outcomes.push(await channel.find({ to, body, sentAfter: instant(0) }))
    return outcomes
  })
  expectSilence(text)
  expect(text).toContain('sms_21211')
})
