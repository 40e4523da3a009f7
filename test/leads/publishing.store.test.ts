import { describe, expect, it } from 'vitest'
import type { PublishPolicy } from '../../src/domain/cadence/versions/policy.ts'
import type { LeadId } from '../../src/domain/ids.ts'
import { DAY_MS, HOUR_MS, instant, plus } from '../../src/domain/time.ts'
import {
  cancelPublication,
  viewPublication,
  workPublications,
} from '../../src/leads/publishing/publications.ts'
import { checkFiles, prepareFiles, publishFiles } from '../../src/leads/publishing/publish-files.ts'
import { planPublishing } from '../../src/leads/publishing/publish-plan.ts'
import { publishedFiles } from '../../src/leads/publishing/published-files.ts'
import { publishedState } from '../../src/leads/publishing/published-state.ts'
import { oneCadence, oneTemplate } from '../../src/leads/publishing/versions.ts'
import { timelineOf } from '../../src/leads/views/timeline/timeline.ts'
import { findPublication } from '../../src/store/company/publications.ts'
import { forEachWorkbench, noDoorbell, type Workbench } from '../support/workbench.ts'

const step = (id: string, after = '0', more = '') =>
  `  - { id: ${id}, email: flow/${id}, after: ${after}, at: asap, hours: any${more} }\n`

const cadence = (name: string, steps: string, title = 'Flow') => ({
  path: `cadences/${name}.yaml`,
  text: `name: ${name}\ntitle: ${title}\npurpose: nurture\nsteps:\n${steps}end-after: 5d\nend: { dead: unresponsive }\n`,
})
const template = (id: string, text = id) => ({
  path: `templates/flow/${id}.md`,
  text: `---\nsubject: ${text}\n---\nHello\n`,
})
const TEMPLATES = ['one', 'two', 'three', 'extra', 'soon'].map((id) => template(id))
const LINEAR = step('one') + step('two', '2d') + step('three', '2d')

forEachWorkbench((kind, bench) => {
  const intake = (b: Workbench) => ({
    store: b.store,
    doorbell: noDoorbell,
    now: () => b.clock.now,
  })
  const NOW = { limit: 3, restMs: 0 }

  async function publish(
    files: readonly { path: string; text: string }[],
    more: { policy?: PublishPolicy; unsent?: 'new' | 'old'; expect?: Record<string, number> } = {},
  ) {
    const b = bench()
    await prepareFiles(b.store.db, files)
    const request = { files, policy: 'pin' as const, unsent: 'new' as const, expect: {}, ...more }
    return b.store.transaction(async (trx) => {
      const checked = await checkFiles(trx, files, b.rules, 'catch')
      return publishFiles(trx, checked, request, { who: 'test', now: b.clock.now })
    })
  }

  async function plan(files: readonly { path: string; text: string }[]) {
    const b = bench()
    return planPublishing(b.store.db, await checkFiles(b.store.db, files, b.rules, 'catch'))
  }

  /** Works until nothing is to be done; answers how many rounds it took. */
  async function work() {
    const b = bench()
    let rounds = 0
    while ((await workPublications(intake(b), b.rules, NOW)) !== null) rounds += 1
    return rounds
  }

  /** A lead in the cadence that has sent everything that is due. */
  async function begun(name: string): Promise<LeadId> {
    const leadId = await bench().post(undefined, { cadence: name })
    await live(leadId)
    return leadId
  }

  /** Sends what is due now. */
  async function live(leadId: LeadId) {
    let next = await bench().look(leadId)
    while (next.next.do === 'touch' && next.next.ms === 0) next = await bench().touch(leadId, next)
    return next
  }

  const episodeOf = async (leadId: LeadId) => {
    const { episode_id } = await bench().lead(leadId)
    return bench()
      .store.db.selectFrom('episodes')
      .innerJoin('cadence_versions as v', 'v.id', 'episodes.cadence_version_id')
      .selectAll('episodes')
      .select('v.version')
      .where('episodes.id', '=', episode_id ?? ('none' as never))
      .executeTakeFirstOrThrow()
  }
  const where = async (leadId: LeadId) => {
    const { version, step_id } = await episodeOf(leadId)
    return [version, step_id]
  }
  const inHours = async (leadId: LeadId) => {
    const { next } = await bench().look(leadId)
    return next.do === 'complete' || next.ms === null ? null : Math.round(next.ms / HOUR_MS)
  }

  describe(`publishing under way, ${kind}`, () => {
    it('pins leads, unless they are to be moved; the plan says what becomes of them', async () => {
      await publish([...TEMPLATES, cadence('plain', LINEAR)])
      const lead = await begun('plain')
      expect(await where(lead)).toEqual([1, 'two'])
      const next = cadence('plain', step('one') + step('extra', '1d') + step('three', '2d'))

      const [planned] = (await plan([next])).cadences
      expect(planned).toMatchObject({ name: 'plain', from: 1, version: 2, changed: true, leads: 1 })
      expect(planned?.impact.pin).toMatchObject([{ version: 1, step: 'two', becomes: 'two' }])
      expect(planned?.impact.move).toMatchObject([{ step: 'two', becomes: 'extra', leads: 1 }])
      expect(planned?.changes.map(({ kind: what }) => what)).toEqual(['added', 'removed'])

      const pinned = await publish([next], { expect: { plain: 1 } })
      expect(pinned.cadences).toEqual([{ name: 'plain', version: 2, changed: true }])
      expect(await work()).toBe(0)
      expect(await where(lead)).toEqual([1, 'two'])

      // Later they are moved after all, by publishing the same again.
      const { publications } = await publish([next], { policy: 'move', expect: { plain: 2 } })
      expect(publications).toHaveLength(1)
      const before = (await bench().lead(lead)).revision
      expect(await work()).toBe(1)
      expect(await where(lead)).toEqual([2, 'extra'])
      expect((await bench().lead(lead)).revision).toBe(before + 1)
      expect(await inHours(lead)).toBe(24)
      const told = (await timelineOf(bench().store.db, lead)).filter(({ title }) =>
        title.startsWith('moved'),
      )
      expect(told.map(({ title }) => title)).toEqual([
        'moved to version 2 of plain by test: goes on at extra, stood at two',
      ])
    })

    it('refuses what was decided about another version', async () => {
      await publish([...TEMPLATES, cadence('raced', LINEAR)])
      const other = cadence('raced', step('one'))
      await expect(publish([other], { expect: { raced: 0 } })).rejects.toMatchObject({
        status: 409,
        code: 'published_meanwhile',
      })
      expect((await oneCadence(bench().store.db, 'raced', undefined)).version).toBe(1)
    })

    it('a move keeps the date of a wait; re-timing counts it anew, and spreads the overdue', async () => {
      await publish([...TEMPLATES, cadence('timed', LINEAR)])
      const leads = [await begun('timed'), await begun('timed'), await begun('timed')]
      const [moved, ...others] = leads
      if (moved === undefined) throw new Error('three leads')
      bench().clock.now = plus(bench().clock.now, DAY_MS)
      expect(await inHours(moved)).toBe(24)
      const longer = cadence('timed', step('one') + step('two', '5d') + step('three', '2d'))
      await publish([longer], { policy: 'move' })
      await work()
      expect(await where(moved)).toEqual([2, 'two'])
      expect(await inHours(moved)).toBe(24)

      const shorter = cadence('timed', step('one') + step('two', '2h') + step('three', '2d'))
      await publish([shorter], { policy: 're-time' })
      await work()
      for (const lead of leads) {
        expect(await where(lead)).toEqual([3, 'two'])
        const { next } = await bench().look(lead)
        if (next.do !== 'touch') throw new Error('a touch is planned')
        expect(next.ms).toBeGreaterThan(0)
        expect(next.ms).toBeLessThan(4 * HOUR_MS)
        // Looking again does not put it off.
        bench().clock.now = plus(bench().clock.now, 1_000)
        expect((await bench().look(lead)).next).toMatchObject({ ms: next.ms - 1_000 })
      }
      expect(others).toHaveLength(2)
      bench().clock.now = plus(bench().clock.now, 4 * HOUR_MS)
      for (const lead of leads) await live(lead)
      expect(
        bench()
          .caught('email')
          .filter((subject) => subject === 'two'),
      ).toHaveLength(3)
      expect(await where(moved)).toEqual([3, 'three'])
    })

    it('sends nothing twice when steps change places, and gives who waits the new last step', async () => {
      await publish([...TEMPLATES, cadence('turned', LINEAR)])
      const early = await begun('turned')
      const late = await begun('turned')
      for (const days of [2, 2]) {
        bench().clock.now = plus(bench().clock.now, days * DAY_MS)
        await live(late)
      }
      expect(await where(late)).toEqual([1, null])
      const turned = cadence(
        'turned',
        step('three') + step('two', '1d') + step('one', '1d') + step('extra', '1d'),
      )
      await publish([turned], { policy: 'move' })
      await work()
      expect(await where(late)).toEqual([2, 'extra'])
      for (let n = 0; n < 12; n += 1) {
        bench().clock.now = plus(bench().clock.now, DAY_MS)
        for (const lead of [early, late]) {
          if ((await bench().lead(lead)).status === 'nurturing') await live(lead)
        }
      }
      const sent = async (lead: LeadId) =>
        (await bench().touches(lead)).map(({ step_id }) => step_id)
      expect(await sent(early)).toEqual(['one', 'two', 'extra'])
      expect(await sent(late)).toEqual(['one', 'two', 'three', 'extra'])
      expect((await bench().lead(early)).status).toBe('dead')
    })

    it('goes on after a crash with the next lead, and counts no lead twice', async () => {
      await publish([...TEMPLATES, cadence('crashed', LINEAR)])
      const leads = []
      for (let n = 0; n < 7; n += 1) leads.push(await begun('crashed'))
      const two = cadence('crashed', step('one') + step('extra', '1d'))
      const { publications } = await publish([two], { policy: 'move' })
      const [id] = publications
      if (id === undefined) throw new Error('it runs')
      const { store, rules } = bench()
      let transactions = 0
      const dying = {
        ...store,
        transaction: (async (workIn, options) => {
          transactions += 1
          if (transactions === 4) throw new Error('killed')
          return store.transaction(workIn, options)
        }) as typeof store.transaction,
      }
      const crashing = { ...intake(bench()), store: dying }
      await expect(workPublications(crashing, rules, NOW)).rejects.toThrow('killed')
      const view = async () => {
        const row = await findPublication(store.db, id)
        if (row === null) throw new Error('it is there')
        return viewPublication(store.db, row)
      }
      expect(await view()).toMatchObject({ state: 'running', leads: 7, moved: 2 })
      // Whoever had it in hand is gone; others wait until it would have given it back.
      expect(await work()).toBe(0)
      bench().clock.now = plus(bench().clock.now, 61_000)
      expect(await work()).toBe(2)
      expect(await view()).toMatchObject({ state: 'done', moved: 7, failed: 0 })
      for (const lead of leads) expect(await where(lead)).toEqual([2, 'extra'])
      const audits = await store.db
        .selectFrom('audit_log')
        .select('lead_id')
        .where('action', '=', 'move_version')
        .where('lead_id', 'in', leads)
        .execute()
      expect(audits).toHaveLength(7)
    })

    it('is ended by a newer publication, or by a person', async () => {
      await publish([...TEMPLATES, cadence('ended', LINEAR)])
      const lead = await begun('ended')
      const again = (n: number) => cadence('ended', LINEAR, `Flow ${n}`)
      const [first] = (await publish([again(2)], { policy: 'move' })).publications
      const [second] = (await publish([again(3)], { policy: 're-time' })).publications
      if (first === undefined || second === undefined) throw new Error('both run')
      const { store } = bench()
      expect((await findPublication(store.db, first))?.state).toBe('superseded')
      const cancel = () =>
        store.transaction((trx) => cancelPublication(trx, second, 'test', instant(0)))
      expect(await cancel()).toMatchObject({ state: 'cancelled', moved: 0 })
      await expect(cancel()).rejects.toMatchObject({ status: 409 })
      expect(await work()).toBe(0)
      expect(await where(lead)).toEqual([1, 'two'])
    })

    it('leaves what is on its way alone, and does not send after the move what was intended', async () => {
      await publish([...TEMPLATES, cadence('busy', step('one') + step('two', '1d'))])
      const lead = await bench().post(undefined, { cadence: 'busy' })
      const planned = await bench().look(lead)
      await publish([cadence('busy', step('extra') + step('two', '1d'))], { policy: 'move' })
      await work()
      expect(await where(lead)).toEqual([2, 'extra'])
      // The touch was planned by the old version: its plan is stale.
      await bench().touch(lead, planned)
      expect(bench().caught('email')).toEqual([])
      await bench().look(lead)
      bench().clock.now = plus(bench().clock.now, 4 * HOUR_MS)
      await live(lead)
      expect(bench().caught('email')).toEqual(['extra'])
    })
  })

  describe(`templates apart from cadences, ${kind}`, () => {
    it('messages not yet sent use the new words, unless leads under way keep the old', async () => {
      const files = (text: string) => [template('soon', text)]
      await publish([...TEMPLATES, cadence('words', step('one') + step('soon', '1d'))])
      const [kept, fresh] = [await begun('words'), 'words']
      const [planned] = (await plan(files('later'))).templates
      expect(planned).toMatchObject({ name: 'email:flow/soon', from: 1, version: 2, leads: 1 })
      expect(planned?.files[0]?.words).toContain('“later” instead of “soon”')
      await publish(files('later'), { unsent: 'old' })
      const newer = await begun(fresh)
      const mailsAfter = async (...leads: LeadId[]) => {
        bench().clock.now = plus(bench().clock.now, DAY_MS)
        const before = bench().caught('email').length
        for (const lead of leads) await live(lead)
        return bench().caught('email').slice(before)
      }
      expect(await mailsAfter(kept, newer)).toEqual(['soon', 'later'])

      const another = await begun('words')
      await publish(files('soonest'), { unsent: 'old' })
      await publish(files('last'), { unsent: 'new' })
      expect(await mailsAfter(another)).toEqual(['last'])
    })

    it('every version can be read, with who published it and when, byte for byte', async () => {
      const text = '---\npreheader: Under it\nsubject: Kept as written\n---\nHello  \n\n'
      await publish([{ path: 'templates/flow/exact.md', text }])
      const { db } = bench().store
      const exact = await oneTemplate(db, { channel: 'email', name: 'flow/exact' })
      expect(exact.files).toEqual([{ path: 'templates/flow/exact.md', text }])
      expect(exact.versions).toMatchObject([{ version: 1, publishedBy: 'test' }])
      expect(await publishedFiles(db, null)).toContainEqual(exact.files[0])
      const state = await publishedState(db)
      expect(state.templates.filter(({ path }) => path === 'templates/flow/exact.md')).toHaveLength(
        1,
      )
      await publish([...TEMPLATES, cadence('kept', LINEAR)])
      await publish([cadence('kept', LINEAR, 'Second')])
      const first = await oneCadence(db, 'kept', 1)
      expect(first.source).toBe(cadence('kept', LINEAR).text)
      expect(first.versions.map(({ version, publishedBy }) => [version, publishedBy])).toEqual([
        [2, 'test'],
        [1, 'test'],
      ])
      await expect(oneCadence(db, 'kept', 7)).rejects.toMatchObject({ code: 'no_such_version' })
    })
  })
})
