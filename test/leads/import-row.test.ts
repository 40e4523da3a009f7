import { describe, expect, it } from 'vitest'
import { DEAD_REASONS } from '../../src/domain/lead.ts'
import { instant } from '../../src/domain/time.ts'
import { IMPORT_COLUMNS, readHeaders } from '../../src/leads/incoming/import-columns.ts'
import { type ImportMode, readRow } from '../../src/leads/incoming/import-row.ts'

const NOW = instant(Date.parse('2026-06-10T15:00:00Z'))
const ENROLL: ImportMode = { kind: 'enroll', cadence: undefined, source: undefined }
const DEAD: ImportMode = { kind: 'dead', cadence: undefined, source: 'old crm' }

function read(cells: Record<string, string>, mode: ImportMode = ENROLL) {
  const headers = readHeaders(Object.keys(cells))
  if (!headers.ok) throw new Error(headers.problems[0]?.message)
  return readRow(headers.headers, Object.values(cells), mode, NOW)
}

describe('the columns of an import', () => {
  it('are known in any spelling of case, spaces and signs', () => {
    for (const column of IMPORT_COLUMNS) {
      const shouted = column.replaceAll(/[A-Z]/g, ' $&').toUpperCase()
      for (const name of [column, shouted, shouted.replaceAll(' ', '_')]) {
        const headers = readHeaders(['email', name])
        const known = headers.ok && headers.headers.at(-1)
        if (column === 'email') expect(headers.ok).toBe(false)
        else expect(known).toEqual({ kind: 'column', column })
      }
    }
  })

  it('are refused when nothing is known by the name, with the nearest that is', () => {
    const headers = readHeaders(['email', 'fistName', 'shoe size'])
    expect(headers).toMatchObject({
      ok: false,
      problems: [
        { field: 'fistName', fix: expect.stringContaining('"firstName"') },
        { field: 'shoe size', fix: expect.stringContaining('attributes.shoe size') },
      ],
    })
  })
})

describe('a row', () => {
  it('says nothing by an empty cell', () => {
    const row = read({ email: 'a@example.com', phone: ' ', tags: 'trial; vip', cost: '$12.50' })
    expect(row).toMatchObject({
      ok: true,
      post: {
        lead: {
          email: 'a@example.com',
          phone: undefined,
          tags: ['trial', 'vip'],
          cost: { amount: '12.50', currency: 'USD' },
          source: 'import',
        },
        form: false,
        cadence: undefined,
      },
    })
  })

  it('counts as written consent only what a disclosure was shown for', () => {
    const consent = (more: Record<string, string>) => {
      const row = read({ email: 'a@example.com', smsConsentAt: '2026-01-02', ...more })
      return row.ok ? row.post.consents : row.problems
    }
    expect(consent({})).toMatchObject([{ channel: 'sms', basis: 'express', source: 'import' }])
    expect(consent({ smsConsentDisclosure: 'web-1' })).toMatchObject([{ basis: 'express_written' }])
    expect(consent({ smsConsentBasis: 'implied' })).toMatchObject([{ basis: 'implied' }])
    expect(consent({ smsConsentBasis: 'sure' })).toMatchObject([{ field: 'smsConsentBasis' }])
  })

  it.each(DEAD_REASONS)('loads a lead that died as %s', (reason) => {
    const row = read({ email: 'a@example.com', deadReason: reason, deadAt: '2025-01-02' }, DEAD)
    expect(row).toMatchObject({
      ok: true,
      post: {
        dead: { details: { reason }, at: Date.parse('2025-01-02') },
        lead: { source: 'old crm' },
        cadence: null,
      },
    })
  })

  it('takes one detail for whatever its reason records', () => {
    const detail = (deadReason: string) => {
      const row = read({ email: 'a@example.com', deadReason, deadDetail: 'Other' }, DEAD)
      return row.ok ? row.post.dead?.details : null
    }
    expect(detail('competitor')).toMatchObject({ competitor: 'Other' })
    expect(detail('no matching offering')).toMatchObject({ wanted: 'Other' })
    expect(detail('not-interested')).toMatchObject({ words: 'Other' })
    expect(detail('unqualified')).toMatchObject({ criterion: 'Other' })
  })

  it('names every cell that is wrong', () => {
    const row = read(
      { email: 'a@example.com', cost: 'much', deadReason: 'lazy', deadAt: '1/2/2025' },
      DEAD,
    )
    expect(row.ok ? [] : row.problems.map(({ field }) => field)).toEqual(['cost', 'deadReason'])
    const dated = read({ email: 'a@example.com', deadReason: 'spam', deadAt: '1/2/2025' }, DEAD)
    expect(dated.ok ? [] : dated.problems.map(({ field }) => field)).toEqual(['deadAt'])
    const runaway = read({ email: 'a@example.com', owner: 'x'.repeat(3_000) })
    expect(runaway.ok ? [] : runaway.problems.map(({ field }) => field)).toEqual(['owner'])
  })
})
