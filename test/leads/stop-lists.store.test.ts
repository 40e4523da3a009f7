import { beforeEach, describe, expect, it } from 'vitest'
import type { LeadId } from '../../src/domain/ids.ts'
import { decide } from '../../src/domain/policy/index.ts'
import { DAY_MS, type Instant, instant, plus, toIso } from '../../src/domain/time.ts'
import {
  attest,
  defineDisclosure,
  withdrawAttestation,
} from '../../src/leads/evidence/disclosures.ts'
import type { CsvLine } from '../../src/leads/incoming/import.ts'
import { Refusal } from '../../src/leads/intake.ts'
import { loadPerson } from '../../src/leads/people.ts'
import { exportSuppressions } from '../../src/leads/stops/export-suppressions.ts'
import { importStopList, type StopListOptions } from '../../src/leads/stops/stop-lists.ts'
import { contactHash } from '../../src/store/hash-key.ts'
import type { Doorbell, Ring } from '../../src/temporal/doorbell.ts'
import { forEachWorkbench, newPerson, textConsent, type Workbench } from '../support/workbench.ts'

class Bells implements Doorbell {
  readonly rings: Ring[] = []
  readonly healthy = true
  ring(rings: readonly Ring[]): void {
    this.rings.push(...rings)
  }
  async settle(): Promise<void> {}
}

forEachWorkbench((kind, opened) => {
  let bench: Workbench
  let bells: Bells
  beforeEach(() => {
    bench = opened()
    bells = new Bells()
  })

  async function load(rows: readonly string[], more: Partial<StopListOptions> = {}) {
    const { store, hashKeys, clock } = bench
    const intake = { store, hashKeys, doorbell: bells, now: () => clock.now }
    const options = { list: 'suppression', asOf: clock.now, who: 'test', ...more } as const
    let last = null
    for await (const report of importStopList(intake, linesOf(rows), options)) last = report
    if (last === null) throw new Error('an import ends with a report')
    return last
  }
  const ruled = async (leadId: LeadId, channel: 'email' | 'sms', at: Instant = bench.clock.now) => {
    const { policy } = await loadPerson(bench.store.db, await bench.lead(leadId), at)
    return decide(policy, channel, 'marketing', at, bench.rules.policy)
  }
  const verdict = async (leadId: LeadId, rule: string) =>
    (await ruled(leadId, 'sms')).rules.find((each) => each.rule === rule)

  describe('a list of people not to contact', () => {
    it('stops exactly the leads on it, and rings exactly them', async () => {
      const [one, two, other] = [newPerson(), newPerson(), newPerson()]
      const ids = [await bench.post(one), await bench.post(two), await bench.post(other)]
      for (const leadId of ids) await bench.look(leadId)
      const report = await load([
        'email,phone,channel,at,reason',
        `${one.email.toUpperCase()},,,,`,
        `,${two.phone},all,,letter`,
        'nobody@nowhere.example,,,,',
      ])
      expect(report).toMatchObject({ rows: 3, added: 3, known: 0, rejected: 0, leadsStopped: 2 })
      expect(bells.rings.map(({ leadId }) => leadId).toSorted()).toEqual(ids.slice(0, 2).toSorted())
      const [first, second, third] = ids
      if (!first || !second || !third) throw new Error('three leads')
      expect(await ruled(first, 'email')).toMatchObject({ deniedBy: 'suppression' })
      expect((await ruled(first, 'sms')).allowed).toBe(true)
      expect(await ruled(second, 'sms')).toMatchObject({ deniedBy: 'suppression' })
      expect((await ruled(third, 'sms')).allowed).toBe(true)
      const causes = await bench.store.db
        .selectFrom('suppressions')
        .select('cause')
        .where('contact_hash', '=', contactHash(bench.hashKeys, 'phone', two.phone))
        .execute()
      expect(causes).toEqual([{ cause: 'import' }])
    })

    it('changes nothing the second time, and never stops again who came back', async () => {
      const person = newPerson()
      const leadId = await bench.post(person)
      const rows = ['phone', person.phone]
      expect(await load(rows)).toMatchObject({ added: 1, leadsStopped: 1 })
      bells.rings.length = 0
      expect(await load(rows)).toMatchObject({ added: 0, known: 1, leadsStopped: 0 })
      expect(bells.rings).toEqual([])
      bench.clock.now = plus(bench.clock.now, DAY_MS)
      await bench.post(person, { consents: [textConsent(bench.clock.now)] })
      expect((await ruled(leadId, 'sms')).allowed).toBe(true)
      await load(rows)
      expect((await ruled(leadId, 'sms')).allowed).toBe(true)
      // A later date on the list is a later wish.
      bench.clock.now = plus(bench.clock.now, DAY_MS)
      await load(['phone,at', `${person.phone},${toIso(bench.clock.now)}`])
      expect(await ruled(leadId, 'sms')).toMatchObject({ deniedBy: 'suppression' })
    })

    it('names each bad row by its line, and takes the others', async () => {
      const report = await load([
        'email,phone,channel,at',
        'no address,,,',
        ',,,',
        'ok@fine.example,,fax,',
        'ok@fine.example,,,tomorrow',
        'ok@fine.example,,,',
      ])
      expect(report).toMatchObject({ rows: 5, added: 1, rejected: 4 })
      expect(report.errors.map(({ line, field }) => [line, field])).toEqual([
        [2, 'email'],
        [3, 'email'],
        [4, 'channel'],
        [5, 'at'],
      ])
    })

    it('keeps the good rows before the line at which a file breaks off', async () => {
      const { email } = newPerson()
      const broken = async function* () {
        yield* linesOf(['email', email])
        throw new Refusal(422, 'unreadable_csv', 'broken', 'mend it')
      }
      const { store, hashKeys, clock } = bench
      const intake = { store, hashKeys, doorbell: bells, now: () => clock.now }
      const options = { list: 'suppression', asOf: clock.now, who: 'test' } as const
      const reading = async () => {
        for await (const _ of importStopList(intake, broken(), options));
      }
      await expect(reading()).rejects.toMatchObject({ code: 'unreadable_csv' })
      const rows = await store.db
        .selectFrom('suppressions')
        .select('cause')
        .where('contact_hash', '=', contactHash(hashKeys, 'email', email))
        .execute()
      expect(rows).toEqual([{ cause: 'import' }])
    })

    it('goes out as hashes, in plain only where a lead is on file, and comes back in', async () => {
      const [kept, gone] = [newPerson(), newPerson()]
      await bench.post(kept)
      const erased = await bench.post(gone)
      await load(['email', kept.email, gone.email, 'stranger@nowhere.example'])
      await bench.signal(erased, { kind: 'erase', payload: {} })
      let csv = ''
      for await (const page of exportSuppressions(bench.store.db)) csv += page
      expect(csv).toContain(kept.email)
      expect(csv).not.toContain(gone.email)
      expect(csv).not.toContain('stranger@')
      expect(csv).toContain(contactHash(bench.hashKeys, 'email', gone.email))
      // Other tests of this store lived in later days.
      bench.clock.now = plus(bench.clock.now, 30 * DAY_MS)
      const again = await load(csv.trimEnd().split('\n'))
      expect(again).toMatchObject({ added: 0, rejected: 0 })
    })
  })

  describe('the national do-not-call list', () => {
    it('is asked where no written consent stands, and counts while it is fresh', async () => {
      const [on, off] = [newPerson(), newPerson()]
      const consented = await bench.post(on)
      const listed = await bench.post({ ...newPerson(), phone: on.phone }, { consents: [] })
      const unlisted = await bench.post(off, { consents: [] })
      expect((await verdict(unlisted, 'do_not_call'))?.because).toContain('ever loaded')
      const rows = [on.phone.slice(2), `${off.phone.slice(2, 5)},5550199`]
      expect(await load(rows, { list: 'dnc' })).toMatchObject({ rows: 2, added: 2, rejected: 0 })
      expect(await verdict(consented, 'do_not_call')).toMatchObject({ verdict: 'not_applicable' })
      // The same number has the other lead's consent: it is the person's.
      expect(await verdict(listed, 'do_not_call')).toMatchObject({ verdict: 'not_applicable' })
      expect(await verdict(unlisted, 'do_not_call')).toMatchObject({ verdict: 'allow' })
      bench.clock.now = plus(bench.clock.now, 32 * DAY_MS)
      expect(await verdict(unlisted, 'do_not_call')).toMatchObject({
        verdict: 'deny',
        because: expect.stringContaining('32 days old'),
      })
    })

    it('is replaced as a whole by the next, and does not hold for other area codes', async () => {
      const first = newPerson()
      const elsewhere = await bench.post(
        { ...newPerson(), phone: '+13105550123' },
        { consents: [] },
      )
      const leadId = await bench.post(first, { consents: [] })
      await load([first.phone], { list: 'dnc' })
      expect(await verdict(leadId, 'do_not_call')).toMatchObject({ verdict: 'deny' })
      const next = await load(['+12125550999', '+16465550999', '+13475550999'], {
        list: 'dnc',
        asOf: plus(bench.clock.now, 1),
      })
      expect(next.dropped).toBe(1)
      expect((await verdict(elsewhere, 'do_not_call'))?.because).toContain('area code')
      const { rejected } = await load(['ada@example.com'], { list: 'dnc' })
      expect(rejected).toBe(1)
    })
  })

  describe('the evidence of a consent', () => {
    const consents = (more: Record<string, unknown>) => [
      { ...textConsent(bench.clock.now), source: 'form', ip: null, ...more },
    ]

    it('is weak until its disclosure is defined, and strong with page and address', async () => {
      const disclosure = `web-${kind}`
      const plain = await bench.post(newPerson(), { consents: consents({ disclosure }) })
      const rich = await bench.post(newPerson(), {
        consents: consents({ disclosure, ip: '203.0.113.9', url: 'https://acme.example/quote' }),
      })
      const strength = async (leadId: LeadId) => (await verdict(leadId, 'consent'))?.inputs.strength
      expect(await strength(plain)).toBe('weak')
      expect((await verdict(plain, 'consent'))?.verdict).toBe('allow')
      const writer = { who: 'test', at: bench.clock.now }
      const define = (text: string, since: Instant) =>
        bench.store.transaction((trx) =>
          defineDisclosure(trx, { id: disclosure, channel: 'sms', text, since }, writer),
        )
      const first = await define('I agree to texts.', plus(bench.clock.now, -DAY_MS))
      expect(first).toMatchObject({ created: true, disclosure: { version: 1 } })
      expect((await define('I agree to texts.', bench.clock.now)).created).toBe(false)
      expect(await strength(plain)).toBe('fair')
      expect(await strength(rich)).toBe('strong')
      expect(await define('I agree to all texts.', bench.clock.now)).toMatchObject({
        disclosure: { version: 2 },
      })
      await expect(define('Earlier', instant(0))).rejects.toMatchObject({ status: 422 })
    })

    it('may be attested by a source, for all its leads, until that is withdrawn', async () => {
      const source = `list-${kind}`
      const stopped = newPerson()
      const leadId = await bench.post({ ...newPerson(), source }, { consents: [] })
      const stoppedId = await bench.post({ ...stopped, source }, { consents: [] })
      const elsewhere = await bench.post(newPerson(), { consents: [] })
      const writer = { who: 'test', at: bench.clock.now }
      const input = {
        source,
        channel: 'sms',
        basis: 'express_written',
        disclosure: `bought-${kind}`,
        from: plus(bench.clock.now, -DAY_MS),
        until: null,
        because: 'contract',
      } as const
      const attesting = () => bench.store.transaction((trx) => attest(trx, input, writer))
      await expect(attesting()).rejects.toMatchObject({ status: 422 })
      const words = {
        id: input.disclosure,
        channel: 'sms',
        text: 'Yes',
        since: input.from,
      } as const
      await bench.store.transaction((trx) => defineDisclosure(trx, words, writer))
      const { id } = await attesting()
      expect(await verdict(leadId, 'consent')).toMatchObject({
        verdict: 'allow',
        because: expect.stringContaining('attests'),
      })
      expect((await ruled(elsewhere, 'sms')).allowed).toBe(false)
      await load(['phone', stopped.phone])
      expect(await ruled(stoppedId, 'sms')).toMatchObject({ deniedBy: 'suppression' })
      await bench.store.transaction((trx) => withdrawAttestation(trx, id, writer))
      expect(await ruled(leadId, 'sms')).toMatchObject({ deniedBy: 'consent' })
    })
  })
})

async function* linesOf(rows: readonly string[]): AsyncGenerator<CsvLine> {
  for (const [index, row] of rows.entries()) yield { line: index + 1, cells: row.split(',') }
}
