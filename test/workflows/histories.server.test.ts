import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LeadId } from '../../src/domain/ids.ts'
import { fetchHistory, type History, type HistoryEvent } from '../../src/temporal/history.ts'
import { everyWordOf, recordGolden } from '../support/golden.ts'
import { Play } from '../support/play.ts'
import { until } from '../support/until.ts'

const PERSON = {
  firstName: 'Ottoline',
  lastName: 'Featherstone',
  company: 'Quillwright Ltd',
  email: 'ottoline@quillwright.example',
  phone: '+12125550188',
  state: 'NY',
  source: 'webform',
  owner: 'sam@acme.example',
} as const
const WORDS = 'Please ring my sister Philippa instead'
/** Nothing of these may stand in a history, in whatever spelling it was decoded from. */
const SECRETS = [
  'ottoline',
  'featherstone',
  'quillwright',
  '2125550188',
  'philippa',
  'sister',
  'acme.example',
  'thanks for getting in touch',
]

let play: Play
const recorded = new Map<string, History>()

beforeAll(async () => {
  play = await Play.open()
})
afterAll(async () => {
  await play?.close()
})

async function keep(name: string, leadId: LeadId): Promise<void> {
  const runs = await until(async () => {
    const list = await play.runs(leadId)
    const { run_id: current } = await play.row(leadId)
    return list.some(({ runId }) => runId === current) ? list : null
  })
  for (const [index, { runId }] of runs.entries()) {
    recorded.set(
      `${name}-${index + 1}`,
      await fetchHistory(play.lab.engine.link.client, leadId, runId),
    )
  }
}

describe('histories of real runs', () => {
  it('are recorded: a whole life, a stop, a pause, failures', async () => {
    const whole = await play.post(PERSON, { consents: [play.consent()] })
    await play.days(whole.lead.id, 20)
    await play.days(whole.lead.id, 40)
    await play.visit(whole.lead.id, 'history-visit')
    await play.planned(whole.lead.id, ({ status }) => status === 'nurturing')
    await play.days(whole.lead.id, 2)
    await play.reply(whole.lead.id, WORDS)
    await play.planned(whole.lead.id, ({ status }) => status === 'engaged')
    await keep('life', whole.lead.id)

    const stopped = await play.post(
      { ...PERSON, email: 'second.ottoline@quillwright.example', phone: '+13125550188' },
      { consents: [play.consent()] },
    )
    await play.days(stopped.lead.id, 4)
    await play.stopText('+13125550188')
    await play.planned(stopped.lead.id)
    await play.operate(stopped.lead.id, { kind: 'pause', because: WORDS })
    await play.planned(stopped.lead.id, ({ next_words }) => next_words?.startsWith('held') ?? false)
    await play.days(stopped.lead.id, 3)
    await play.operate(stopped.lead.id, { kind: 'resume' })
    await play.planned(stopped.lead.id, ({ next_words }) => !next_words?.startsWith('held'))
    await play.days(stopped.lead.id, 20)
    await keep('stop-and-pause', stopped.lead.id)

    const failing = { ...PERSON, email: 'third.ottoline@quillwright.example', phone: null }
    const code = { kind: 'reply', stage: 'rcpt', code: 451, text: WORDS }
    play.lab.catchers.faults.set(failing.email, { ...code, times: 1 })
    const failed = await play.post(failing)
    await play.days(failed.lead.id, 1)
    play.lab.catchers.faults.set(failing.email, { ...code, code: 550 })
    await play.days(failed.lead.id, 5)
    await play.planned(failed.lead.id, ({ status }) => status === 'dead')
    await keep('failures', failed.lead.id)
    expect((await play.row(failed.lead.id)).dead_reason).toBe('bad_contact_info')
    expect(recorded.size).toBeGreaterThanOrEqual(6)
    for (const [name, history] of recorded) recordGolden(name, history)
  })

  it('hold no contact data, wherever it could hide', () => {
    for (const [name, history] of recorded) {
      const text = everyWordOf(history).toLowerCase()
      // The search reads names, payloads and summaries: it finds what is there.
      for (const word of ['lead:lead_', '"leadid":"lead_', '"revision":']) {
        expect(text, `${word} in ${name}`).toContain(word)
      }
      for (const secret of SECRETS)
        expect(text.includes(secret), `${secret} in ${name}`).toBe(false)
    }
  })

  it('take at most 12 events and 3 billable actions from one touch to the next, time skips apart', () => {
    const events = withoutSkips(recorded.get('life-1')?.events ?? [])
    const starts = events.flatMap((event, index) => (activityOf(event) === 'touch' ? [index] : []))
    // Steps that are tasks, or were dropped, have looks of their own in between.
    const spans = starts
      .slice(1)
      .map((end, index) => events.slice(starts[index], end))
      .filter((span) => !span.some((event) => activityOf(event) === 'look'))
    expect(spans.length).toBeGreaterThanOrEqual(2)
    for (const span of spans) {
      const timers = span.filter(({ eventType }) => eventType === TIMER_STARTED).length
      expect(span.length).toBeLessThanOrEqual(12)
      expect(1 + timers, 'the activity and its timer').toBeLessThanOrEqual(3)
    }
  })

  it('say in words what is waited for', () => {
    const [, history] = [...recorded].find(([name]) => name === 'life-1') ?? []
    const summaries = (history?.events ?? []).flatMap(({ userMetadata }) =>
      userMetadata?.summary?.data ? [Buffer.from(userMetadata.summary.data).toString()] : [],
    )
    expect(summaries.join('\n')).toMatch(/step [\w-]+, sms, \w{3} \d+ \w{3} \d\d:\d\d New York/)
  })
})

const OPTIONS_UPDATED = 55
const TIME_SKIPPED = 60
const TIMER_STARTED = 17
/** Scheduled, started, completed. */
const WORKFLOW_TASK = [5, 6, 7]

/** Without the skips, and without what a fast-forward is asked by: an event and a workflow task. */
function withoutSkips(events: readonly HistoryEvent[]): readonly HistoryEvent[] {
  const types = events.map(({ eventType }) => Number(eventType))
  return events.filter((_, index) => {
    const type = types[index] ?? 0
    if (type === TIME_SKIPPED || type === OPTIONS_UPDATED) return false
    const step = WORKFLOW_TASK.indexOf(type)
    return step === -1 || types[index - step - 1] !== OPTIONS_UPDATED
  })
}

/** The activity that an event schedules; null for every other event. */
function activityOf(event: HistoryEvent): string | null {
  return event.activityTaskScheduledEventAttributes?.activityType?.name ?? null
}
