import { setTimeout as pause } from 'node:timers/promises'
import type { ConnectionLike } from '@temporalio/client'
import { sql } from 'kysely'
import { leadWorkflowId } from '../domain/contract.ts'
import type { LeadId } from '../domain/ids.ts'
import { type Instant, instant, SECOND_MS } from '../domain/time.ts'
import { audit } from '../store/company/audit.ts'
import type { Store } from '../store/connect.ts'
import { findLead, type LeadRow } from '../store/leads.ts'
import {
  fastForward,
  supportsTimeSkipping,
  virtualClock,
  type WorkflowAddress,
} from './temporal/time-skipping.ts'

export interface FastForwardDeps {
  readonly connection: ConnectionLike
  readonly namespace: string
  readonly store: Store
  readonly outbound: 'catch' | 'allowlist' | 'live'
}

export type FastForwardResult =
  | { readonly kind: 'done' }
  | { readonly kind: 'refused'; readonly because: string; readonly fix: string }

/** How far: a span, or until the next message was tried (or the lead's life took a turn). */
export type FastForwardBy = { readonly ms: number } | 'next-touch'

export interface DevTime {
  fastForward(leadId: LeadId, by: FastForwardBy): Promise<FastForwardResult>
  /** What a lead's own clock shows: the real time, or ahead of it when it was fast-forwarded. */
  clockOf(leadId: LeadId): Promise<Instant>
}

/** Timers start a moment after the planner has read its clock: the target is a little behind. */
const SLACK_MS = 5 * SECOND_MS
/** Real time for all that falls due on the way. */
const TRAVEL_MS = 120_000
/** Real time until the planner has looked at what is new. */
const SETTLE_MS = 15_000
const NUDGES = 3
const LOOK_EVERY_MS = 50
/** Plans between two messages: tasks, checks and the like. */
const MOST_HOPS = 20

/**
 * Lets time pass for one lead, by the server's own time skipping: everything that falls due on
 * the way is done by the real workflow. For the embedded mode only, while nothing leaves the
 * machine; a lead that was fast-forwarded keeps its own clock.
 */
export function devTime(deps: FastForwardDeps): DevTime {
  return {
    fastForward: (leadId, by) => travel(deps, leadId, by),
    clockOf: async (leadId) => (await virtualClock(deps.connection, addressOf(deps, leadId))).now,
  }
}

async function travel(
  deps: FastForwardDeps,
  leadId: LeadId,
  by: FastForwardBy,
): Promise<FastForwardResult> {
  if (deps.outbound !== 'catch') {
    return refused(
      'Time is skipped only while nothing leaves this machine.',
      'Start with OUTBOUND=catch.',
    )
  }
  if (!(await supportsTimeSkipping(deps.connection, deps.namespace))) {
    return refused(
      'This Temporal server cannot skip time.',
      'Use the server that `npm start` brings; `rekindle doctor` tells which one was found.',
    )
  }
  const lead = await planned(deps, leadId)
  if (lead.kind === 'refused') return lead
  await noteJourney(deps, leadId, by)
  return by === 'next-touch' ? toNextTouch(deps, lead.row) : passTime(deps, leadId, by.ms)
}

/** Hops from plan to plan until a message was tried, or the lead is not what it was. */
async function toNextTouch(deps: FastForwardDeps, first: LeadRow): Promise<FastForwardResult> {
  const before = await lastTouch(deps, first.id)
  let row = first
  for (let hop = 0; hop < MOST_HOPS; hop += 1) {
    if (row.next_at === null) return nothingPlanned(row)
    const held = await holdOn(deps, row)
    if (held !== null && held.until === null) {
      return refused('The lead is held.', 'Let it go on first: resume it, or lift what holds it.')
    }
    const { now } = await virtualClock(deps.connection, addressOf(deps, row.id))
    const target = Math.max(row.next_at, held?.until ?? row.next_at)
    const passed = await passTime(deps, row.id, Math.max(target - now, 0))
    if (passed.kind === 'refused') return passed
    const again = await planned(deps, row.id)
    // Its life ended on the way: there is no next message, and that is told by its page.
    if (again.kind === 'refused') return (await isOver(deps, row.id)) ? { kind: 'done' } : again
    const turned = again.row.status !== first.status || again.row.episode_id !== first.episode_id
    if (turned || (await lastTouch(deps, row.id)) !== before) return { kind: 'done' }
    row = again.row
  }
  return refused(
    'No message came up after many steps.',
    'Read on the lead’s page what comes next, and why.',
  )
}

async function passTime(
  deps: FastForwardDeps,
  leadId: LeadId,
  ms: number,
): Promise<FastForwardResult> {
  const address = addressOf(deps, leadId)
  const result = await fastForward(deps.connection, address, ms + SLACK_MS, TRAVEL_MS)
  switch (result.kind) {
    case 'reached':
      await ageVisits(deps, leadId, ms)
      return settledOrNudged(deps, leadId)
    case 'ended':
      return (await isOver(deps, leadId))
        ? { kind: 'done' }
        : refused(
            'The lead’s workflow does not run.',
            'Wait a moment: the relay starts it. If it stays so, run `rekindle repair`.',
          )
    case 'replaced':
      return refused('Another fast-forward took over.', 'Wait until it is done, then try again.')
    case 'waiting':
      return stillAtWork()
  }
}

/**
 * A busy server now and then leaves a timer that fell due on the way unfired until it skips again:
 * a second more makes it look.
 */
async function settledOrNudged(deps: FastForwardDeps, leadId: LeadId): Promise<FastForwardResult> {
  for (let nudge = 0; nudge < NUDGES; nudge += 1) {
    const done = await settled(deps, leadId)
    if (done.kind === 'done') return done
    await fastForward(deps.connection, addressOf(deps, leadId), SECOND_MS, SETTLE_MS)
  }
  return settled(deps, leadId)
}

/** Waits until what fell due is done and the next plan stands on the lead's row. */
async function settled(deps: FastForwardDeps, leadId: LeadId): Promise<FastForwardResult> {
  const done = await untilTrue(SETTLE_MS, async () => {
    const row = await findLead(deps.store.db, leadId)
    if (row === null || row.next_kind === 'unplanned') return false
    if (row.next_at !== null) {
      const { now } = await virtualClock(deps.connection, addressOf(deps, leadId))
      if (row.next_at <= now) return false
    }
    return !(await sendsNow(deps, leadId))
  })
  return done ? { kind: 'done' } : stillAtWork()
}

type PlannedLead = { readonly kind: 'planned'; readonly row: LeadRow } | Refused
type Refused = Extract<FastForwardResult, { kind: 'refused' }>

/** The lead once its plan stands, and its workflow has something to wait for. */
async function planned(deps: FastForwardDeps, leadId: LeadId): Promise<PlannedLead> {
  let row: LeadRow | null = null
  const stands = await untilTrue(SETTLE_MS, async () => {
    row = await findLead(deps.store.db, leadId)
    return row === null || row.next_kind !== 'unplanned'
  })
  const found = row as LeadRow | null
  if (found === null) return refused('There is no such lead.', 'Choose one from the list.')
  if (!stands) {
    return refused(
      'The lead was not planned yet: its workflow has not looked.',
      'Check that a worker runs (`rekindle doctor`), then try again.',
    )
  }
  if (found.next_kind === 'done') return nothingPlanned(found)
  return { kind: 'planned', row: found }
}

function nothingPlanned(row: LeadRow): Refused {
  return refused(
    `Nothing is planned for this lead (${row.next_words ?? row.status}).`,
    'Enroll it, revive it, or let it do something: a visit, a form, a reply.',
  )
}

function stillAtWork(): Refused {
  return refused(
    'Something that fell due on the way is still being done.',
    'Wait a little and load the page again; the alerts tell if something is broken.',
  )
}

function refused(because: string, fix: string): Refused {
  return { kind: 'refused', because, fix }
}

function addressOf({ namespace }: FastForwardDeps, leadId: LeadId): WorkflowAddress {
  return { namespace, workflowId: leadWorkflowId(leadId) }
}

async function isOver({ store }: FastForwardDeps, leadId: LeadId): Promise<boolean> {
  return (await findLead(store.db, leadId))?.next_kind === 'done'
}

/** The lead's own hold that lasts longest; `until` is null for one that nobody has dated. */
async function holdOn(
  { store }: FastForwardDeps,
  { id }: LeadRow,
): Promise<{ readonly until: Instant | null } | null> {
  const holds = await store.db
    .selectFrom('holds')
    .select('until_at')
    .where('lead_id', '=', id)
    .where('lifted_at', 'is', null)
    .execute()
  if (holds.length === 0) return null
  const dates = holds.map(({ until_at }) => until_at)
  return { until: dates.reduce((a, b) => (a === null || b === null ? null : a > b ? a : b)) }
}

async function sendsNow({ store }: FastForwardDeps, leadId: LeadId): Promise<boolean> {
  const open = await store.db
    .selectFrom('touches')
    .select('id')
    .where('lead_id', '=', leadId)
    .where('state', 'in', ['intent', 'dispatching'])
    .executeTakeFirst()
  return open !== undefined
}

async function lastTouch({ store }: FastForwardDeps, leadId: LeadId): Promise<string | null> {
  const touch = await store.db
    .selectFrom('touches')
    .select('id')
    .where('lead_id', '=', leadId)
    .where('state', 'not in', ['intent', 'abandoned'])
    .orderBy('intent_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  return touch?.id ?? null
}

/** Kept, so that it is known which leads live ahead of real time. */
async function noteJourney(
  { store }: FastForwardDeps,
  leadId: LeadId,
  by: FastForwardBy,
): Promise<void> {
  await audit(store.db, {
    who: 'embedded mode',
    action: 'fast_forward',
    leadId,
    details: by === 'next-touch' ? { by } : { ms: by.ms },
    at: instant(Date.now()),
  })
}

/**
 * The website's sessions live on real time. For this lead time has passed, so that its visitors'
 * next page is a visit of its own, and no page of the session before.
 */
async function ageVisits({ store }: FastForwardDeps, leadId: LeadId, ms: number): Promise<void> {
  await store.db
    .updateTable('visits')
    .set({
      started_at: sql<Instant>`started_at - ${Math.round(ms)}`,
      last_at: sql<Instant>`last_at - ${Math.round(ms)}`,
    })
    .where('visitor_id', 'in', (on) =>
      on.selectFrom('visitors').select('id').where('lead_id', '=', leadId),
    )
    .execute()
}

async function untilTrue(timeoutMs: number, condition: () => Promise<boolean>): Promise<boolean> {
  const end = Date.now() + timeoutMs
  for (;;) {
    if (await condition()) return true
    if (Date.now() >= end) return false
    await pause(LOOK_EVERY_MS)
  }
}
