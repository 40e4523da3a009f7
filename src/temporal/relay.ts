import { PRIORITY } from '../domain/contract.ts'
import type { LeadId } from '../domain/ids.ts'
import { type Clock, instant, plus } from '../domain/time.ts'
import type { Store } from '../store/connect.ts'
import { type UnrungLead, unrungLeads } from '../store/watch/unrung.ts'
import type { RunningDoorbell } from './create-doorbell.ts'
import type { Log } from './log.ts'
import { createLoop, type Loop } from './loop.ts'
import { toPriority } from './priority.ts'
import { TokenBucket } from './token-bucket.ts'

export interface RelayOptions {
  readonly store: Store
  readonly doorbell: RunningDoorbell
  readonly log: Log
  /** How often to look while there is nothing to do, in milliseconds. */
  readonly everyMs?: number
  /** How long whoever made the change has to ring by itself, in milliseconds. */
  readonly graceMs?: number
  /** Leads of one turn. */
  readonly batch?: number
  /** Imported leads rung in a second; the others are not limited. */
  readonly importsPerSecond?: number
  readonly now?: Clock
}

export interface Relay extends Loop {
  /** Rings so far. */
  rung(): number
}

const EVERY_MS = 1_000
const GRACE_MS = 2_000
const BATCH = 200
/** The rest after a full batch. */
const SOON_MS = 100
const IMPORTS_PER_SECOND = 50
/** While Temporal is away, one lead asks for all, ever more rarely. */
const MOST_REST_AWAY_MS = 5_000
/** A lead whose ring fails for a reason of its own does not stand in the others' way. */
const FIRST_PATIENCE_MS = 5_000
const MOST_PATIENCE_MS = 60_000
const MOST_PATIENT = 1_000

interface Patience {
  readonly seq: number
  readonly ms: number
  readonly until: number
}

/**
 * Rings what a crash or an outage left unrung, from the rows alone. Several processes may each
 * run one: a lead that two of them ring is rung once too often, which changes nothing.
 */
export function createRelay(options: RelayOptions): Relay {
  const { store, doorbell, log } = options
  const everyMs = options.everyMs ?? EVERY_MS
  const graceMs = options.graceMs ?? GRACE_MS
  const batch = options.batch ?? BATCH
  const now = options.now ?? (() => instant(Date.now()))
  const perSecond = options.importsPerSecond ?? IMPORTS_PER_SECOND
  const imports = new TokenBucket(perSecond, performance.now())
  const patience = new Map<LeadId, Patience>()
  let awayRestMs = everyMs
  let rung = 0

  async function turn(): Promise<number> {
    return doorbell.healthy ? await ringAll() : await askForAll()
  }

  async function ringAll(): Promise<number> {
    awayRestMs = everyMs
    const besides = impatient(patience, performance.now())
    const before = plus(now(), -graceMs)
    const found = await unrungLeads(store.db, { before, besides, limit: batch })
    // What this process has not managed to ring yet leaves no room for more imports.
    const budget = doorbell.counts().open > batch ? 0 : imports.available(performance.now())
    const { hot, bulk } = withinBudget(found, budget)
    imports.spend(bulk.length)
    const allowed = [...hot, ...bulk]
    for (const lead of allowed) remember(patience, lead)
    ring(allowed)
    if (allowed.length > 0) log.info({ leads: allowed.length }, 'rang what was left unrung')
    // A full batch means that there is more; what the budget held back comes in a while.
    return allowed.length === batch ? SOON_MS : everyMs
  }

  async function askForAll(): Promise<number> {
    patience.clear()
    ring(await unrungLeads(store.db, { before: now(), besides: [], limit: 1 }))
    await doorbell.settle()
    if (doorbell.healthy) return 0
    awayRestMs = Math.min(awayRestMs * 2, MOST_REST_AWAY_MS)
    return awayRestMs
  }

  function ring(leads: readonly UnrungLead[]): void {
    rung += leads.length
    doorbell.ring(
      leads.map(({ id, revision, priority }) => ({
        leadId: id,
        seq: revision,
        kind: 'relay',
        priority: toPriority(priority),
      })),
    )
  }

  const loop = createLoop({ name: 'relay', log, turn, restAfterFailureMs: everyMs })
  return { ...loop, rung: () => rung }
}

/** All that are no imports, and as many imports as the budget allows. */
function withinBudget(leads: readonly UnrungLead[], budget: number) {
  const isImport = ({ priority }: UnrungLead) => priority >= PRIORITY.import
  return {
    hot: leads.filter((lead) => !isImport(lead)),
    bulk: leads.filter(isImport).slice(0, budget),
  }
}

/** Leads that were rung lately and are unrung still. */
function impatient(patience: Map<LeadId, Patience>, nowMs: number): LeadId[] {
  const recent = [...patience].filter(([, { until, ms }]) => until + 2 * ms > nowMs)
  patience.clear()
  for (const [leadId, each] of recent.slice(-MOST_PATIENT)) patience.set(leadId, each)
  return [...patience].filter(([, { until }]) => until > nowMs).map(([leadId]) => leadId)
}

function remember(patience: Map<LeadId, Patience>, { id, revision }: UnrungLead): void {
  const before = patience.get(id)
  const again = before?.seq === revision
  const ms = again ? Math.min(before.ms * 2, MOST_PATIENCE_MS) : FIRST_PATIENCE_MS
  patience.set(id, { seq: revision, ms, until: performance.now() + ms })
}
