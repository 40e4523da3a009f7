import { proxyActivities } from '@temporalio/workflow'

const { nothing } = proxyActivities<{ nothing(): Promise<void> }>({ startToCloseTimeout: '30s' })

/** The least a durable workflow can do: one activity, which does nothing. */
export async function bare(): Promise<void> {
  await nothing()
}
