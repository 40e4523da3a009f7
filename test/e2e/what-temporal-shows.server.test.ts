import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SignalId } from '../../src/domain/ids.ts'
import { Play } from '../support/play.ts'
import { until } from '../support/until.ts'

let play: Play

beforeAll(async () => {
  play = await Play.open()
})
afterAll(async () => {
  await play?.close()
})

describe('what ops see of a lead in Temporal', () => {
  it('its status, reason and source as search attributes, and a run for each stretch of life', async () => {
    const { lead } = await play.post({ email: 'seen@temporal.example', source: 'webform' })
    await play.days(lead.id, 20)
    await play.planned(lead.id, ({ status }) => status === 'dead')
    const runs = await until(async () => {
      const list = await play.runs(lead.id)
      return list.at(-1)?.searchAttributes.LeadStatus?.[0] === 'dead' ? list : null
    })
    expect(runs.length).toBeGreaterThanOrEqual(2)
    expect(runs.at(-1)?.searchAttributes).toMatchObject({
      LeadStatus: ['dead'],
      DeadReason: ['unresponsive'],
      Source: ['webform'],
    })
    const kept = await play.lab.intake.store.db
      .selectFrom('runs')
      .select('run_id')
      .where('lead_id', '=', lead.id)
      .execute()
    expect(kept.map(({ run_id }) => run_id)).toContain(runs[0]?.runId)
  })

  it('who opted out of everything needs no workflow, and a visit changes nothing', async () => {
    const email = 'out@temporal.example'
    const { lead } = await play.post({ email, source: 'webform' })
    await until(() => play.caught(email).length === 1)
    await play.operate(lead.id, { kind: 'opt_out', channel: 'all', how: 'link', words: null })
    await play.planned(lead.id, ({ dead_reason }) => dead_reason === 'opted_out')
    await until(async () => (await play.workflow(lead.id).describe()).status.name === 'COMPLETED')
    await play.visit(lead.id, 'silent')
    const signal = await play.lab.intake.store.db
      .selectFrom('signals')
      .select('effect')
      .where('id', '=', 'silent' as SignalId)
      .executeTakeFirstOrThrow()
    expect(signal.effect).toContain('never contact')
    expect(play.caught(email)).toHaveLength(1)
  })
})
