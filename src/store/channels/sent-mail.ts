import { id, type TouchId } from '../../domain/ids.ts'
import type { Executor } from '../executor.ts'

/** Whether we sent something under this name of ours: to a lead, to a person here, or as a test. */
export async function wasSent(executor: Executor, ours: string): Promise<boolean> {
  const { sent } = await executor
    .selectNoFrom(({ exists, or, selectFrom }) =>
      or([
        exists(selectFrom('touches').select('id').where('id', '=', id<TouchId>(ours))),
        exists(selectFrom('notices').select('id').where('id', '=', ours)),
        exists(selectFrom('test_sends').select('id').where('id', '=', ours)),
      ]).as('sent'),
    )
    .executeTakeFirstOrThrow()
  return sent === true
}
