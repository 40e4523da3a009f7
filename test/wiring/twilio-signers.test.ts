import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import twilio from 'twilio'
import { readConfig } from '../../src/config.ts'
import { EMBEDDED_ACCOUNT } from '../../src/local/catchers.ts'
import { signersOf } from '../../src/wiring/serve-apps.ts'
import { type Harness, startHarness } from '../api/harness.ts'

const OWN = 'http://127.0.0.1:7400'
const REAL = 'https://go.northwind.example'
const TOKEN = 'the-token-of-the-account'

function configOf(more: NodeJS.ProcessEnv) {
  const reading = readConfig({ PUBLIC_URL: REAL, TWILIO_AUTH_TOKEN: TOKEN, ...more })
  if (!reading.ok) throw new Error(reading.problems.join(' '))
  return reading.config
}

describe('what people text while messages are caught', () => {
  let api: Harness
  beforeAll(async () => {
    api = await startHarness({ twilioSigners: signersOf(configOf({}), OWN, EMBEDDED_ACCOUNT) })
  })
  afterAll(() => api.close())

  let serial = 0
  const post = async (publicUrl: string, token: string, Body: string, From = '+12125550142') => {
    serial += 1
    const MessageSid = `SM${String(serial).padStart(32, '0')}`
    const form = { MessageSid, From, To: '+15005550006', Body }
    const signature = twilio.getExpectedTwilioSignature(
      token,
      `${publicUrl}/hooks/twilio/inbound`,
      form,
    )
    const answer = await api.publicApp.request(`${OWN}/hooks/twilio/inbound`, {
      method: 'POST',
      headers: { 'X-Twilio-Signature': signature },
      body: new URLSearchParams(form),
    })
    return { status: answer.status, text: await answer.text() }
  }
  const stopped = async () => {
    serial += 1
    const { body } = await api.call('POST', '/v1/leads', {
      lead: { email: `s${serial}@example.com`, phone: '+12125550142' },
      consents: [{ channel: 'sms', basis: 'express_written', source: 'list' }],
    })
    return body.channels.sms.rule === 'suppression'
  }

  it('is heard from the real account, and nothing leaves with the response', async () => {
    expect(await post(REAL, TOKEN, 'HELP')).toMatchObject({
      status: 200,
      text: expect.not.stringContaining('<Message>'),
    })
    expect((await post(REAL, TOKEN, 'STOP')).status).toBe(200)
    expect(await stopped()).toBe(true)
  })

  it('is heard from the emulator, which catches the answer', async () => {
    const { text } = await post(OWN, EMBEDDED_ACCOUNT.authToken, 'HELP', '+12125550149')
    expect(text).toContain('<Message>')
  })

  it('is refused from the emulator’s token at the real address, and the other way round', async () => {
    expect((await post(REAL, EMBEDDED_ACCOUNT.authToken, 'START')).status).toBe(403)
    expect((await post(OWN, TOKEN, 'START')).status).toBe(403)
    expect(await stopped()).toBe(true)
  })
})

it('an answer leaves with the response only to whom messages may leave', () => {
  const answers = (more: NodeJS.ProcessEnv) => {
    const [signer] = signersOf(configOf(more), REAL, null)
    return ['+12125550142', '+12125550143'].map((to) => signer?.mayAnswer(to))
  }
  expect(answers({ OUTBOUND: 'live' })).toEqual([true, true])
  const listed = { OUTBOUND: 'allowlist', OUTBOUND_ALLOWLIST: '+12125550142' }
  expect(answers(listed)).toEqual([true, false])
  expect(answers({ OUTBOUND: 'catch' })).toEqual([false, false])
})
