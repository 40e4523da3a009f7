import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Harness, startHarness } from './harness.ts'

let api: Harness
beforeAll(async () => {
  api = await startHarness()
})
afterAll(() => api.close())

const patch = (company: object) => api.call('PATCH', '/v1/settings', { company })

it.each([
  ['name', 'Acme\nInc'],
  ['brand', '   '],
  ['postalAddress', 'x'],
  ['postalAddress', '   '],
  ['website', 'acme.example'],
  ['phone', '12'],
  ['timezone', 'EST5'],
  ['from', { name: 'Acme', email: 'nobody' }],
  ['from', { name: 'Acme\r\nBcc: other@else.example', email: 'hello@acme.example' }],
  ['replyTo', 'nobody'],
  ['helpContact', 'one line\nand another'],
])('%s is not %j', async (field, value) => {
  const { status, body } = await patch({ [field]: value })
  expect(status).toBe(422)
  expect(body.errors[0].field).toMatch(new RegExp(`^company\\.${field}`))
})

it('takes what is odd and right, and forgets what is emptied', async () => {
  const odd = {
    postalAddress: 'PO Box 12\nKilkenny, Ireland',
    phone: '1-800-FLOWERS (356-9377) ext. 5',
    helpContact: 'https://acme.example/help',
  }
  expect(await patch(odd)).toMatchObject({ status: 200, body: { settings: { company: odd } } })
  const emptied = await patch({ helpContact: ' ', phone: null })
  expect(emptied.body.settings.company).toMatchObject({ helpContact: null, phone: null })
})
