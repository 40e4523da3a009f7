import { suggest } from '../../domain/cadence/file/problems.ts'
import type { MessageStep } from '../../domain/cadence/types.ts'
import type { EngineRules } from '../../domain/company/company.ts'
import { normalizeEmail, normalizePhone } from '../../domain/contact.ts'
import {
  type Channel,
  decide,
  explainDecision,
  type PolicyPerson,
  type PolicyRules,
  withoutManners,
} from '../../domain/policy/index.ts'
import { type ContextLead, templateContext } from '../../domain/templates/context.ts'
import { renderMessage } from '../../domain/templates/render-message.ts'
import { type Instant, instant, toIso } from '../../domain/time.ts'
import { addTestSend, recentTestSends, type TestSendRow } from '../../store/channels/test-sends.ts'
import { audit } from '../../store/company/audit.ts'
import { cadenceVersion, currentVersion, publishedCadences } from '../../store/company/cadences.ts'
import { openStops } from '../../store/company/emergency-stops.ts'
import { currentTemplate } from '../../store/company/templates.ts'
import type { Executor } from '../../store/executor.ts'
import type { HashKeys } from '../../store/hash-key.ts'
import { holdContactKeys } from '../../store/people/contact-points.ts'
import { invalidField, Refusal } from '../intake.ts'

/** A step of a published cadence, sent to somebody's own address to see it arrive. */
export interface TestSend {
  readonly cadence: string
  readonly step: string
  /** An address for an email, a number for a text: that of whoever asks. */
  readonly to: string
  /** Whom the message speaks to, as it is rendered. */
  readonly lead: ContextLead
}

export interface TestSendContext {
  readonly hashKeys: HashKeys
  readonly rules: EngineRules
  /** The channels that have a provider. */
  readonly channels: readonly Channel[]
  readonly publicUrl: string
  readonly who: string
  readonly now: Instant
}

/** A person looks at a cadence a few times; who sends more than this sends to others. */
const MOST_AN_HOUR = 30
const MARK = '[Test]'

/**
 * Writes down a test, marked as such; a loop hands it over by the real channel. It is no touch: no
 * cap counts it, and nothing of it stands on a lead. The policy is asked here, and again by the loop.
 * @throws Refusal 404 (no such cadence), 422 (step, recipient, words, or the policy), 429
 */
export async function askTestSend(
  trx: Executor,
  test: TestSend,
  context: TestSendContext,
): Promise<TestSendRow> {
  const { rules, who, now } = context
  const step = await messageStepOf(trx, test)
  if (!context.channels.includes(step.channel)) throw notConfigured(step.channel)
  if ((await recentTestSends(trx, now)) >= MOST_AN_HOUR) throw tooMany()
  const recipient = recipientOf(step.channel, test.to)
  const kind = step.channel === 'email' ? 'email' : 'phone'
  const [point] = await holdContactKeys(trx, context.hashKeys, [{ kind, value: recipient }], now)
  if (point === undefined) throw new Error('a contact point without a key')
  const row = { channel: step.channel, recipient, contact_hash: point.hash }
  const verdict = await judgeTestSend(trx, row, rules.policy, now)
  if (!verdict.allowed) {
    const fix = 'Send it to another address of your own, or at another hour.'
    throw new Refusal(422, 'not_allowed', verdict.because, fix)
  }
  const words = await wordsOf(trx, step, test.lead, context)
  const details = { cadence: test.cadence, step: step.id, channel: step.channel }
  await audit(trx, { who, action: 'test_send', leadId: null, at: now, details })
  const about = { cadence: test.cadence, step_id: step.id, asked_by: who }
  return await addTestSend(trx, { ...about, ...row, ...words }, now)
}

async function messageStepOf(trx: Executor, test: TestSend): Promise<MessageStep> {
  const versionId = await currentVersion(trx, test.cadence)
  if (versionId === null) {
    const known = (await publishedCadences(trx)).map(({ name }) => name)
    const fix = suggest(test.cadence, known)
    throw new Refusal(404, 'no_such_cadence', 'No such cadence is published.', fix)
  }
  const { steps } = await cadenceVersion(trx, versionId)
  const messages = steps.filter((step) => step.kind === 'message')
  const step = messages.find(({ id }) => id === test.step)
  if (step !== undefined) return step
  const ids = messages.map(({ id }) => id)
  throw invalidField(
    'step',
    'The cadence has no email or text of this id.',
    suggest(test.step, ids),
  )
}

function recipientOf(channel: Channel, to: string): string {
  const read = channel === 'email' ? normalizeEmail(to) : normalizePhone(to)
  if (read.ok) return read.value
  const example =
    channel === 'email' ? 'an address such as me@example.com' : 'a number such as +12125550142'
  throw invalidField(
    'to',
    `The step is ${channel === 'email' ? 'an email' : 'a text'}, and this is no recipient for it.`,
    `Write ${example}.`,
  )
}

/** The words, marked as a test. Links that a lead would get a token for lead to a page that says so. */
async function wordsOf(
  trx: Executor,
  { channel, template: name }: MessageStep,
  lead: ContextLead,
  { rules, publicUrl }: TestSendContext,
): Promise<Pick<TestSendRow, 'subject' | 'text' | 'html'>> {
  const template = await currentTemplate(trx, channel, name)
  if (template === null) {
    throw invalidField(
      'step',
      `Its template ${name} is not published.`,
      'Publish the cadence again.',
    )
  }
  const links = { unsubscribe: `${publicUrl}/u/test`, why: () => `${publicUrl}/why/test` }
  const spoken = templateContext(lead, rules.company, null, { links, linkFor: (url) => url })
  const rendered = renderMessage(template, spoken, true)
  if (!rendered.ok) {
    const { message, fix } = rendered.problem
    throw invalidField('lead', message, fix)
  }
  const { subject, text, html } = rendered
  return channel === 'email'
    ? { subject: `${MARK} ${subject ?? ''}`.trim(), text, html }
    : { subject: null, text: `${MARK} ${text}`, html: null }
}

type Judged = { readonly allowed: true } | { readonly allowed: false; readonly because: string }

/**
 * Whether the policy lets a test leave now: suppressions, emergency stops, the kind of line and
 * the law's hours hold. Who asks for a text to themselves consents to it, but a consent that is
 * older than any stop lifts none.
 */
export async function judgeTestSend(
  trx: Executor,
  test: Pick<TestSendRow, 'channel' | 'recipient' | 'contact_hash'>,
  rules: PolicyRules,
  now: Instant,
): Promise<Judged> {
  const suppressions = await trx
    .selectFrom('suppressions')
    .select(['channel', 'cause', 'at'])
    .where('contact_hash', '=', test.contact_hash)
    .orderBy('at')
    .execute()
  const point = { value: test.recipient, validity: 'unknown', invalidBecause: null } as const
  const person: PolicyPerson = {
    erased: false,
    email: test.channel === 'email' ? point : null,
    phone: test.channel === 'sms' ? point : null,
    state: null,
    zip: null,
    timezone: null,
    consents: [
      {
        channel: test.channel,
        basis: 'express_written',
        disclosure: null,
        at: instant(0),
        source: 'a test to oneself',
        byLead: true,
      },
    ],
    suppressions,
    recent: [],
    freshForm: false,
    cadence: null,
    stops: await openStops(trx),
  }
  const decision = decide(person, test.channel, 'marketing', now, withoutManners(rules))
  return decision.allowed
    ? { allowed: true }
    : { allowed: false, because: explainDecision(decision) }
}

/** A test as the API shows it. */
export function viewTestSend(row: TestSendRow) {
  return {
    id: row.id,
    cadence: row.cadence,
    step: row.step_id,
    channel: row.channel,
    subject: row.subject,
    text: row.text,
    state: row.state,
    because: row.because,
    askedAt: toIso(row.created_at),
    askedBy: row.asked_by,
  }
}

function notConfigured(channel: Channel): Refusal {
  const what = channel === 'email' ? 'Emails' : 'Texts'
  const fix = 'Set the provider up first: `rekindle doctor --channels me@…` tells what is missing.'
  return new Refusal(422, 'channel_not_configured', `${what} have no provider here.`, fix)
}

function tooMany(): Refusal {
  const message = `More than ${MOST_AN_HOUR} tests were sent within an hour.`
  return new Refusal(429, 'too_many_tests', message, 'Look at a preview instead, or wait an hour.')
}
