import { zipZonesText } from './data.ts'

/**
 * The time zone of a ZIP code, by where most of its ground lies. data/zip-zones.txt packs the table:
 * lines "A=America/Adak" name the zones; "421 C01-04,20 F40" says that 42101–42104 and 42120 lie in
 * zone C, and 42140 in zone F. Codes of ships, bases and post offices without a place are absent.
 */

interface Table {
  readonly zones: readonly string[]
  /** First codes of the ranges, ascending. */
  readonly from: Uint32Array
  /** Last codes, inclusive. */
  readonly to: Uint32Array
  /** Which of the zones each range lies in. */
  readonly zone: Uint8Array
}

let table: Table | null = null

/** The IANA zone of a ZIP or ZIP+4 code ("42101", "42101-1234"); null when the code has no place. */
export function zoneOfZip(zip: string): string | null {
  const digits = /^(\d{5})(?:-?\d{4})?$/.exec(zip)?.[1]
  if (digits === undefined) return null
  table ??= unpack(zipZonesText())
  const { zones, from, to, zone } = table
  const code = Number(digits)
  let low = 0
  let high = from.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((from[middle] ?? 0) <= code) low = middle
    else high = middle - 1
  }
  if (code < (from[low] ?? Infinity) || code > (to[low] ?? -1)) return null
  return zones[zone[low] ?? -1] ?? null
}

function unpack(text: string): Table {
  const zones: string[] = []
  const indexes = new Map<string, number>()
  const ranges: { from: number; to: number; zone: number }[] = []
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue
    const named = /^([A-Z])=(.+)$/.exec(line)
    if (named?.[1] !== undefined && named[2] !== undefined) {
      indexes.set(named[1], zones.length)
      zones.push(named[2])
      continue
    }
    const [prefix, ...groups] = line.split(' ')
    const base = Number(prefix) * 100
    for (const group of groups) {
      const zone = indexes.get(group.charAt(0)) ?? -1
      for (const range of group.slice(1).split(',')) {
        const [from = '', to = from] = range.split('-')
        ranges.push({ from: base + Number(from), to: base + Number(to), zone })
      }
    }
  }
  ranges.sort((a, b) => a.from - b.from)
  return {
    zones,
    from: Uint32Array.from(ranges, ({ from }) => from),
    to: Uint32Array.from(ranges, ({ to }) => to),
    zone: Uint8Array.from(ranges, ({ zone }) => zone),
  }
}
