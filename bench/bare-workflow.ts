import { proxyActivities, sleep } from '@temporalio/workflow'

const { nothing } = proxyActivities<{ nothing(): Promise<void> }>({ startToCloseTimeout: '30s' })

/** The least a durable workflow can do: one activity, which does nothing. */
export async function bare(): Promise<void> {
  await nothing()
}

/** The least a touch can be: a wait, and one activity. */
export async function bareWithTimer(): Promise<void> {
  await sleep(1)
  await nothing()
}
