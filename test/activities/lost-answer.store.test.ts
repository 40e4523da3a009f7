import { beforeEach, expect, it } from 'vitest'
import type { Timing } from '../../src/activities/deps.ts'
import { makeTouch } from '../../src/activities/touch/touch.ts'
import { instant } from '../../src/domain/time.ts'
import type { Store } from '../../src/store/connect.ts'
import { forEachWorkbench, newPerson, touchInput, type Workbench } from '../support/workbench.ts'

const timing = ({ clock }: Workbench): Timing => ({
  mode: 'virtual',
  scheduledAt: clock.now,
  now: () => clock.now,
  wall: () => instant(Date.now()),
})

forEachWorkbench((_, opened) => {
  let bench: Workbench
  beforeEach(() => {
    bench = opened()
  })

  /** A store whose transaction of this number, from 1, finds its connection broken. */
  function breakingAt(number: number, store: Store): Store {
    let transactions = 0
    return {
      ...store,
      transaction: (fn, options) => {
        transactions += 1
        if (transactions === number) return Promise.reject(new Error('the connection is lost'))
        return store.transaction(fn, options)
      },
    }
  }

  it('an answer in hand is written down, though the connection breaks just then', async () => {
    const lead = newPerson()
    const leadId = await bench.post(lead, { cadence: 'drip' })
    const plan = await bench.look(leadId)
    const deps = { ...bench.deps, store: breakingAt(3, bench.store) }
    const next = await makeTouch(deps, touchInput(leadId, plan), 'run-1', timing(bench))
    expect((await bench.touches(leadId)).map(({ state }) => state)).toEqual(['sent'])
    expect(next.next).toMatchObject({ do: 'touch', touch: { stepId: 'text' } })
  })

  it('nothing that was not sent is tried again in the same attempt', async () => {
    const lead = newPerson()
    const leadId = await bench.post(lead, { cadence: 'drip' })
    const plan = await bench.look(leadId)
    const deps = { ...bench.deps, store: breakingAt(2, bench.store) }
    const attempt = makeTouch(deps, touchInput(leadId, plan), 'run-1', timing(bench))
    await expect(attempt).rejects.toThrow('the connection is lost')
    expect((await bench.touches(leadId)).map(({ state }) => state)).toEqual(['intent'])
  })
})
