import { describe, expect, it } from 'vitest'
import type { PublishPolicy } from '../../src/domain/cadence/versions/policy.ts'
import type { LeadId } from '../../src/domain/ids.ts'
import { DAY_MS, HOUR_MS } from '../../src/domain/time.ts'
import { workPublications } from '../../src/leads/publishing/publications.ts'
import { checkFiles, prepareFiles, publishFiles } from '../../src/leads/publishing/publish-files.ts'
import { labRules } from '../../src/local/lab.ts'
import { testLab } from '../support/lab.ts'
import { until } from '../support/until.ts'
import { newPerson } from '../support/workbench.ts'

const LEADS = 200

describe('publishing under way, with two hundred live leads', () => {
  const lab = testLab()

  const message = (id: string) => ({
    path: `templates/live/${id}.md`,
    text: `---\nsubject: ${id}\n---\nHello\n`,
  })
  const TEMPLATES = ['first', 'second', 'other', 'last'].map(message)
  const step = (id: string, after: string) =>
    `  - { id: ${id}, email: live/${id}, after: ${after}, at: asap, hours: any }\n`

  async function publish(steps: string, policy: PublishPolicy) {
    const { store, now, doorbell } = lab().lab.intake
    const text = `name: live\ntitle: Live\npurpose: nurture\nsteps:\n${steps}end-after: 1d\nend: { dead: unresponsive }\n`
    const files = [...TEMPLATES, { path: 'cadences/live.yaml', text }]
    const rules = await labRules(store)
    await prepareFiles(store.db, files)
    const done = await store.transaction(async (trx) => {
      const checked = await checkFiles(trx, files, rules, 'catch')
      const request = { files, policy, unsent: 'new' as const, expect: {} }
      return publishFiles(trx, checked, request, { who: 'test', now: now() })
    })
    const pace = { limit: 100, restMs: 0 }
    const running = () =>
      store.db
        .selectFrom('publications')
        .select('id')
        .where('state', '=', 'running')
        .executeTakeFirst()
    // The engine's own loop may have it in hand: both work from the same rows.
    while ((await running()) !== undefined) await workPublications(lab().lab.intake, rules, pace)
    await doorbell.settle()
    return done
  }

  /** The leads' plans, once every workflow has heard its bell and planned anew. */
  async function plans() {
    const { db } = lab().lab.intake.store
    const read = () =>
      db
        .selectFrom('leads')
        .innerJoin('episodes', 'episodes.id', 'leads.episode_id')
        .innerJoin('cadence_versions as v', 'v.id', 'episodes.cadence_version_id')
        .select(['leads.id', 'leads.next_kind', 'leads.next_at', 'leads.revision'])
        .select(['leads.rung_revision', 'v.version', 'episodes.step_id', 'episodes.anchor_at'])
        .where('episodes.cadence_name', '=', 'live')
        .orderBy('leads.id')
        .execute()
    await until(
      async () => {
        const rows = await read()
        const settled = rows.every(
          (row) => row.next_kind !== 'unplanned' && row.rung_revision >= row.revision,
        )
        return rows.length === LEADS && settled
      },
      { what: 'the plans of all leads', timeoutMs: 120_000 },
    )
    return read()
  }

  it('pins, moves and re-times them all; none gets a step twice, and each goes on', async () => {
    await publish(step('first', '3d') + step('second', '2d') + step('last', '1d'), 'pin')
    const people = Array.from({ length: LEADS }, () => newPerson({ phone: null }))
    for (const person of people) {
      await lab().play.post(person, { cadence: 'live', form: false })
    }
    const began = await plans()
    expect(new Set(began.map(({ step_id }) => step_id))).toEqual(new Set(['first']))
    const dateOf = new Map(began.map(({ id, next_at }) => [id, Number(next_at)]))

    await publish(step('first', '9d') + step('last', '1d'), 'pin')
    expect(await plans()).toEqual(began)

    await publish(step('first', '9d') + step('other', '2d') + step('last', '1d'), 'move')
    for (const row of await plans()) {
      expect([row.version, row.step_id]).toEqual([3, 'first'])
      expect(row.next_at).toBe(dateOf.get(row.id))
    }

    await publish(step('first', '4d') + step('last', '2d'), 're-time')
    const retimed = await plans()
    for (const row of retimed) {
      expect([row.version, row.step_id]).toEqual([4, 'first'])
      expect(Number(row.next_at) - row.anchor_at).toBe(4 * DAY_MS)
    }

    const ids = retimed.slice(0, 2).map(({ id }) => id)
    for (const leadId of ids) await lab().pass(leadId, 4 * DAY_MS + HOUR_MS)
    await publish(step('last', '1d') + step('first', '1d') + step('other', '1d'), 'move')
    const emailOf = async (leadId: LeadId) =>
      (
        await lab()
          .lab.intake.store.db.selectFrom('contact_points')
          .select('value')
          .where('lead_id', '=', leadId)
          .executeTakeFirstOrThrow()
      ).value
    for (const leadId of ids) {
      await lab().settled(leadId)
      await lab().pass(leadId, 20 * DAY_MS)
      const subjects = lab()
        .mails(await emailOf(leadId))
        .map(({ subject }) => subject)
      expect(subjects).toEqual(['first', 'last', 'other'])
      expect((await lab().lead(leadId)).status).toBe('dead')
    }
  })
})
