import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Harness, HOST, type Loose, startHarness } from './harness.ts'

let api: Harness
beforeAll(async () => {
  api = await startHarness()
})
afterAll(() => api.close())

async function post(csv: string | ReadableStream, query = '', type = 'text/csv') {
  const response = await api.privateApp.request(`http://${HOST}/v1/imports${query}`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${api.apiKey}`, 'Content-Type': type },
    body: csv,
    ...(typeof csv === 'string' ? {} : { duplex: 'half' }),
  } as RequestInit)
  return { status: response.status, body: (await response.json()) as Loose }
}
const leads = () => api.store.db.selectFrom('leads').selectAll().execute()

describe('an import', () => {
  it('takes good rows, tells bad ones by line, field and fix, and changes nothing twice', async () => {
    const csv = [
      '\uFEFFExternal ID,First Name,E-mail,Mobile,State,Cost,attributes.plan,smsConsentAt,smsConsentDisclosure',
      'crm-1,Ada,ada.import@example.com,(212) 555-0101,NY,12.50,pro,2026-01-02,web-1',
      'crm-2,"Bo, B.",not an address,,NY,,,,',
      'crm-3,Cy,,,CA,,,,',
      'crm-4,Di,di@example.com,,CA,twelve,,,',
      'crm-5,Ed,ed@example.com,,CA,,,last year,',
      '',
      'crm-6,Flo,flo@example.com,+442079460018,,,,,',
    ].join('\r\n')
    const { status, body } = await post(csv, '?mode=enroll&cadence=new-lead')
    expect(status).toBe(200)
    expect(body).toMatchObject({ rows: 6, created: 2, updated: 0, rejected: 4, moreErrors: false })
    expect(body.errors).toMatchObject([
      { line: 3, field: 'email', fix: expect.any(String) },
      { line: 4, field: 'email', fix: expect.any(String) },
      { line: 5, field: 'cost' },
      { line: 6, field: 'smsConsentAt', fix: expect.stringContaining('2026-11-22') },
    ])
    expect(api.doorbell.rings.map(({ priority }) => priority)).toEqual([5, 5])
    const ada = (await leads()).find(({ external_id }) => external_id === 'crm-1')
    expect(ada).toMatchObject({
      attributes: { plan: 'pro' },
      cost_amount: '12.50',
      source: 'import',
    })
    const again = await post(csv, '?mode=enroll&cadence=new-lead')
    expect(again.body).toMatchObject({ created: 0, updated: 2, rejected: 4 })
  })

  it('loads dead leads with their reasons, and contacts nobody', async () => {
    const csv = [
      'email,deadReason,deadAt,deadCompetitor,deadWhy,deadContractEnds',
      'dead1@example.com,competitor,2025-02-03,Other Example,price,2027-06-30',
      'dead2@example.com,Opted Out,2025-02-03,,,',
      'dead3@example.com,,,,,',
      'dead4@example.com,lazy,,,,',
    ].join('\n')
    api.doorbell.rings.length = 0
    const { body } = await post(csv, '?mode=dead')
    expect(body).toMatchObject({ created: 2, rejected: 2 })
    expect(body.errors.map(({ line, field }: Loose) => [line, field])).toEqual([
      [4, 'deadReason'],
      [5, 'deadReason'],
    ])
    const { body: page } = await api.call('GET', '/v1/leads?q=dead1@example.com')
    expect(page.items[0]).toMatchObject({
      status: 'dead',
      dead: {
        reason: 'competitor',
        since: '2025-02-03T00:00:00Z',
        details: { competitor: 'Other Example', why: 'price', contractEnds: '2027-06-30' },
      },
    })
    const form = await api.call('POST', '/v1/leads', { lead: { email: 'dead2@example.com' } })
    expect(form.body.channels.email).toMatchObject({ allowed: false, rule: 'suppression' })
  })

  it.each([
    ['email,fristName\na@example.com,A', 'fristName'],
    ['firstName\nA', 'email'],
    ['email,E-Mail\na@example.com,b@example.com', 'E-Mail'],
  ])('refuses columns that it does not know: %j', async (csv, field) => {
    const { status, body } = await post(csv)
    expect(status).toBe(422)
    expect(body.errors[0].field).toBe(field)
  })

  it('refuses an empty file, another type, another cadence', async () => {
    expect((await post('')).body.code).toBe('empty_file')
    expect((await post('{}', '', 'application/json')).status).toBe(415)
    expect((await post('email\na@example.com', '?cadence=new-leed')).body.errors[0].fix).toContain(
      'new-lead',
    )
    expect((await post('email\na@example.com', '?mode=fast')).status).toBe(422)
  })

  it('keeps the rows before a quote that is never closed', async () => {
    const good = Array.from({ length: 30 }, (_, index) => `q${index}@example.com,A`)
    const { status, body } = await post(
      ['email,firstName', ...good, 'bad@example.com,"A', 'q30@example.com,A'].join('\n'),
    )
    expect(status).toBe(422)
    expect(body.code).toBe('unreadable_csv')
    expect(body.report).toMatchObject({ rows: 30, created: 30 })
    expect(body.detail).toContain('from line 32 on')
    expect(JSON.stringify(body)).not.toContain('bad@example.com')
  })

  it('streams: a file of any length needs little memory', async () => {
    const rows = 3_000
    let made = 0
    const stream = new ReadableStream({
      pull(controller) {
        if (made === 0) controller.enqueue(Buffer.from('externalId,email\n'))
        if (made >= rows) return controller.close()
        made += 1
        // Bad rows cost no transaction, so that the test measures the stream alone.
        controller.enqueue(Buffer.from(`bulk-${made},not-an-address-${'x'.repeat(500)}\n`))
      },
    })
    const { body } = await post(stream)
    expect(body).toMatchObject({ rows, rejected: rows, moreErrors: true })
    expect(body.errors).toHaveLength(1_000)
  })
})
