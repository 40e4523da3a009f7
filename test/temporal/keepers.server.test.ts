import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Registry } from 'prom-client'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { DEFAULT_SETTINGS, engineRules } from '../../src/domain/company/company.ts'
import { leadWorkflowId } from '../../src/domain/contract.ts'
import type { LeadId } from '../../src/domain/ids.ts'
import { DAY_MS, HOUR_MS, instant } from '../../src/domain/time.ts'
import { type Action, act } from '../../src/leads/actions.ts'
import { fastForward, virtualClock } from '../../src/local/temporal/time-skipping.ts'
import { createArchiver } from '../../src/temporal/archive.ts'
import { openTemporal } from '../../src/temporal/connection.ts'
import { createDoorbell, type RunningDoorbell } from '../../src/temporal/create-doorbell.ts'
import { unpackText } from '../../src/temporal/history.ts'
import { readHarmony, registerHarmony, registerKeepers } from '../../src/temporal/metrics.ts'
import { createRelay } from '../../src/temporal/relay.ts'
import { type Repaired, repair } from '../../src/temporal/repair.ts'
import { replayHistories } from '../../src/temporal/replay.ts'
import { historyStory, storyJson, storyText } from '../../src/temporal/story.ts'
import { createSweep } from '../../src/temporal/sweep.ts'
import { testNamespace } from '../support/temporal.ts'
import { until } from '../support/until.ts'
import { openRig, type Rig } from './rig.ts'

let rig: Rig
let doorbell: RunningDoorbell

beforeAll(async () => {
  rig = await openRig()
  doorbell = createDoorbell({ client: rig.client, store: rig.store, log: rig.log })
  await rig.work()
})
afterAll(async () => {
  await doorbell.close()
  await rig.close()
})

const handleOf = (leadId: LeadId) => rig.client.workflow.getHandle(leadWorkflowId(leadId))

/** A lead that lives: posted, rung, looked at. */
async function livingLead(cadence: string | null = null): Promise<LeadId> {
  const { leadId, ring } = await rig.post({ cadence, form: cadence !== null })
  doorbell.ring([ring])
  await looked(leadId)
  return leadId
}

async function looked(leadId: LeadId): Promise<void> {
  await until(async () => (await rig.lead(leadId)).next_kind !== 'unplanned', { what: 'a look' })
}

async function operate(leadId: LeadId, action: Action): Promise<void> {
  const { rings } = await rig.store.transaction((trx) =>
    act(trx, leadId, action, {
      who: 'test',
      receivedAt: instant(Date.now()),
      rules: engineRules(DEFAULT_SETTINGS),
      eventId: null,
    }),
  )
  doorbell.ring(rings)
  await doorbell.settle()
}

describe('the sweep', () => {
  const sweepFor = (options = {}) =>
    createSweep({ client: rig.client, store: rig.store, doorbell, log: rig.log, ...options })

  it('starts a workflow again that an operator terminated', async () => {
    const leadId = await livingLead()
    const { runId } = await handleOf(leadId).describe()
    await handleOf(leadId).terminate('tidying up')
    const sweep = sweepFor({ sample: 1 })
    await until(
      async () => {
        await sweep.turn()
        return (await rig.status(leadId)) === 'RUNNING'
      },
      { what: 'the lead to live again', everyMs: 200 },
    )
    expect((await handleOf(leadId).describe()).runId).not.toBe(runId)
    expect(sweep.counts().restarted).toBeGreaterThan(0)
    await until(async () => (await rig.lead(leadId)).run_id !== runId)
  })

  it('finds one that Temporal has forgotten, by its lateness or in the rolling sample', async () => {
    const { leadId } = await rig.post()
    const { db } = rig.store
    const longAgo = instant(Date.now() - HOUR_MS)
    const gone = { rung_revision: 9, revision: 9, next_kind: 'look', next_at: longAgo } as const
    await db.updateTable('leads').set(gone).where('id', '=', leadId).execute()
    const { leadId: early } = await rig.post()
    const inADay = { ...gone, next_at: instant(Date.now() + DAY_MS) }
    await db.updateTable('leads').set(inADay).where('id', '=', early).execute()

    const byLateness = sweepFor({ sample: 0 })
    await byLateness.turn()
    await until(async () => (await rig.status(leadId)) !== null)
    expect(await rig.status(early)).toBeNull()

    const bySample = sweepFor({ sample: 3 })
    await until(async () => {
      await bySample.turn()
      return (await rig.status(early)) !== null
    })
  })

  it('leaves alone a lead that is done, and one whose workflow runs', async () => {
    const running = await livingLead()
    const done = await livingLead()
    await operate(done, { kind: 'convert', note: null })
    await until(async () => (await rig.lead(done)).next_kind === 'done')
    await until(async () => (await rig.status(done)) === 'COMPLETED')
    const { runId } = await handleOf(running).describe()
    const sweep = sweepFor({ sample: 1_000 })
    await sweep.turn()
    await doorbell.settle()
    expect(await rig.status(done)).toBe('COMPLETED')
    expect((await handleOf(running).describe()).runId).toBe(runId)
  })
})

describe('the archive', () => {
  it('keeps a closed run, and it is read when Temporal has forgotten it', async () => {
    const leadId = await livingLead()
    await operate(leadId, { kind: 'convert', note: 'a word about them' })
    await until(async () => (await rig.status(leadId)) === 'COMPLETED')
    const archiver = createArchiver({ client: rig.client, store: rig.store, log: rig.log })
    const runsNow = () =>
      rig.store.db.selectFrom('runs').selectAll().where('lead_id', '=', leadId).execute()
    await until(
      async () => {
        await archiver.drain()
        const runs = await runsNow()
        return runs.length > 1 && runs.every(({ history }) => history !== null)
      },
      { what: 'every run to be archived', everyMs: 200, timeoutMs: 90_000 },
    )
    const before = storyText(await historyStory(rig, leadId))

    // A namespace that knows no run of the lead, as this one when the retention is over: a
    // deletion by hand takes the server half a minute.
    const empty = await testNamespace()
    const link = openTemporal(empty, { role: 'test' })
    const story = await historyStory({ store: rig.store, client: link.client }, leadId)
    await link.close()
    await empty.close()
    expect(story.trouble).toBeNull()
    expect(story.runs.map(({ from }) => from)).toContain('archive')
    expect(story.runs.every(({ from, closedAt }) => from === 'archive' && closedAt)).toBe(true)
    expect(storyText(story)).toEqual(before)
    expect(storyText(await historyStory({ store: rig.store, client: null }, leadId))).toEqual(
      before,
    )
    expect(before.join('\n')).toMatch(/rung: convert \(seq \d+\)/)
    expect(before.join('\n')).toMatch(/continued as new: held → converted/)
    expect(before.at(-1)).toContain('completed')

    const runs = await runsNow()
    const texts = await Promise.all(runs.map(({ history }) => unpackText(history ?? '')))
    for (const text of texts) {
      const payloads = [...text.matchAll(/"data":"([^"]+)"/g)].map(([, data]) =>
        Buffer.from(data ?? '', 'base64').toString('utf8'),
      )
      expect(payloads.join('\n')).toContain(leadId)
      expect(text + payloads.join('\n')).not.toMatch(/a word about them|example\.com|Ada/)
    }
  })

  it('does not keep a run that goes on', async () => {
    const leadId = await livingLead()
    const archiver = createArchiver({ client: rig.client, store: rig.store, log: rig.log })
    await rig.store.db
      .updateTable('runs')
      .set({ closing_at: instant(Date.now()) })
      .where('lead_id', '=', leadId)
      .execute()
    await archiver.drain()
    const run = await rig.store.db
      .selectFrom('runs')
      .selectAll()
      .where('lead_id', '=', leadId)
      .where('archived_at', 'is', null)
      .executeTakeFirstOrThrow()
    expect(run.history).toBeNull()
  })

  it('gives up a run that nobody has, but not before a week has passed', async () => {
    const { leadId } = await rig.post()
    const now = Date.now()
    const run = { lead_id: leadId, started_at: instant(now - 9 * DAY_MS), history: null }
    const rows = [
      { ...run, run_id: '00000000-0000-4000-8000-000000000001', closing_at: instant(now - DAY_MS) },
      {
        ...run,
        run_id: '00000000-0000-4000-8000-000000000002',
        closing_at: instant(now - 8 * DAY_MS),
      },
    ].map((row) => ({ ...row, archived_at: null }))
    await rig.store.db.insertInto('runs').values(rows).execute()
    const archiver = createArchiver({ client: rig.client, store: rig.store, log: rig.log })
    await archiver.drain()
    expect(archiver.counts().lost).toBe(1)
    const story = await historyStory(rig, leadId)
    expect(story.runs.map(({ from, lines }) => [from, lines])).toEqual([
      ['gone', []],
      ['gone', []],
    ])
    expect(storyText(story).join('\n')).toContain('in neither Temporal nor the archive')
  })
})

describe('the story', () => {
  it('tells looks, touches, waits, bells and skipped time in words', async () => {
    const leadId = await livingLead('new-lead')
    await until(async () => (await storyOf(leadId)).includes('touch email, step first-reply'), {
      what: 'the first email',
      everyMs: 100,
    })
    const address = { namespace: rig.test.namespace, workflowId: leadWorkflowId(leadId) }
    await fastForward(rig.test.connection, address, 20 * DAY_MS)
    await until(async () => (await rig.lead(leadId)).status === 'dead', { what: 'the death' })
    await until(async () => (await storyOf(leadId)).includes('→ dead (unresponsive)'), {
      what: 'the transition in the history',
      everyMs: 100,
    })
    const text = await storyOf(leadId)
    expect(text).toMatch(/the run began: form \(seq 1\)/)
    expect(text).toMatch(/looked → plan \(revision \d+\): touch now: step first-reply, email/)
    expect(text).toMatch(/touch email, step first-reply, attempt 1 → plan/)
    expect(text).toMatch(/waited \d+ d \d+ h \(timer “step /)
    expect(text).toMatch(/time was skipped by .+, to \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ/)
    expect(text).toMatch(/continued as new: nurturing → dead \(unresponsive\)/)
    expect(text).not.toMatch(/example\.com|Ada\b/)
    const json = storyJson(await historyStory(rig, leadId))
    const times = json.runs.flatMap(({ lines }) => lines.map(({ at }) => Date.parse(at)))
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThan(10 * DAY_MS)
  })

  it('does not jump when a lead continues as new twice within a second', async () => {
    const leadId = await livingLead('new-lead')
    const address = { namespace: rig.test.namespace, workflowId: leadWorkflowId(leadId) }
    const started = Date.now()
    await fastForward(rig.test.connection, address, 4 * DAY_MS)
    for (const action of [{ kind: 'pause', because: 'wait' }, { kind: 'resume' }] as const) {
      await operate(leadId, action)
      await looked(leadId)
    }
    await fastForward(rig.test.connection, address, DAY_MS)
    const { now } = await virtualClock(rig.test.connection, address)
    expect((now - started) / DAY_MS).toBeLessThan(5.1)
    expect((await historyStory(rig, leadId)).runs.length).toBeGreaterThan(2)
    const { lines } = (await historyStory(rig, leadId)).runs.at(-1) ?? { lines: [] }
    for (const { at } of lines) expect((at - started) / DAY_MS).toBeLessThan(5.1)
  })

  const storyOf = async (leadId: LeadId) => storyText(await historyStory(rig, leadId)).join('\n')
})

describe('a repair', () => {
  const mend = (options: { dryRun: boolean; endOrphans?: boolean }): Promise<Repaired> =>
    repair({
      store: rig.store,
      client: rig.client,
      ledgerKey: rig.ledgerKey,
      log: rig.log,
      perSecond: 1_000,
      ...options,
    })

  const touchesOf = (leadId: LeadId) =>
    rig.store.db.selectFrom('touches').selectAll().where('lead_id', '=', leadId).execute()

  /** Waits until the first email is sent, and the task after it is planned. */
  const firstEmail = (leadId: LeadId) =>
    until(async () => {
      const touches = await touchesOf(leadId)
      const sent = touches.length === 1 && touches[0]?.state === 'sent'
      return sent && (await rig.lead(leadId)).next_kind === 'look' ? touches : null
    })

  it('says what it would do, does it, and finds everything sound afterwards', async () => {
    await livingLead()
    const missing = await livingLead()
    await handleOf(missing).terminate('lost')
    const behind = await livingLead()
    const ahead = await livingLead()
    const { db } = rig.store
    // As after a restore from a time when the row had seen less than its workflow.
    await db
      .updateTable('leads')
      .set({ revision: 0, rung_revision: 0 })
      .where('id', '=', ahead)
      .execute()
    // As when a bell was lost with the server that had heard it.
    await db
      .updateTable('leads')
      .set({ revision: 7, rung_revision: 7 })
      .where('id', '=', behind)
      .execute()

    const dry = await mend({ dryRun: true })
    expect(dry.kind).toBe('done')
    expect(dry.counts.missing).toBeGreaterThanOrEqual(1)
    expect(dry.counts.ahead).toBeGreaterThanOrEqual(1)
    expect(dry.counts.behind).toBeGreaterThanOrEqual(1)
    expect(dry.counts.sound).toBeGreaterThanOrEqual(1)
    expect(await rig.status(missing)).toBe('TERMINATED')
    expect((await rig.lead(ahead)).revision).toBe(0)
    expect((await rig.lead(missing)).reconcile_first).toBe(false)

    const real = await mend({ dryRun: false })
    expect(real.counts).toMatchObject({
      missing: dry.counts.missing,
      ahead: dry.counts.ahead,
      behind: dry.counts.behind,
    })
    await until(async () => (await rig.status(missing)) === 'RUNNING')
    for (const leadId of [missing, ahead, behind]) {
      await until(async () => {
        const { next_kind, reconcile_first } = await rig.lead(leadId)
        return next_kind !== 'unplanned' && !reconcile_first
      })
    }
    expect((await rig.lead(ahead)).revision).toBeGreaterThan(1)
    await until(
      async () => {
        const { counts } = await mend({ dryRun: true })
        return counts.missing + counts.ahead + counts.behind === 0
      },
      { what: 'all to be sound', everyMs: 500 },
    )
  })

  it('keeps what was sent since the backup as uncertain, and sends it no second time', async () => {
    const leadId = await livingLead('new-lead')
    const { db } = rig.store
    const [touch] = await firstEmail(leadId)
    const { revision } = await rig.lead(leadId)
    // The rows as they were before the first email: the step is ahead, the touch unknown.
    await db.deleteFrom('touches').where('lead_id', '=', leadId).execute()
    await db
      .updateTable('episodes')
      .set({ step_id: 'first-reply', visit: 1 })
      .where('lead_id', '=', leadId)
      .execute()
    await db.updateTable('leads').set({ revision: 0 }).where('id', '=', leadId).execute()

    const { counts } = await mend({ dryRun: false })
    expect(counts.touches).toBe(1)
    await until(async () => {
      const lead = await rig.lead(leadId)
      return lead.next_kind === 'look' && lead.revision > revision
    })
    const touches = await touchesOf(leadId)
    expect(touches).toHaveLength(1)
    expect(touches[0]).toMatchObject({
      id: touch?.id,
      state: 'uncertain',
      failure_code: 'restored',
      contact_hash: touch?.contact_hash,
    })
    const emails = rig.catchers.outbox.list({}).items.filter(({ touch: id }) => id === touch?.id)
    expect(emails).toHaveLength(1)
  })

  it('holds a lead whose lost messages belong to an episode that is lost too', async () => {
    const leadId = await livingLead('new-lead')
    const { db } = rig.store
    await firstEmail(leadId)
    await db
      .updateTable('leads')
      .set({ revision: 0, episode_id: null })
      .where('id', '=', leadId)
      .execute()
    await db.deleteFrom('touches').where('lead_id', '=', leadId).execute()
    await db.deleteFrom('episodes').where('lead_id', '=', leadId).execute()
    await mend({ dryRun: false })
    const hold = await db
      .selectFrom('holds')
      .selectAll()
      .where('lead_id', '=', leadId)
      .executeTakeFirstOrThrow()
    expect(hold).toMatchObject({ kind: 'reconciling', lifted_at: null })
  })

  it('counts workflows of unknown leads, and ends them only when asked to', async () => {
    const { leadId, ring } = await rig.post()
    const stranger = `${leadId}-unknown` as LeadId
    await rig.client.workflow.start('lead', {
      workflowId: leadWorkflowId(stranger),
      taskQueue: 'nobody-works-here',
      args: [{ v: 1, leadId: stranger }],
    })
    expect(ring.leadId).toBe(leadId)
    await until(async () => (await mend({ dryRun: false })).counts.orphans === 1, { everyMs: 200 })
    expect(await rig.status(stranger)).toBe('RUNNING')
    await mend({ dryRun: true, endOrphans: true })
    expect(await rig.status(stranger)).toBe('RUNNING')
    await mend({ dryRun: false, endOrphans: true })
    expect(await rig.status(stranger)).toBe('TERMINATED')
  })
})

describe('a replay', () => {
  it('of the running leads and of archived histories finds this code deterministic', async () => {
    const bundle = { codePath: inject('workflowBundlePath') }
    const live = await replayHistories({ live: 5, client: rig.client }, bundle)
    expect(live).toEqual({ replayed: 5, failures: [] })

    const folder = await mkdtemp(join(tmpdir(), 'rekindle-replay-'))
    try {
      const kept = await rig.store.db
        .selectFrom('runs')
        .selectAll()
        .where('history', 'is not', null)
        .limit(3)
        .execute()
      for (const { run_id, history } of kept) {
        await writeFile(join(folder, `${run_id}.json`), await unpackText(history ?? ''))
      }
      const recorded = await replayHistories({ from: folder }, bundle)
      expect(recorded.failures).toEqual([])
      expect(recorded.replayed).toBe(kept.length)
      expect(kept.length).toBeGreaterThan(0)
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})

describe('the metrics', () => {
  it('count what is out of tune', async () => {
    const now = instant(Date.now())
    const before = await readHarmony(rig.store, now)
    const { leadId } = await rig.post()
    const { leadId: stuck } = await rig.post()
    const { db } = rig.store
    await db
      .updateTable('leads')
      .set({ updated_at: instant(now - 60_000) })
      .where('id', '=', leadId)
      .execute()
    await db.deleteFrom('holds').where('lead_id', '=', stuck).execute()
    await db.updateTable('leads').set({ rung_revision: 99 }).where('id', '=', stuck).execute()
    const after = await readHarmony(rig.store, now)
    expect(after.unrung).toBe(before.unrung + 1)
    expect(after.unrungSeconds).toBeGreaterThanOrEqual(60)
    expect(after.stuck).toBe(before.stuck + 1)

    const registry = new Registry()
    const { store, client, log } = rig
    registerHarmony(registry, store)
    registerKeepers(registry, {
      doorbell,
      relay: createRelay({ store, doorbell, log }),
      sweep: createSweep({ client, store, doorbell, log }),
      archiver: createArchiver({ client, store, log }),
    })
    const text = await registry.metrics()
    expect(text).toContain(`rekindle_leads_stuck ${after.stuck}`)
    expect(text).toContain('rekindle_doorbell_healthy 1')
    expect(text).toContain('rekindle_archive_lost 0')
  })
})
