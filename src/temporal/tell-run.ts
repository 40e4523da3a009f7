import { tsToMs } from '@temporalio/common/lib/time.js'
import proto from '@temporalio/proto'
import type { Bell } from '../domain/contract.ts'
import { type Instant, instant } from '../domain/time.ts'
import { timeOf } from './history.ts'
import type { History, HistoryEvent } from './history-json.ts'
import {
  bellSchema,
  decode,
  leadInputSchema,
  lookInputSchema,
  planSchema,
  read,
  type ToldPlan,
  touchInputSchema,
} from './payloads.ts'
import { momentWords, plainName, spanWords } from './words.ts'

const { EventType } = proto.temporal.api.enums.v1

/** What kind of thing a line tells; for colours and filters. */
export type LineKind = 'run' | 'look' | 'touch' | 'wait' | 'bell' | 'time' | 'trouble' | 'other'

/** One sentence of a run's story. `at` is the workflow's own clock, which may run ahead. */
export interface StoryLine {
  readonly at: Instant
  readonly kind: LineKind
  readonly words: string
}

/** Tells one run of a lead's workflow in words, in order. Unknown events are named, not hidden. */
export function tellRun(history: History): StoryLine[] {
  const teller = new Teller()
  const lines: StoryLine[] = []
  for (const event of history.events ?? []) {
    const told = teller.tell(event)
    if (told !== null) lines.push({ at: timeOf(event), ...told })
  }
  return lines
}

type Told = Omit<StoryLine, 'at'> | null

interface Activity {
  readonly name: string
  readonly words: string
}

interface Timer {
  readonly startedAt: Instant
  readonly words: string
}

/** Remembers what was begun, so that its end can be told. */
class Teller {
  readonly #activities = new Map<string, Activity>()
  readonly #timers = new Map<string, Timer>()
  #lastAt: Instant | null = null
  #status: string | null = null

  tell(event: HistoryEvent): Told {
    const told = this.#tellRun(event) ?? this.#tellActivity(event) ?? this.#tellTime(event)
    const line = told ?? this.#tellRest(event)
    this.#lastAt = timeOf(event)
    return line === SILENT ? null : line
  }

  #tellRun(event: HistoryEvent): Told {
    const started = event.workflowExecutionStartedEventAttributes
    if (started) {
      this.#status = statusIn(started.searchAttributes?.indexedFields)
      const { plan, bell } = read(leadInputSchema, started.input) ?? {}
      if (plan) {
        const words = `the run began with the plan it was handed: ${planWords(plan)}`
        return { kind: 'run', words }
      }
      return { kind: 'run', words: bell ? `the run began: ${bellWords(bell)}` : 'the run began' }
    }
    const signaled = event.workflowExecutionSignaledEventAttributes
    if (signaled) {
      const bell = read(bellSchema, signaled.input)
      const name = signaled.signalName ?? 'a signal'
      return { kind: 'bell', words: bell ? `rung: ${bellWords(bell)}` : `got ${name}` }
    }
    return this.#tellEnd(event)
  }

  #tellEnd(event: HistoryEvent): Told {
    const again = event.workflowExecutionContinuedAsNewEventAttributes
    if (again) {
      const to = statusIn(again.searchAttributes?.indexedFields)
      const from = this.#status
      const change = to === null || to === from ? '' : `: ${from ?? 'new'} → ${to}`
      return { kind: 'run', words: `continued as new${change}` }
    }
    if (event.workflowExecutionCompletedEventAttributes) {
      return { kind: 'run', words: 'completed: nothing more happens by itself; a bell begins anew' }
    }
    const failed = event.workflowExecutionFailedEventAttributes
    if (failed) return trouble(`the workflow failed: ${failed.failure?.message ?? 'no reason'}`)
    const terminated = event.workflowExecutionTerminatedEventAttributes
    if (terminated) return trouble(`terminated: ${terminated.reason || 'no reason was given'}`)
    if (event.workflowExecutionTimedOutEventAttributes) return trouble('the workflow timed out')
    if (event.workflowExecutionCanceledEventAttributes) return trouble('cancelled')
    return null
  }

  #tellActivity(event: HistoryEvent): Told {
    const scheduled = event.activityTaskScheduledEventAttributes
    if (scheduled) {
      this.#activities.set(String(event.eventId), {
        name: scheduled.activityType?.name ?? 'activity',
        words: activityWords(event),
      })
      return SILENT
    }
    const started = event.activityTaskStartedEventAttributes
    if (started) {
      const attempt = started.attempt ?? 1
      if (attempt <= 1) return SILENT
      const activity = this.#activity(started.scheduledEventId)
      const last = started.lastFailure?.message
      return trouble(`${activity.words}: attempt ${attempt}${last ? `, after: ${last}` : ''}`)
    }
    return this.#tellAnswer(event)
  }

  #tellAnswer(event: HistoryEvent): Told {
    const completed = event.activityTaskCompletedEventAttributes
    if (completed) {
      const { name, words } = this.#activity(completed.scheduledEventId)
      const plan = read(planSchema, completed.result)
      const kind = name === 'touch' ? 'touch' : 'look'
      return { kind, words: `${words} → ${plan ? planWords(plan) : 'no plan that can be read'}` }
    }
    const failed = event.activityTaskFailedEventAttributes
    if (failed) {
      const { words } = this.#activity(failed.scheduledEventId)
      return trouble(`${words} failed for good: ${failed.failure?.message ?? 'no reason'}`)
    }
    const timedOut = event.activityTaskTimedOutEventAttributes
    if (timedOut) return trouble(`${this.#activity(timedOut.scheduledEventId).words} timed out`)
    const canceled = event.activityTaskCanceledEventAttributes
    if (canceled) {
      return trouble(`${this.#activity(canceled.scheduledEventId).words} was cancelled`)
    }
    return null
  }

  #activity(scheduledEventId: unknown): Activity {
    return this.#activities.get(String(scheduledEventId)) ?? { name: 'activity', words: 'activity' }
  }

  #tellTime(event: HistoryEvent): Told {
    const started = event.timerStartedEventAttributes
    if (started) {
      const summary = decode(event.userMetadata?.summary)
      const words = typeof summary === 'string' ? summary : 'unnamed'
      this.#timers.set(started.timerId ?? '', { startedAt: timeOf(event), words })
      return SILENT
    }
    const fired = event.timerFiredEventAttributes
    if (fired) return this.#waited(event, fired.timerId, 'waited')
    const canceled = event.timerCanceledEventAttributes
    if (canceled) return this.#waited(event, canceled.timerId, 'stopped waiting after')
    const skipped = event.workflowExecutionTimeSkippingTransitionedEventAttributes
    if (skipped) return this.#skipped(event, skipped)
    return null
  }

  #waited(event: HistoryEvent, timerId: string | null | undefined, verb: string): Told {
    const timer = this.#timers.get(timerId ?? '')
    if (!timer) return { kind: 'wait', words: `${verb} a while` }
    const span = spanWords(timeOf(event) - timer.startedAt)
    return { kind: 'wait', words: `${verb} ${span} (timer “${timer.words}”)` }
  }

  #skipped(
    event: HistoryEvent,
    skipped: NonNullable<HistoryEvent['workflowExecutionTimeSkippingTransitionedEventAttributes']>,
  ): Told {
    const to = skipped.targetTime ? instant(tsToMs(skipped.targetTime)) : timeOf(event)
    const span = this.#lastAt === null ? 0 : to - this.#lastAt
    const by = span > 0 ? ` by ${spanWords(span)}` : ''
    const over = skipped.disabledAfterFastForward ? ', and time runs as usual again' : ''
    return { kind: 'time', words: `time was skipped${by}, to ${momentWords(to)}${over}` }
  }

  #tellRest(event: HistoryEvent): Told {
    const failed = event.workflowTaskFailedEventAttributes
    // A bell that came while the worker answered: the answer is asked for again, nothing is wrong.
    if (failed && isUnhandledCommand(failed.cause)) return SILENT
    if (failed) {
      return trouble(`the workflow’s code failed: ${failed.failure?.message ?? 'no reason'}`)
    }
    if (event.workflowTaskTimedOutEventAttributes) return trouble('a worker did not answer in time')
    const options = event.workflowExecutionOptionsUpdatedEventAttributes
    if (options?.timeSkippingConfig) {
      const on = options.timeSkippingConfig.enabled ? 'on' : 'off'
      return { kind: 'time', words: `the skipping of time was switched ${on}` }
    }
    const name = EventType[event.eventType ?? 0]
    if (name === undefined || QUIET.has(event.eventType ?? 0)) return SILENT
    return { kind: 'other', words: plainName(name) }
  }
}

/** An event that is understood and needs no sentence. */
const SILENT = { kind: 'other', words: '' } as const

const QUIET: ReadonlySet<number> = new Set([
  EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED,
  EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED,
  EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED,
  EventType.EVENT_TYPE_WORKFLOW_PROPERTIES_MODIFIED,
])

const { WorkflowTaskFailedCause } = proto.temporal.api.enums.v1

function isUnhandledCommand(cause: number | null | undefined): boolean {
  return cause === WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND
}

function trouble(words: string): Omit<StoryLine, 'at'> {
  return { kind: 'trouble', words }
}

/** "looked", "touch email, step hello, attempt 1". */
function activityWords(event: HistoryEvent): string {
  const scheduled = event.activityTaskScheduledEventAttributes
  const name = scheduled?.activityType?.name ?? 'activity'
  if (name === 'look') {
    const why = read(lookInputSchema, scheduled?.input)?.trouble
    return why ? `looked, because of trouble (${plainName(why)})` : 'looked'
  }
  if (name !== 'touch') return name
  const touch = read(touchInputSchema, scheduled?.input)?.touch
  if (!touch) return 'touch'
  if ('messageId' in touch) return `touch ${touch.channel}, a message, attempt ${touch.attempt}`
  const visit = touch.visit > 1 ? `, visit ${touch.visit}` : ''
  return `touch ${touch.channel}, step ${touch.stepId}${visit}, attempt ${touch.attempt}`
}

/** "plan (revision 7): touch in 2 d 3 h, step call-back, sms, Tue …". */
function planWords({ revision, next, summary, transitioned }: ToldPlan): string {
  const became = transitioned ? `${statusWords(transitioned)}; ` : ''
  return `${became}plan (revision ${revision}): ${nextWords(next)}: ${summary}`
}

function nextWords(next: ToldPlan['next']): string {
  switch (next.do) {
    case 'wait':
      return next.ms === null ? 'wait for a bell' : `wait ${spanWords(next.ms)}`
    case 'touch':
      return next.ms <= 0 ? 'touch now' : `touch in ${spanWords(next.ms)}`
    case 'complete':
      return 'complete'
  }
}

/** What changed the lead's rows, and the revision that they had then. */
function bellWords({ kind, seq }: Bell): string {
  return `${kind} (seq ${seq})`
}

function statusWords({ status, deadReason }: NonNullable<ToldPlan['transitioned']>): string {
  return deadReason === null ? `now ${status}` : `now ${status} (${plainName(deadReason)})`
}

type Fields = { readonly [name: string]: Parameters<typeof decode>[0] } | null | undefined

/** "dead (unresponsive)", from search attributes; null when they do not say. */
function statusIn(fields: Fields): string | null {
  const status = keyword(fields, 'LeadStatus')
  const reason = keyword(fields, 'DeadReason')
  if (status === null) return null
  return reason === null ? status : `${status} (${plainName(reason)})`
}

/** A keyword travels as a text, or as a list of one. */
function keyword(fields: Fields, name: string): string | null {
  const value = decode(fields?.[name])
  const one: unknown = Array.isArray(value) ? value[0] : value
  return typeof one === 'string' ? one : null
}
