import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { fetchPublicText } from '../../src/api/public-fetch.ts'
import type { SnsMessage } from '../../src/channels/email/sns.ts'
import type { LeadId } from '../../src/domain/ids.ts'
import { type Signer, snsSigner } from '../support/sns.ts'
import { type Harness, leadRow, startHarness } from './harness.ts'

const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:ses-feedback'
const CERTIFICATE_URL =
  'https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem'
const SECRET = 'a-secret-for-postmark'

let api: Harness
let signer: Signer
let fetched: string[] = []
let messages = 0

beforeAll(async () => {
  signer = snsSigner(new Date('2026-01-01T00:00:00Z'), new Date('2027-01-01T00:00:00Z'))
  api = await startHarness({
    emailHooks: {
      sesTopics: [TOPIC],
      postmarkSecret: SECRET,
      fetchText: async (url) => {
        fetched.push(url)
        return url.endsWith('.pem') ? signer.certificate : 'confirmed'
      },
    },
  })
})
afterAll(() => api.close())
beforeEach(() => {
  fetched = []
})

const notification = (message: unknown, more: Partial<SnsMessage> = {}) => {
  messages += 1
  return {
    Type: 'Notification' as const,
    MessageId: `0000-${messages}`,
    TopicArn: TOPIC,
    Message: typeof message === 'string' ? message : JSON.stringify(message),
    Timestamp: new Date(api.clock.now).toISOString(),
    SignatureVersion: '2' as const,
    SigningCertURL: CERTIFICATE_URL,
    ...more,
  }
}
const post = async (body: unknown) =>
  api.publicApp.request('/hooks/email/ses', {
    method: 'POST',
    headers: { 'content-type': 'text/plain; charset=UTF-8' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
const postmark = (body: unknown, headers: Record<string, string> = basic(SECRET)) =>
  api.publicApp.request('/hooks/email/postmark', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
const basic = (password: string) => ({
  authorization: `Basic ${Buffer.from(`hook:${password}`).toString('base64')}`,
})
const mailCount = async () =>
  (await api.store.db.selectFrom('inbound_mail').select('id').execute()).length

/** A lead to whom an email went that the provider knows by this id. */
async function written(email: string, providerId: string): Promise<LeadId> {
  const { body } = await api.call('POST', '/v1/leads', {
    lead: { email, phone: '+12125550142', externalId: email },
  })
  const leadId: LeadId = body.lead.id
  await api.absorb(leadId)
  const { db } = api.store
  const { hash } = await db
    .selectFrom('contact_points')
    .select('hash')
    .where('lead_id', '=', leadId)
    .where('kind', '=', 'email')
    .executeTakeFirstOrThrow()
  const { episode_id } = await leadRow(api.store, leadId)
  await db
    .insertInto('touches')
    .values({
      id: `touch_${providerId}` as never,
      lead_id: leadId,
      episode_id: episode_id as never,
      step_id: 'first',
      visit: 1,
      attempt: 1,
      channel: 'email',
      class: 'marketing',
      contact_hash: hash,
      state: 'sent',
      message_id: `<touch_${providerId}@acme.example>`,
      provider_id: providerId,
      intent_at: api.clock.now,
    } as never)
    .execute()
  return leadId
}

const sesBounce = (email: string, messageId: string) => ({
  notificationType: 'Bounce',
  bounce: {
    bounceType: 'Permanent',
    bounceSubType: 'General',
    bouncedRecipients: [
      {
        emailAddress: email,
        action: 'failed',
        status: '5.1.1',
        diagnosticCode: 'smtp; 550 5.1.1 user unknown',
      },
    ],
    timestamp: '2026-06-10T15:00:00.000Z',
    feedbackId: 'x',
  },
  mail: { messageId, source: 'hello@acme.example', destination: [email] },
})

describe('SES through SNS', () => {
  it('a signed bounce acts, however often it comes', async () => {
    const leadId = await written('ses@example.com', '0100-ses')
    const message = signer.sign(notification(sesBounce('ses@example.com', '0100-ses')))
    expect((await post(message)).status).toBe(204)
    expect((await post(message)).status).toBe(204)
    expect(fetched.length).toBeLessThanOrEqual(1)
    const signals = await api.store.db
      .selectFrom('signals')
      .select('kind')
      .where('lead_id', '=', leadId)
      .where('kind', '=', 'hard_bounce')
      .execute()
    expect(signals).toHaveLength(1)
  })

  it('a complaint ends all; version 1 signatures are believed too', async () => {
    const leadId = await written('unhappy@example.com', '0100-unhappy')
    const complaint = {
      eventType: 'Complaint',
      complaint: { complainedRecipients: [{ emailAddress: 'unhappy@example.com' }] },
      mail: { messageId: '0100-unhappy' },
    }
    const message = signer.sign(notification(complaint, { SignatureVersion: '1' }))
    expect((await post(message)).status).toBe(204)
    expect((await leadRow(api.store, leadId)).dead_reason).toBe('opted_out')
  })

  it('what is forged, stale or of another topic gets 403 and changes nothing', async () => {
    const other = snsSigner(new Date('2026-01-01'), new Date('2027-01-01'))
    const event = sesBounce('ses@example.com', '0100-ses')
    const before = await mailCount()
    const old = new Date(api.clock.now - 2 * 3_600_000).toISOString()
    const at = (SigningCertURL: string) => signer.sign(notification(event, { SigningCertURL }))
    const forged = [
      other.sign(notification(event)),
      { ...signer.sign(notification(event)), Message: JSON.stringify({ ...event, x: 1 }) },
      signer.sign(notification(event, { TopicArn: `${TOPIC}-other` })),
      signer.sign(notification(event, { Timestamp: old })),
      at('http://sns.eu-west-1.amazonaws.com/x.pem'),
      at('https://sns.eu-west-1.amazonaws.com.evil.example/x.pem'),
      at('https://evil.example/sns.eu-west-1.amazonaws.com/x.pem'),
      at('https://sns.eu-west-1.amazonaws.com:8443/x.pem'),
      at('https://user@sns.eu-west-1.amazonaws.com/x.pem'),
      at('https://127.0.0.1/x.pem'),
      { Type: 'Notification' },
      'no json',
    ]
    for (const message of forged) expect((await post(message)).status).toBe(403)
    expect(await mailCount()).toBe(before)
    expect(fetched.filter((url) => url !== CERTIFICATE_URL)).toEqual([])
  })

  it('confirms a subscription of our topic, and calls nobody but SNS', async () => {
    const confirmation = (more: Partial<SnsMessage>) => {
      const base = notification('You have chosen to subscribe', {
        Type: 'SubscriptionConfirmation',
        Token: 't',
        SubscribeURL: 'https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=t',
        ...more,
      })
      return signer.sign(base)
    }
    expect((await post(confirmation({ TopicArn: `${TOPIC}-other` }))).status).toBe(403)
    expect((await post(confirmation({ SubscribeURL: 'https://10.0.0.1/?x' }))).status).toBe(204)
    expect(fetched.filter((url) => !url.endsWith('.pem'))).toEqual([])
    expect((await post(confirmation({}))).status).toBe(204)
    expect(fetched.filter((url) => !url.endsWith('.pem'))).toHaveLength(1)
  })

  it('a mail that SES received is read like any other', async () => {
    const leadId = await written('received@example.com', '0100-received')
    const raw =
      'From: received@example.com\nTo: hello@acme.example\nSubject: Re\nMessage-ID: <r@x.example>\n\nYes.\n'
    const event = {
      notificationType: 'Received',
      content: Buffer.from(raw).toString('base64'),
      receipt: { action: { type: 'SNS', encoding: 'BASE64' } },
      mail: { messageId: 'r' },
    }
    expect((await post(signer.sign(notification(event)))).status).toBe(204)
    const replies = await api.store.db
      .selectFrom('signals')
      .select('id')
      .where('lead_id', '=', leadId)
      .where('kind', '=', 'reply')
      .execute()
    expect(replies).toHaveLength(1)
  })
})

describe('Postmark', () => {
  const bounce = (email: string, more: object = {}) => ({
    RecordType: 'Bounce',
    ID: 4_323_372_036,
    Type: 'HardBounce',
    MessageID: 'pm-1',
    Email: email,
    Details: 'smtp;550 5.1.1 The email account that you tried to reach does not exist.',
    Description: 'The server was unable to deliver your message.',
    ...more,
  })

  it('needs the secret', async () => {
    const before = await mailCount()
    for (const headers of [{}, basic('wrong'), { 'x-webhook-token': 'wrong' }]) {
      expect((await postmark(bounce('pm@example.com'), headers)).status).toBe(403)
    }
    expect(await mailCount()).toBe(before)
  })

  it('takes bounces, complaints and inbound mail, each once', async () => {
    const leadId = await written('pm@example.com', 'pm-1')
    expect((await postmark(bounce('pm@example.com'))).status).toBe(200)
    expect((await postmark(bounce('pm@example.com'), { 'x-webhook-token': SECRET })).status).toBe(
      200,
    )
    const point = await api.store.db
      .selectFrom('contact_points')
      .select('validity')
      .where('lead_id', '=', leadId)
      .where('kind', '=', 'email')
      .executeTakeFirstOrThrow()
    expect(point.validity).toBe('invalid')

    const writer = await written('writer@example.com', 'pm-2')
    const inbound = {
      MessageID: 'pm-in-1',
      FromFull: { Email: 'Writer@Example.com', Name: 'W' },
      ToFull: [{ Email: 'hello@acme.example', Name: '' }],
      OriginalRecipient: 'hello@acme.example',
      Subject: 'Re: Hello',
      TextBody: 'Call me',
      Headers: [{ Name: 'Message-ID', Value: '<w1@example.com>' }],
    }
    expect((await postmark(inbound)).status).toBe(200)
    expect((await postmark(inbound)).status).toBe(200)
    expect((await leadRow(api.store, writer)).status).not.toBe('nurturing')
    const away = {
      ...inbound,
      MessageID: 'pm-in-2',
      FromFull: { Email: 'pm@example.com' },
      Headers: [{ Name: 'Auto-Submitted', Value: 'auto-replied' }],
    }
    expect((await postmark(away)).status).toBe(200)
    expect(
      (
        await postmark(
          bounce('writer@example.com', { RecordType: 'SpamComplaint', ID: 7, MessageID: 'pm-2' }),
        )
      ).status,
    ).toBe(200)
    expect((await leadRow(api.store, writer)).dead_reason).toBe('opted_out')
  })

  it('hears who left by Postmark’s own link, and nothing else of its list', async () => {
    const leadId = await written('leaver@example.com', 'pm-3')
    const change = {
      RecordType: 'SubscriptionChange',
      MessageID: 'pm-3',
      Recipient: 'leaver@example.com',
      ChangedAt: '2026-11-20T10:00:00Z',
      Origin: 'Recipient',
      SuppressSending: true,
      SuppressionReason: 'ManualSuppression',
    }
    const before = await mailCount()
    for (const other of [
      { ...change, SuppressSending: false },
      { ...change, Origin: 'Admin', MessageID: null },
      { ...change, SuppressionReason: 'HardBounce' },
      { RecordType: 'Open', MessageID: 'pm-3', FirstOpen: true },
    ]) {
      expect((await postmark(other)).status).toBe(200)
    }
    expect(await mailCount()).toBe(before)
    expect((await leadRow(api.store, leadId)).status).toBe('nurturing')

    expect((await postmark(change)).status).toBe(200)
    expect((await postmark(change)).status).toBe(200)
    expect(await mailCount()).toBe(before + 1)
    const stops = await api.store.db
      .selectFrom('suppressions')
      .innerJoin('contact_points', 'hash', 'contact_hash')
      .select(['channel', 'cause'])
      .where('lead_id', '=', leadId)
      .where('kind', '=', 'email')
      .execute()
    expect(stops).toEqual([{ channel: 'email', cause: 'opt_out' }])
  })

  it('refuses what it does not know, and never guesses', async () => {
    expect((await postmark({ RecordType: 'Rumour' })).status).toBe(422)
    expect((await postmark('nonsense')).status).toBe(422)
  })
})

it('no name of a private address is called', async () => {
  await expect(fetchPublicText('https://127.0.0.1/x.pem')).rejects.toThrow()
  await expect(fetchPublicText('https://localhost/x.pem')).rejects.toThrow('public address')
})
