import { describe, expect, it } from 'vitest'
import { SEARCH_ATTRIBUTES } from '../../../src/local/temporal/namespace.ts'
import { searchAttributes } from '../../../src/workflows/search-attributes.ts'

describe('the search attributes that are registered', () => {
  it('are those that the workflow sets', () => {
    const set = searchAttributes({
      status: 'dead',
      deadReason: 'unresponsive',
      cadence: 'new-lead',
      source: 'webform',
      owner: 'sales-1',
    })
    expect(set.map(({ key }) => key.name).sort()).toEqual([...SEARCH_ATTRIBUTES].sort())
    expect(new Set(set.map(({ key }) => key.type))).toEqual(new Set(['KEYWORD']))
  })
})
