import { condition, continueAsNew, proxyActivities, sleep } from '@temporalio/workflow'

export interface ClockActivities {
  /** The workflow's time, as an activity sees it. */
  virtualNow(): Promise<number>
  /** Returns when the test lets it. */
  block(): Promise<void>
}

const { virtualNow, block } = proxyActivities<ClockActivities>({
  startToCloseTimeout: '10 minutes',
})

/** Sleeps for each length in turn and asks an activity for the time after each. */
export async function touches(pausesMs: readonly number[]): Promise<number[]> {
  const at: number[] = []
  for (const pause of pausesMs) {
    await sleep(pause)
    at.push(await virtualNow())
  }
  return at
}

/** Sleeps, then goes on as a new run, as often as it has hops; then waits for ever. */
export async function hops(left: number, pauseMs: number): Promise<void> {
  if (left === 0) await condition(() => false)
  await sleep(pauseMs)
  await continueAsNew<typeof hops>(left - 1, pauseMs)
}

/** Waits for ever, without a timer. */
export async function patient(): Promise<void> {
  await condition(() => false)
}

/** Is held up by an activity, then sleeps a day. */
export async function heldUp(dayMs: number): Promise<void> {
  await block()
  await sleep(dayMs)
}
