import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { atLeast, findVersion } from '../../../src/local/temporal/versions.ts'

const version = fc.tuple(fc.nat(99), fc.nat(99), fc.nat(99))

describe('atLeast', () => {
  it('orders versions by their numbers', () => {
    fc.assert(
      fc.property(version, version, (a, b) => {
        const order = a[0] - b[0] || a[1] - b[1] || a[2] - b[2]
        expect(atLeast(a.join('.'), b.join('.'))).toBe(order >= 0)
      }),
    )
  })

  it('counts a pre-release as its release', () => {
    expect(atLeast('v1.32.0-rc.1', '1.32.0')).toBe(true)
  })
})

describe('findVersion', () => {
  it('finds the first version in a text', () => {
    expect(findVersion('temporal version 1.9.1 (Server 1.32.0, UI 2.54.1)')).toBe('1.9.1')
  })

  it('is null where there is none', () => {
    expect(findVersion('temporal: command not found')).toBeNull()
  })
})
