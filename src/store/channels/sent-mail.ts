import type { Executor } from '../executor.ts'

/** Whether we sent something under this name of ours: to a lead, to a person here, or as a test. */
export async function wasSent(executor: Executor, id: string): Promise<boolean> {
  for (const table of ['touches', 'notices', 'test_sends'] as const) {
    const row = await executor
      .selectFrom(table)
      .select('id')
      .where('id', '=', id as never)
      .executeTakeFirst()
    if (row !== undefined) return true
  }
  return false
}
