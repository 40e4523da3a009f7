import { expect, it } from 'vitest'
import { noEmailChannel, noSmsChannel } from '../../src/channels/not-configured.ts'
import { instant } from '../../src/domain/time.ts'
import { sampleEmail } from './email/sample.ts'
import { sampleSms } from './sms/sample.ts'

it('a channel that is not set up says so, and sends nothing', async () => {
  const [email, sms] = [noEmailChannel(), noSmsChannel()]
  expect(await email.ready()).toMatchObject({ ready: false, kind: 'not_configured' })
  expect(await sms.ready()).toMatchObject({ ready: false, kind: 'not_configured' })
  const soon = { deadlineMs: 1_000 }
  expect(await email.send(sampleEmail(), soon)).toMatchObject({ kind: 'sender_fault' })
  expect(await sms.send(sampleSms(), soon)).toMatchObject({ kind: 'sender_fault' })
  const search = { to: '+12125550142', body: 'x', sentAfter: instant(0) }
  expect(await sms.find(search)).toMatchObject({ kind: 'unavailable' })
})
