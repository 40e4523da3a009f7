import { z } from 'zod'
import { Refusal } from '../../leads/intake.ts'
import { askTestSend, viewTestSend } from '../../leads/messages/test-sends.ts'
import { findTestSend } from '../../store/channels/test-sends.ts'
import type { ApiDeps } from '../deps.ts'
import { type Api, newApi, read, write } from '../operation.ts'
import { languageSchema, optionalText, text } from '../schemas/common.ts'

const TAG = 'Cadences and templates'

const bodySchema = z.strictObject({
  step: text(100),
  to: text(320),
  /** Said by whoever asks: a test is never sent to somebody else. */
  mine: z.literal(true, 'Write true: a test goes to an address or number of your own.'),
  lead: z
    .strictObject({
      firstName: optionalText(100),
      lastName: optionalText(100),
      company: optionalText(200),
      language: languageSchema.nullish(),
      owner: optionalText(320),
      attributes: z.record(z.string(), z.unknown()).optional(),
    })
    .optional(),
})

const SHOWN = {
  test: {
    id: 'test_…',
    cadence: 'new-lead',
    step: 'first-reply',
    channel: 'email',
    subject: '[Test] Ada, thanks for getting in touch',
    text: 'Hi Ada, …',
    state: 'due',
    because: null,
    askedAt: '2026-11-26T12:00:00Z',
    askedBy: 'api:marketing',
  },
}

/** A message sent to oneself, by the real channel. */
export function testSendRoutes(deps: ApiDeps): Api {
  const api = newApi()
  write(
    api,
    deps,
    'post',
    {
      path: '/v1/cadences/:name/test-send',
      tag: TAG,
      summary: 'Send a message of a cadence to yourself, by the real channel',
      description:
        'The email or text of one step, as published, rendered for `lead` and marked with [Test]. Suppressions, emergency stops and the law’s hours hold as for everybody; no cap counts it, and no lead is touched. At most 30 an hour. What becomes of it: `GET /v1/test-sends/:id`.',
      body: bodySchema,
      example: {
        step: 'first-reply',
        to: 'me@acme.example',
        mine: true,
        lead: { firstName: 'Ada', company: 'Byron Ltd' },
      },
      answer: 'The test, which is handed over within seconds.',
      answerExample: SHOWN,
    },
    async (trx, { c, body, who, now, rules }) => {
      const { lead, step, to } = body
      const context = {
        hashKeys: deps.hashKeys,
        rules,
        channels: deps.config.channels,
        publicUrl: deps.config.publicUrl,
        who,
        now,
      }
      const about = {
        firstName: lead?.firstName ?? null,
        lastName: lead?.lastName ?? null,
        company: lead?.company ?? null,
        language: lead?.language ?? null,
        owner: lead?.owner ?? null,
        attributes: lead?.attributes ?? {},
      }
      const cadence = c.req.param('name') ?? ''
      const row = await askTestSend(trx, { cadence, step, to, lead: about }, context)
      return { status: 202, body: { test: viewTestSend(row) } }
    },
  )
  read(
    api,
    deps,
    {
      path: '/v1/test-sends/:id',
      tag: TAG,
      summary: 'What became of a test',
      description: 'Tests are kept for thirty days.',
      answer: 'The test with its state: due, sending, sent, failed or uncertain.',
    },
    async ({ c }) => {
      const row = await findTestSend(deps.store.db, c.req.param('id') ?? '')
      if (row === null) {
        const fix = 'Use the id that the answer to the test-send told.'
        throw new Refusal(404, 'no_such_test', 'There is no such test.', fix)
      }
      return { body: { test: viewTestSend(row) } }
    },
  )
  return api
}
