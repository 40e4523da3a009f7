import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import type { LeadId } from '../../src/domain/ids.ts'
import { testNamespace } from '../support/temporal.ts'
import { until } from '../support/until.ts'
import { postgres } from './postgres.ts'
import {
  endProcesses,
  type OurProcess,
  openRig,
  type Rig,
  startProcess,
  startWorker,
  stepOf,
  touchesOf,
} from './rig.ts'
import { STALLS, type Stall } from './stalls.ts'
import { textableNow } from './textable.ts'

/** A lead whose first touch stands still at one place. */
interface Victim {
  readonly leadId: LeadId
  readonly stall: Stall
  readonly channel: 'email' | 'sms'
  readonly contactPoint: string
}

type Channel = Victim['channel']

/** What became of a touch: how many messages there are, and what the row says. */
interface Fate {
  readonly caught: number
  readonly states: readonly string[]
  readonly evidence: string | null
}
/** What the search for evidence writes down when it finds a text. */
const LISTED = 'found in the provider’s list'
/** Both may be first: the sender that woke up, without evidence, or the search, with its own. */
const PERHAPS = 'perhaps'

const SENT = { caught: 1, states: ['sent'], evidence: null } satisfies Fate
/** Never sent, and nobody can know: it is not sent again. */
const LOST = { caught: 0, states: ['uncertain'], evidence: null } satisfies Fate
/** Sent, and the answer was lost: the provider's list tells of a text, nobody of an email. */
const unanswered = (channel: Channel): Fate =>
  channel === 'email'
    ? { caught: 1, states: ['uncertain'], evidence: null }
    : { caught: 1, states: ['sent'], evidence: LISTED }

const before = (stall: Stall, other: Stall) => STALLS.indexOf(stall) < STALLS.indexOf(other)

function fateOfKilled(stall: Stall, channel: Channel): Fate {
  if (before(stall, 'after dispatch')) return SENT
  if (before(stall, 'during send')) return LOST
  if (before(stall, 'after settle')) return unanswered(channel)
  return SENT
}

/** Who wakes later still has the provider's answer in hand, and settles what was given up. */
function fateOfWoken(stall: Stall, channel: Channel): Fate {
  switch (stall) {
    case 'after dispatch':
      // It notices how late it is, and proves that nothing was sent.
      return { caught: 0, states: ['failed'], evidence: null }
    case 'during send':
      // The answer comes too late for the call.
      return unanswered(channel)
    case 'before send':
    case 'after send':
    case 'before settle':
    case 'inside settle':
      // It settles what the search may have found by then. The database has ended its transaction,
      // if it was in one: it settles in another.
      return channel === 'email' ? SENT : { ...SENT, evidence: PERHAPS }
    default:
      return SENT
  }
}

afterAll(async () => {
  await endProcesses()
  await postgres?.stop()
})

describe.skipIf(postgres === null).concurrent('with a worker that is killed', () => {
  let rig: Rig
  let victims: readonly Victim[] = []
  let stopped: readonly Victim[] = []

  beforeAll(async () => {
    if (postgres === null) return
    rig = await openRig(postgres.url, await testNamespace())
    victims = await postVictims(rig, 'killed')
    stopped = await postStops(rig)
    const killed = await stalledAtAll(rig, [...victims, ...stopped])
    await killed.kill()
    const next = startWorker(rig)
    await Promise.all(victims.map((victim) => goesOn(rig, victim)))
    await Promise.all(stopped.map((victim) => isAnswered(rig, victim)))
    await foundOut(rig, [...victims, ...stopped], fateOfKilled)
    await next.stop()
  }, 240_000)
  afterAll(() => rig?.close())

  it.each(STALLS)(
    'at "%s", each message is there once, or known to be uncertain',
    async (stall) => {
      await expectFates(rig, victims, stall, fateOfKilled)
    },
  )

  it.each(CONFIRMATIONS)(
    'at "%s" of the answer to a STOP, it is there at most once',
    async (stall) => {
      const here = stopped.filter((victim) => victim.stall === stall)
      await expectFate(rig, here, fateOfKilled)
    },
  )
})

describe.skipIf(postgres === null).concurrent('with a worker that stands still and wakes', () => {
  let rig: Rig
  let victims: readonly Victim[] = []

  beforeAll(async () => {
    if (postgres === null) return
    rig = await openRig(postgres.url, await testNamespace())
    victims = await postVictims(rig, 'asleep')
    const asleep = await stalledAtAll(rig, victims)
    asleep.signal('SIGSTOP')
    const next = startWorker(rig)
    await Promise.all(victims.map((victim) => goesOn(rig, victim)))
    asleep.signal('SIGCONT')
    asleep.tell('go on')
    await Promise.all(victims.map(({ leadId }) => asleep.says(`ended ${leadId}`)))
    await foundOut(rig, victims, fateOfWoken)
    await Promise.all([next.stop(), asleep.kill()])
  }, 240_000)
  afterAll(() => rig?.close())

  it.each(STALLS)('at "%s", nothing is sent a second time', async (stall) => {
    await expectFates(rig, victims, stall, fateOfWoken)
  })
})

/** One lead for each place and channel. */
async function postVictims(rig: Rig, tag: string): Promise<readonly Victim[]> {
  const victims: Victim[] = []
  for (const [index, stall] of STALLS.entries()) {
    const email = `${tag}-${index}@example.com`
    const person = textableNow(index)
    if (stall === 'during send') {
      await rig.outbox.setFault(email, { kind: 'slow', ms: 25_000 })
      await rig.outbox.setFault(person.phone, { kind: 'timeout-after-acceptance' })
    }
    const mailed = await rig.post({ firstName: 'Ada', email, source: 'webform' }, 'write')
    victims.push({ leadId: mailed, stall, channel: 'email', contactPoint: email })
    const texted = await rig.post({ firstName: 'Ada', ...person, source: 'webform' }, 'text')
    victims.push({ leadId: texted, stall, channel: 'sms', contactPoint: person.phone })
  }
  return victims
}

/** Where the confirmation of a STOP is made to stand: before it may leave, and on either side. */
const CONFIRMATIONS = ['before dispatch', 'after dispatch', 'after send'] as const

/** Leads that have just stopped: all that is left to leave is the one confirmation. */
async function postStops(rig: Rig): Promise<readonly Victim[]> {
  const victims: Victim[] = []
  for (const [index, stall] of CONFIRMATIONS.entries()) {
    const person = textableNow(STALLS.length + index)
    const leadId = await rig.post({ firstName: 'Ada', ...person, source: 'webform' }, 'text')
    await rig.takeText(person.phone, 'STOP')
    victims.push({ leadId, stall, channel: 'sms', contactPoint: person.phone })
  }
  return victims
}

/** Waits until the confirmation is over, whatever became of it. */
function isAnswered(rig: Rig, { leadId, stall }: Victim): Promise<unknown> {
  return until(
    async () => {
      const { db } = rig.store
      const open = db.selectFrom('messages').select('id').where('closed_at', 'is', null)
      return (await open.where('lead_id', '=', leadId).execute()).length === 0
    },
    { timeoutMs: 150_000, everyMs: 250, what: `the end of the answer that stood at "${stall}"` },
  )
}

/** Starts a worker and waits until every lead's first touch stands at its place. */
async function stalledAtAll(rig: Rig, victims: readonly Victim[]): Promise<OurProcess> {
  const stalls = Object.fromEntries(victims.map(({ leadId, stall }) => [leadId, stall]))
  const options = JSON.stringify({ stalls, bundle: inject('workflowBundlePath') })
  const worker = startProcess(['test/kill/stalling-worker.ts', options], rig.env)
  await Promise.all(
    victims.map(async ({ leadId, stall, contactPoint }) => {
      if (stall !== 'during send') return void (await worker.says(`stalled ${leadId}`))
      const taken = async () => (await rig.outbox.caught(contactPoint)).length > 0
      await until(taken, { timeoutMs: 120_000, what: 'the provider takes a message' })
    }),
  )
  return worker
}

/** Waits until the lead is past its first step, whatever became of it. */
function goesOn(rig: Rig, { leadId, stall, channel }: Victim): Promise<boolean> {
  return until(async () => (await stepOf(rig, leadId)) === 'later', {
    timeoutMs: 150_000,
    everyMs: 250,
    what: `the next step of the ${channel} lead that stood at "${stall}"`,
  })
}

type FateOf = (stall: Stall, channel: Channel) => Fate

/** Waits for the evidence that is still to come. */
async function foundOut(rig: Rig, victims: readonly Victim[], fateOf: FateOf): Promise<void> {
  const waiting = victims.filter(({ stall, channel }) => {
    const { evidence } = fateOf(stall, channel)
    return evidence !== null && evidence !== PERHAPS
  })
  await Promise.all(
    waiting.map(({ leadId }) =>
      until(async () => (await touchesOf(rig, leadId)).some(({ evidence }) => evidence !== null), {
        timeoutMs: 60_000,
        everyMs: 250,
        what: 'evidence of an uncertain text',
      }),
    ),
  )
}

async function expectFates(
  rig: Rig,
  victims: readonly Victim[],
  stall: Stall,
  fateOf: FateOf,
): Promise<void> {
  const here = victims.filter((victim) => victim.stall === stall)
  expect(here.map(({ channel }) => channel)).toEqual(['email', 'sms'])
  await expectFate(rig, here, fateOf)
}

async function expectFate(rig: Rig, here: readonly Victim[], fateOf: FateOf): Promise<void> {
  expect(here.length).toBeGreaterThan(0)
  for (const { leadId, stall, channel, contactPoint } of here) {
    const caught = await rig.outbox.caught(contactPoint)
    const touches = await touchesOf(rig, leadId)
    const kept = touches.filter(({ state }) => state !== 'abandoned')
    const expected = fateOf(stall, channel)
    const evidence = kept.at(-1)?.evidence ?? null
    const mayBe = evidence === null || evidence === LISTED
    const fate: Fate = {
      caught: caught.length,
      // The provider's list may tell of more than that it took the message.
      states: kept.map(({ state }) => (state === 'delivered' ? 'sent' : state)),
      evidence: expected.evidence === PERHAPS && mayBe ? PERHAPS : evidence,
    }
    expect(fate, `${channel} at "${stall}"`).toEqual(expected)
    // Whatever was caught is the touch that the row speaks of.
    expect(caught.map(({ touch }) => touch)).toEqual(fate.caught === 1 ? [kept.at(-1)?.id] : [])
  }
}
