// A lab for the tests of one file, in the words that they use.
import { afterAll, beforeAll } from 'vitest'
import type { LeadId } from '../../src/domain/ids.ts'
import type { Signal } from '../../src/domain/signals.ts'
import type { Instant } from '../../src/domain/time.ts'
import type { Accepted } from '../../src/leads/accept.ts'
import type { LeadInput } from '../../src/leads/incoming/lead-fields.ts'
import type { Post, Upserted } from '../../src/leads/incoming/post.ts'
import type { OutboxItem } from '../../src/local/outbox.ts'
import type { LeadRow } from '../../src/store/leads.ts'
import { Play } from './play.ts'
import { newPerson } from './workbench.ts'

export interface TestLab {
  readonly play: Play
  readonly lab: Play['lab']
  /** Posts a lead's own form, unless `more` says otherwise, and rings as the api does. */
  post(lead?: LeadInput, more?: Partial<Post>): Promise<Upserted>
  /** Accepts a signal and rings as the api does; waits until the planner has looked. */
  signal(leadId: LeadId, signal: Signal): Promise<Accepted>
  /** Lets the lead live for so long on its own clock. */
  pass(leadId: LeadId, ms: number): Promise<void>
  /** What the lead's own clock shows. */
  clockOf(leadId: LeadId): Promise<Instant>
  lead(leadId: LeadId): Promise<LeadRow>
  /** The lead's row once it is planned and its workflow has heard all bells. */
  settled(leadId: LeadId): Promise<LeadRow>
  /** Steps that were dropped, and why, in order. */
  dropped(leadId: LeadId): Promise<{ step: string; by: string }[]>
  /** What was caught for these contact points, in order. */
  mails(...to: readonly (string | null | undefined)[]): OutboxItem[]
}

/** Opens the lab before the tests of a file and stops it after them. */
export function testLab(): () => TestLab {
  let opened: TestLab | null = null
  beforeAll(async () => {
    opened = await open()
  })
  afterAll(async () => {
    await opened?.play.close()
  })
  return () => {
    if (opened === null) throw new Error('the lab opens before the first test')
    return opened
  }
}

async function open(): Promise<TestLab> {
  const play = await Play.open()
  const { lab } = play
  const { store } = lab.intake
  const settled = (leadId: LeadId) =>
    play.planned(leadId, (row) => row.rung_revision >= row.revision)

  return {
    play,
    lab,
    settled,
    post: (input = newPerson(), more = {}) =>
      play.post(input, { consents: [play.consent()], ...more }),
    signal: async (leadId, signal) => {
      const accepted = await play.signal(leadId, signal)
      await settled(accepted.lead.id)
      return accepted
    },
    pass: (leadId, ms) => lab.pass(leadId, ms),
    clockOf: (leadId) => lab.time.clockOf(leadId),
    lead: (leadId) => play.row(leadId),
    dropped: async (leadId) => {
      const entries = await store.db
        .selectFrom('ledger_entries')
        .select('meta')
        .where('lead_id', '=', leadId)
        .where('kind', '=', 'decision')
        .orderBy('seq')
        .execute()
      return entries.flatMap(({ meta }) =>
        meta.verdict === 'dropped' ? [{ step: String(meta.step), by: String(meta.by) }] : [],
      )
    },
    mails: (...to) =>
      lab.catchers.outbox
        .list({ limit: 10_000 })
        .items.filter((item) => to.some((each) => each === item.to)),
  }
}
