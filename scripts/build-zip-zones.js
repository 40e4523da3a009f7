// Writes data/zip-zones.txt: the time zone of every ZIP code whose centroid is known.
//
//   node scripts/build-zip-zones.js
//
// It installs two packages into a temporary folder, for this one run: geo-tz (the boundary polygons
// of the time zones, 71 MB) and zipcodes (the centroids). Rekindle itself needs neither. Running it
// again with the same versions writes the same file.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const PACKAGES = ['geo-tz@8.1.9', 'zipcodes@8.0.0']
const VERSION = '2026-11-26'
/** Bases and ships abroad: their centroids are those of a harbour, not of a person. */
const MILITARY = ['AA', 'AE', 'AP']

const data = new URL('../data/', import.meta.url)
const clocks = new Map()
const { states } = JSON.parse(readFileSync(new URL('jurisdictions.json', data), 'utf8'))

const folder = mkdtempSync(join(tmpdir(), 'zip-zones-'))
try {
  const load = install(folder)
  const zones = zonesOf(load('zipcodes').codes, load('geo-tz/all').find)
  writeFileSync(new URL('zip-zones.txt', data), fileOf(zones))
  console.log(`data/zip-zones.txt: ${zones.size} ZIP codes`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function install(into) {
  const options = ['--no-save', '--no-audit', '--no-fund', '--ignore-scripts']
  execFileSync('npm', ['install', '--prefix', into, ...options, ...PACKAGES], { stdio: 'inherit' })
  return createRequire(join(into, 'node_modules', 'x.js'))
}

/** ZIP code to zone, in the order of the codes. */
function zonesOf(codes, find) {
  const zones = new Map()
  const places = Object.values(codes)
    .filter(({ country, state }) => country === 'US' && !MILITARY.includes(state))
    .sort((a, b) => Number(a.zip) - Number(b.zip))
  for (const { zip, state, latitude, longitude } of places) {
    const zone = latitude && longitude ? zoneOf(state, find(latitude, longitude)) : null
    if (zone === null) console.log(`left out: ${zip} ${state}, whose centroid is in no zone of it`)
    else zones.set(zip, zone)
  }
  return zones
}

/**
 * The zone of the state whose clock the centroid's zone shares; null when there is none, for then
 * the centroid is wrong. Palau, Micronesia and the Marshall Islands have ZIP codes and no row here.
 */
function zoneOf(state, [found]) {
  const own = states[state]?.zones
  if (own === undefined) return found ?? null
  return own.find((zone) => found !== undefined && clockOf(zone) === clockOf(found)) ?? null
}

/** The offsets of January and July tell the clocks of the country apart. */
function clockOf(zone) {
  const known = clocks.get(zone)
  if (known !== undefined) return known
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' })
  const clock = [Date.UTC(2026, 0, 15), Date.UTC(2026, 6, 15)].map((at) => format.format(at)).join()
  clocks.set(zone, clock)
  return clock
}

/** One line per three-digit prefix; consecutive codes of one zone as a range. */
function fileOf(zones) {
  const names = [...new Set(zones.values())].sort((a, b) => (a < b ? -1 : 1))
  const letters = new Map(names.map((name, index) => [name, String.fromCharCode(65 + index)]))
  const lines = new Map()
  for (const [zip, zone] of zones) {
    const prefix = zip.slice(0, 3)
    const runs = lines.get(prefix) ?? []
    lines.set(prefix, runs)
    const code = Number(zip.slice(3))
    const last = runs.at(-1)
    if (last?.zone === zone && last.to === code - 1) last.to = code
    else runs.push({ zone, from: code, to: code })
  }
  const head = [
    '# The time zone of ZIP codes: prefix, then letter of the zone with the last two digits.',
    `# Version ${VERSION}: ${PACKAGES.join(' over the centroids of ')}; see data/README.md.`,
    ...names.map((name) => `${letters.get(name)}=${name}`),
  ]
  const body = [...lines].map(([prefix, runs]) => `${prefix} ${groupsOf(runs, letters)}`)
  return `${[...head, ...body].join('\n')}\n`
}

function groupsOf(runs, letters) {
  const groups = new Map()
  for (const { zone, from, to } of runs) {
    const two = (code) => String(code).padStart(2, '0')
    const range = from === to ? two(from) : `${two(from)}-${two(to)}`
    groups.set(zone, [...(groups.get(zone) ?? []), range])
  }
  return [...groups].map(([zone, ranges]) => `${letters.get(zone)}${ranges.join(',')}`).join(' ')
}
