import { instant } from '../../src/domain/time.ts'
import { localTime } from '../../src/domain/time-zones.ts'

const ZONES = [
  'Pacific/Honolulu',
  'America/Los_Angeles',
  'America/New_York',
  'America/Sao_Paulo',
  'Atlantic/Azores',
  'Europe/Berlin',
  'Asia/Dubai',
  'Asia/Kolkata',
  'Asia/Bangkok',
  'Asia/Tokyo',
  'Pacific/Auckland',
]

/**
 * Somebody who may lawfully be texted for hours from now, whenever the tests run: a personal
 * number, which belongs to no place, a state without hours or holidays of its own, and the zone
 * given where it is nearest to noon.
 */
export function textableNow(number: number): { phone: string; state: string; timezone: string } {
  const now = instant(Date.now())
  const fromNoon = (zone: string) => Math.abs(localTime(now, zone).hour - 12)
  const [timezone = 'UTC'] = [...ZONES].sort((a, b) => fromNoon(a) - fromNoon(b))
  return { phone: `+1500555${String(100 + number).padStart(4, '0')}`, state: 'NY', timezone }
}
