import { describe, expect, inject, it } from 'vitest'
import { leadWorkflowId, type Plan, STATUS_QUERY } from '../../src/domain/contract.ts'
import type { LeadId } from '../../src/domain/ids.ts'
import { HOUR_MS, instant, MINUTE_MS } from '../../src/domain/time.ts'
import { localTime } from '../../src/domain/time-zones.ts'
import { findLead } from '../../src/store/leads.ts'
import { testNamespace } from '../support/temporal.ts'
import { until } from '../support/until.ts'
import { postgres } from './postgres.ts'
import { type OurProcess, openRig, type Rig, startProcess, startWorker, touchesOf } from './rig.ts'
import { textableNow } from './textable.ts'

/** Runs a test on a rig of its own. */
const withRig = (test: (rig: Rig) => Promise<void>) => async () => {
  if (postgres === null) return
  const namespace = await testNamespace()
  const rig = await openRig(postgres.url, namespace)
  try {
    await test(rig)
  } finally {
    await rig.close()
    await namespace.close()
  }
}

describe.skipIf(postgres === null).concurrent('an outage across a window’s end', () => {
  it(
    'sends nothing at night: what was due before waits for the morning',
    withRig(async (rig) => {
      const person = textableNow(1)
      const leadId = await rig.post({ firstName: 'Ada', ...person, source: 'webform' }, 'text')
      // The touch is scheduled while it may be made; then its worker dies before it is.
      const died = work(rig, { stalls: { [leadId]: 'begin' } })
      await died.says(`stalled ${leadId}`)
      const scheduled = await findLead(rig.store.db, leadId)
      expect(scheduled?.next_kind).toBe('touch')
      await died.kill()
      // The next worker comes in the middle of the lead's night.
      const night = hoursUntilNight(person.timezone) * HOUR_MS
      const late = work(rig, { shiftMs: night })
      const morning = await until(
        async () => {
          const lead = await findLead(rig.store.db, leadId)
          return lead?.next_at && lead.next_at > Date.now() + night ? lead.next_at : null
        },
        { timeoutMs: 60_000, what: 'a new plan' },
      )
      await late.kill()
      expect(await rig.outbox.caught(person.phone)).toEqual([])
      const states = (await touchesOf(rig, leadId)).map(({ state }) => state)
      expect(states.filter((state) => state !== 'abandoned')).toEqual([])
      const { hour } = localTime(morning, person.timezone)
      expect(hour).toBeGreaterThanOrEqual(8)
      expect(hour).toBeLessThan(21)
      expect(morning - (Date.now() + night)).toBeLessThan(12 * HOUR_MS)
    }),
    120_000,
  )
})

describe
  .skipIf(postgres === null)
  .concurrent('a worker whose clock stands behind the others', () => {
    it(
      'refuses to judge by it, says so, and looks again in half a minute',
      withRig(async (rig) => {
        const email = 'behind@example.com'
        const leadId = await rig.post({ firstName: 'Ada', email, source: 'webform' }, 'write')
        const behind = work(rig, { shiftMs: -MINUTE_MS })
        const plan = await until(async () => refusal(await statusOf(rig, leadId)), {
          timeoutMs: 60_000,
          what: 'a refused clock',
        })
        expect(plan.next).toEqual({ do: 'wait', ms: 30_000 })
        await until(() => clockAlerts(rig), { what: 'an alert' })
        await behind.kill()
        expect(await rig.outbox.caught(email)).toEqual([])
        expect(await touchesOf(rig, leadId)).toEqual([])

        const right = startWorker(rig)
        await until(async () => (await rig.outbox.caught(email)).length === 1, {
          timeoutMs: 90_000,
          what: 'the email, once a clock is right',
        })
        await until(async () => (await clockAlerts(rig)) === 0, {
          timeoutMs: 10_000,
          what: 'the end of the alert',
        })
        await right.stop()
      }),
      180_000,
    )
  })

function work(
  rig: Rig,
  options: { stalls?: Record<string, string>; shiftMs?: number },
): OurProcess {
  const bundle = inject('workflowBundlePath')
  return startProcess(
    ['test/kill/stalling-worker.ts', JSON.stringify({ ...options, bundle })],
    rig.env,
  )
}

/** Whole hours from now until it is between one and two in the night there. */
function hoursUntilNight(zone: string): number {
  const { hour } = localTime(instant(Date.now()), zone)
  return (24 + 1 - hour) % 24
}

async function statusOf(rig: Rig, leadId: LeadId): Promise<Plan | null> {
  return rig.link.client.workflow.getHandle(leadWorkflowId(leadId)).query<Plan | null>(STATUS_QUERY)
}

function refusal(plan: Plan | null): Plan | null {
  return plan?.details.startsWith('clock_disagrees') ? plan : null
}

async function clockAlerts(rig: Rig): Promise<number> {
  const open = await rig.store.db
    .selectFrom('alerts')
    .select('id')
    .where('kind', '=', 'clock_disagrees')
    .where('resolved_at', 'is', null)
    .execute()
  return open.length
}
