import { describe, expect, it } from 'vitest'
import { zipZonesText } from '../../../src/domain/policy/data.ts'
import { zoneOfZip } from '../../../src/domain/policy/zip-zones.ts'
import { isZone } from '../../../src/domain/time-zones.ts'

describe('zoneOfZip', () => {
  it.each([
    // Places that a widely used table gets wrong: Bowling Green, Gary, Ontario in Oregon, Adak.
    ['42101', 'America/Chicago'],
    ['46402', 'America/Chicago'],
    ['97914', 'America/Denver'],
    ['99546', 'America/Adak'],
    ['10001', 'America/New_York'],
    ['60601', 'America/Chicago'],
    ['80202', 'America/Denver'],
    ['90001', 'America/Los_Angeles'],
    ['85001', 'America/Phoenix'],
    ['86515', 'America/Denver'], // Window Rock, Navajo Nation: daylight saving time
    ['79901', 'America/Denver'], // El Paso
    ['32501', 'America/Chicago'], // Pensacola
    ['89883', 'America/Denver'], // West Wendover, Nevada
    ['99501', 'America/Anchorage'],
    ['96813', 'Pacific/Honolulu'],
    ['00901', 'America/Puerto_Rico'],
    ['00802', 'America/St_Thomas'],
    ['96910', 'Pacific/Guam'],
    ['96799', 'Pacific/Pago_Pago'],
    ['42101-1234', 'America/Chicago'],
    ['421011234', 'America/Chicago'],
  ])('%s lies in %s', (zip, zone) => {
    expect(zoneOfZip(zip)).toBe(zone)
  })

  it.each([
    ['a military code', '09012'],
    ['a ship', '96601'],
    ['a code that was never given out', '00000'],
    ['one above all', '99999'],
    ['one between two others', '42107'],
    ['a lost leading zero', '2139'],
    ['letters', 'SW1A 1AA'],
    ['a Canadian code', 'K1A 0B1'],
    ['nothing', ''],
    ['a code with more behind it', '421011'],
  ])('%s has none', (_, zip) => {
    expect(zoneOfZip(zip)).toBeNull()
  })

  it('knows some forty thousand codes, in zones that exist, in a table of tens of kilobytes', () => {
    let known = 0
    const zones = new Set<string>()
    for (let code = 0; code < 100_000; code++) {
      const zone = zoneOfZip(String(code).padStart(5, '0'))
      if (zone === null) continue
      known++
      zones.add(zone)
    }
    expect(known).toBe(41_904)
    expect([...zones].filter((zone) => !isZone(zone))).toEqual([])
    expect(zipZonesText().length).toBeLessThan(60_000)
  })
})
