import proto from '@temporalio/proto'
import { instant } from '../src/domain/time.ts'
import { upsertLead } from '../src/leads/incoming/upsert.ts'
import { labRules, startLab } from '../src/local/lab.ts'
import { fetchHistory, type HistoryEvent } from '../src/temporal/history.ts'
import type { Machine } from './support/machine.ts'

export interface Histories {
  readonly touches: number
  /** History events of one touch, from the timer it waits for to the task that hears its outcome. */
  readonly eventsPerTouch: { readonly mean: number; readonly most: number }
  /** What a hosted Temporal bills for one touch: its timer and each try of its activity. */
  readonly actionsPerTouch: { readonly mean: number; readonly most: number }
  /** A whole nurture, from the form to the death, start and all looks included, per touch. */
  readonly wholeLife: { readonly eventsPerTouch: number; readonly actionsPerTouch: number }
  /** Only where time is skipped, and counted nowhere above. */
  readonly timeSkipEvents: number
}

const { EventType } = proto.temporal.api.enums.v1
const SHIPPED_LIFE_MS = 60 * 24 * 3_600_000

/** Lets leads live through the shipped `new-lead` in virtual time, and counts their histories. */
export async function measureHistories(machine: Machine, leads = 3): Promise<Histories> {
  const namespace = await machine.freshNamespace()
  const lab = await startLab({ temporal: { address: machine.temporal.address, namespace } })
  try {
    const lives: HistoryEvent[][] = []
    for (let number = 0; number < leads; number += 1) lives.push(await live(lab, number))
    return count(lives)
  } finally {
    await lab.stop()
  }
}

type Lab = Awaited<ReturnType<typeof startLab>>

async function live({ intake, engine, pass }: Lab, number: number): Promise<HistoryEvent[]> {
  const { store, hashKeys, doorbell } = intake
  const receivedAt = instant(Date.now())
  const rules = await labRules(store)
  const { lead, ring } = await store.transaction((trx) =>
    upsertLead(
      trx,
      {
        lead: {
          firstName: 'Ada',
          email: `life-${number}@example.com`,
          phone: `+1212555010${number}`,
          source: 'webform',
        },
        consents: [
          {
            channel: 'sms',
            basis: 'express_written',
            disclosure: 'bench',
            at: receivedAt,
            source: 'https://acme.example/quote',
            ip: null,
          },
        ],
        cadence: 'new-lead',
        form: true,
        visitorId: null,
        dead: null,
      },
      { hashKeys, rules, via: 'bench', receivedAt, begunBy: 'api', eventId: null },
    ),
  )
  if (ring) doorbell.ring([ring])
  await pass(lead.id, SHIPPED_LIFE_MS)
  const runs = await store.db
    .selectFrom('runs')
    .select('run_id')
    .where('lead_id', '=', lead.id)
    .orderBy('started_at')
    .execute()
  const histories = await Promise.all(
    runs.map(({ run_id }) => fetchHistory(engine.link.client, lead.id, run_id)),
  )
  return histories.flatMap(({ events }) => events ?? [])
}

function count(lives: readonly HistoryEvent[][]): Histories {
  const events = lives.flat()
  const real = events.filter((event) => !isTimeSkip(event))
  const touches = segments(real).filter((segment) => segment.some(isTouch))
  const ofTouches = touches.map((segment) => segment.length)
  const actions = touches.map((segment) => segment.filter(isBillable).length)
  return {
    touches: touches.length,
    eventsPerTouch: meanAndMost(ofTouches),
    actionsPerTouch: meanAndMost(actions),
    wholeLife: {
      eventsPerTouch: rounded(real.length / touches.length),
      actionsPerTouch: rounded(real.filter(isBillable).length / touches.length),
    },
    timeSkipEvents: events.length - real.length,
  }
}

/** Cuts a history behind each workflow task that heard of an activity's end. */
function segments(events: readonly HistoryEvent[]): HistoryEvent[][] {
  const cut: HistoryEvent[][] = []
  let segment: HistoryEvent[] = []
  let activityEnded = false
  for (const event of events) {
    segment.push(event)
    if (is(event, 'EVENT_TYPE_ACTIVITY_TASK_COMPLETED')) activityEnded = true
    if (!activityEnded || !is(event, 'EVENT_TYPE_WORKFLOW_TASK_COMPLETED')) continue
    cut.push(segment)
    segment = []
    activityEnded = false
  }
  return cut
}

type EventName = keyof typeof EventType

function is(event: HistoryEvent, name: EventName): boolean {
  return event.eventType === EventType[name]
}

function isTimeSkip(event: HistoryEvent): boolean {
  return is(event, 'EVENT_TYPE_WORKFLOW_EXECUTION_TIME_SKIPPING_TRANSITIONED')
}

function isTouch(event: HistoryEvent): boolean {
  return event.activityTaskScheduledEventAttributes?.activityType?.name === 'touch'
}

/** What Temporal Cloud counts as an action: https://docs.temporal.io/cloud/actions */
const BILLABLE: readonly EventName[] = [
  'EVENT_TYPE_WORKFLOW_EXECUTION_STARTED',
  'EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED',
  'EVENT_TYPE_TIMER_STARTED',
  'EVENT_TYPE_ACTIVITY_TASK_STARTED',
  'EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES',
  'EVENT_TYPE_MARKER_RECORDED',
]

function isBillable(event: HistoryEvent): boolean {
  return BILLABLE.some((name) => is(event, name))
}

function meanAndMost(values: readonly number[]): { mean: number; most: number } {
  const sum = values.reduce((a, b) => a + b, 0)
  return { mean: rounded(sum / values.length), most: Math.max(...values) }
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100
}
