import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { instant, parseInstant } from '../../src/domain/time.ts'
import { packHistory, unpackHistory, unpackText } from '../../src/temporal/history.ts'
import { type History, historyFromText, historyToText } from '../../src/temporal/history-json.ts'
import { touchesIn } from '../../src/temporal/lost-touches.ts'
import { type StoryLine, tellRun } from '../../src/temporal/tell-run.ts'
import { momentWords } from '../../src/temporal/words.ts'

/** One lead's runs, recorded from the real server in skipped time: nurtured, paused, dead. */
const FOLDER = join(import.meta.dirname, 'histories')
const runs = readdirSync(FOLDER)
  .sort()
  .map((name) => readFileSync(join(FOLDER, name), 'utf8'))
const told = runs.map((text) => tellRun(historyFromText(text)))

const only = (lines: readonly StoryLine[] | undefined, kind: StoryLine['kind']) =>
  (lines ?? []).filter((line) => line.kind === kind).map(({ words }) => words)

describe('a recorded lead', () => {
  it('is told run by run', () => {
    expect(told.map((lines) => lines[0]?.words.split(':')[0])).toEqual([
      'the run began',
      'the run began',
      'the run began with the plan it was handed',
      'the run began with the plan it was handed',
    ])
    expect(told.map((lines) => only(lines, 'run').at(-1)).slice(0, 3)).toEqual([
      'continued as new: nurturing → held',
      'continued as new: held → nurturing',
      'continued as new: nurturing → dead (unresponsive)',
    ])
  })

  it('says what each look and touch planned', () => {
    expect(only(told[0], 'look')[0]).toMatch(
      /^looked → plan \(revision 1\): touch now: step first-reply, email, Sun 22 Nov/,
    )
    expect(only(told[0], 'touch')[0]).toMatch(
      /^touch email, step first-reply, attempt 1 → plan \(revision 1\): wait \d+ min/,
    )
    expect(only(told[2], 'look').at(-1)).toMatch(
      /^looked → now dead \(unresponsive\); plan \(revision 3\): wait 182 d/,
    )
  })

  it('tells bells, waits that they ended, and waits that came to their end', () => {
    expect(only(told[0], 'bell')).toEqual([
      'rung: form (seq 1)',
      'rung: pause (seq 2)',
      'rung: resume (seq 3)',
    ])
    const waits = only(told[0], 'wait')
    expect(waits[0]).toMatch(/^waited \d+ min \d+ s \(timer “/)
    expect(waits.at(-1)).toMatch(/^stopped waiting after 16 h \d+ min \(timer “step how-it-works, /)
  })

  it('tells skipped time on the lead’s own clock', () => {
    const skips = only(told[0], 'time')
    expect(skips[0]).toBe('the skipping of time was switched on')
    expect(skips[1]).toMatch(/^time was skipped by \d+ min \d+ s, to 2026-11-22 \d\d:/)
    expect(skips.at(-1)).toMatch(/, and time runs as usual again$/)
    const times = told.flat().map(({ at }) => at)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
  })

  it('knows which touches a worker began', () => {
    const steps = runs.flatMap((text) => touchesIn(historyFromText(text)))
    expect(
      steps.map(({ touch }) => ('stepId' in touch ? `${touch.channel} ${touch.stepId}` : null)),
    ).toEqual([
      'email first-reply',
      'email common-questions',
      'email how-it-works',
      'email still-here',
      'email ask-why',
    ])
  })

  it('survives the archive, large or small', async () => {
    for (const text of runs) {
      const history = historyFromText(text)
      const packed = await packHistory(history)
      expect(historyToText(await unpackHistory(packed))).toBe(historyToText(history))
      expect(JSON.parse(await unpackText(packed))).toEqual(JSON.parse(text))
      expect(packed.length).toBeLessThan(Math.max(text.length / 4, 4_001))
    }
  })
})

describe('rare events', () => {
  const at = '2026-11-24T15:05:00Z'
  const tell = (...events: object[]): StoryLine[] =>
    tellRun(
      historyFromText(
        JSON.stringify({
          events: events.map((event, index) => ({ eventId: index + 1, eventTime: at, ...event })),
        }),
      ),
    )
  const words = (...events: object[]) => tell(...events).map((line) => line.words)
  const touch = {
    eventType: 'EVENT_TYPE_ACTIVITY_TASK_SCHEDULED',
    activityTaskScheduledEventAttributes: {
      activityId: '1',
      activityType: { name: 'touch' },
      input: payloads({
        v: 1,
        revision: 2,
        touch: { episodeId: 'e', stepId: 'hello', visit: 2, attempt: 3, channel: 'sms' },
      }),
    },
  }

  it('an activity that was tried again, failed or timed out', () => {
    const lines = tell(
      touch,
      {
        eventType: 'EVENT_TYPE_ACTIVITY_TASK_STARTED',
        activityTaskStartedEventAttributes: {
          scheduledEventId: '1',
          attempt: 2,
          lastFailure: { message: 'the database does not answer' },
        },
      },
      {
        eventType: 'EVENT_TYPE_ACTIVITY_TASK_TIMED_OUT',
        activityTaskTimedOutEventAttributes: { scheduledEventId: '1' },
      },
    )
    expect(lines).toEqual([
      {
        at: parseInstant(at),
        kind: 'trouble',
        words:
          'touch sms, step hello, visit 2, attempt 3: attempt 2, after: the database does not answer',
      },
      {
        at: parseInstant(at),
        kind: 'trouble',
        words: 'touch sms, step hello, visit 2, attempt 3 timed out',
      },
    ])
  })

  it('a look because of trouble, and an answer that cannot be read', () => {
    expect(
      words(
        {
          eventType: 'EVENT_TYPE_ACTIVITY_TASK_SCHEDULED',
          activityTaskScheduledEventAttributes: {
            activityType: { name: 'look' },
            input: payloads({ v: 1, leadId: 'lead_1', trouble: 'touch_failed' }),
          },
        },
        {
          eventType: 'EVENT_TYPE_ACTIVITY_TASK_COMPLETED',
          activityTaskCompletedEventAttributes: {
            scheduledEventId: '1',
            result: payloads({ v: 99 }),
          },
        },
      ),
    ).toEqual(['looked, because of trouble (touch failed) → no plan that can be read'])
  })

  it('the end by an operator’s hand, and the workflow’s own failures', () => {
    expect(
      words({
        eventType: 'EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED',
        workflowExecutionTerminatedEventAttributes: { reason: 'tidying up' },
      }),
    ).toEqual(['terminated: tidying up'])
    expect(
      words(
        {
          eventType: 'EVENT_TYPE_WORKFLOW_TASK_FAILED',
          workflowTaskFailedEventAttributes: {
            cause: 'WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND',
          },
        },
        {
          eventType: 'EVENT_TYPE_WORKFLOW_TASK_FAILED',
          workflowTaskFailedEventAttributes: {
            cause: 'WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR',
            failure: { message: 'nondeterminism' },
          },
        },
      ),
    ).toEqual(['the workflow’s code failed: nondeterminism'])
  })

  it('events that nobody foresaw are named, and broken ones do not stop the story', () => {
    expect(
      words(
        {
          eventType: 'EVENT_TYPE_WORKFLOW_EXECUTION_PAUSED',
          workflowExecutionPausedEventAttributes: {},
        },
        {
          eventType: 'EVENT_TYPE_TIMER_FIRED',
          timerFiredEventAttributes: { timerId: 'never started' },
        },
        {
          eventType: 'EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED',
          workflowExecutionSignaledEventAttributes: {
            signalName: 'odd',
            input: { payloads: [{ data: 'AAAA' }] },
          },
        },
      ),
    ).toEqual(['workflow execution paused', 'waited a while', 'got odd'])
  })

  it('an empty history has no story', () => {
    const nothing: History = {}
    expect(tellRun(nothing)).toEqual([])
    expect(touchesIn(nothing)).toEqual([])
  })

  it('a text that is no history is refused', () => {
    expect(() => historyFromText('{}')).toThrow()
    expect(() => historyFromText('nonsense')).toThrow()
  })
})

it('a moment is told in UTC, to the second', () => {
  expect(momentWords(instant(Date.UTC(2026, 10, 24, 15, 5, 0, 250)))).toBe('2026-11-24 15:05:00Z')
})

function payloads(value: unknown) {
  const base64 = (text: string) => Buffer.from(text).toString('base64')
  return {
    payloads: [
      { metadata: { encoding: base64('json/plain') }, data: base64(JSON.stringify(value)) },
    ],
  }
}
