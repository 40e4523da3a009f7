import { afterAll, beforeAll, expect, it } from 'vitest'
import { instant } from '../../src/domain/time.ts'
import { takeRawMail } from '../../src/leads/mail/take-raw-mail.ts'
import { hashKeysFrom } from '../../src/store/hash-key.ts'
import { type ConsoleLab, openConsole, Visitor } from './setup.ts'

let lab: ConsoleLab
let visitor: Visitor

beforeAll(async () => {
  lab = await openConsole()
  visitor = new Visitor(lab.app)
  await visitor.logIn(lab.key.key)
})
afterAll(() => lab.close())

async function arrived(id: string, words: string): Promise<string> {
  const { store, doorbell } = lab
  const intake = {
    store,
    doorbell,
    hashKeys: hashKeysFrom('ab'.repeat(32)),
    ledgerKey: Buffer.alloc(32),
    now: () => instant(Date.now()),
  }
  const raw = `From: x@else.example\nSubject: <b>Hello</b>\nMessage-ID: <${id}@x>\n\n${words}\n`
  await takeRawMail(intake, 'test', raw)
  const row = await store.db
    .selectFrom('inbound_mail')
    .select('id')
    .where('event_id', '=', `email:<${id}@x>`)
    .executeTakeFirstOrThrow()
  return row.id
}
const page = async () => (await visitor.get('/mail')).text()

it('mail that names nobody waits here, escaped, until a person says whose it is', async () => {
  const leadId = await lab.addLead({ email: 'ada@example.com', source: 'webform' })
  const mine = await arrived('one', 'It is me, Ada, from my private <script>address</script>.')
  const other = await arrived('two', 'Buy our carpets.')
  const shown = await page()
  expect(shown).toContain('&lt;b&gt;Hello&lt;/b&gt;')
  expect(shown).not.toContain('<script>')

  await visitor.post(`/mail/${mine}/assign`, { lead: 'nobody@example.com' })
  expect(await page()).toContain('No lead is known by this.')
  await visitor.post(`/mail/${mine}/assign`, { lead: 'Ada@example.com' })
  await visitor.post(`/mail/${other}/dismiss`, {})
  const after = await page()
  expect(after).toContain('Nothing waits.')
  const replies = await lab.store.db
    .selectFrom('signals')
    .select('payload')
    .where('lead_id', '=', leadId)
    .where('kind', '=', 'reply')
    .execute()
  expect(replies).toMatchObject([{ payload: { text: expect.stringContaining('It is me') } }])
})
