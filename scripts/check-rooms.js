// Holds the arrows between the rooms of src/ (the rules are in .dependency-cruiser.cjs).
//
// A cruise that parsed nothing finds no violation either, so this also counts: every TypeScript
// file of src/ must have been looked at, else the check fails.
//
//   node scripts/check-rooms.js [folder of a project, default: this one]
import { existsSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cruise } from 'dependency-cruiser'
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config'

const here = fileURLToPath(new URL('..', import.meta.url))
const project = resolve(process.argv[2] ?? here)
process.chdir(project)

const { rooms, forbidden, options } = createRequire(import.meta.url)(
  join(here, '.dependency-cruiser.cjs'),
)

const files = sourceFiles('src')
const { output } = await cruise(
  ['src'],
  { ...options, ruleSet: { forbidden }, validate: true },
  options.enhancedResolveOptions,
  { tsConfig: extractTSConfig(options.tsConfig.fileName) },
)

const seen = new Set(output.modules.map((module) => module.source))
const missed = files.filter((file) => !seen.has(file))
const strangers = files
  .map((file) => file.split('/'))
  .filter(([, room, ...rest]) => rest.length > 0 && !rooms.includes(room))
  .map((parts) => parts.join('/'))
const { violations } = output.summary

for (const { rule, from, to, cycle } of violations) {
  const path = cycle ? [from, ...cycle.map((step) => step.name)].join(' → ') : `${from} → ${to}`
  const comment = forbidden.find((known) => known.name === rule.name)?.comment
  console.error(`${rule.name}: ${path}\n  ${comment}`)
}
for (const file of missed) console.error(`not looked at: ${file}`)
for (const file of strangers)
  console.error(`in no room: ${file}; add it to .dependency-cruiser.cjs`)
if (files.length === 0) console.error(`no TypeScript file found under ${join(project, 'src')}`)

const looked = files.length - missed.length
console.log(`rooms: ${looked} modules looked at, ${violations.length} violations`)
const faults = missed.length + strangers.length + violations.length
if (looked === 0 || faults > 0) process.exit(1)

/** All TypeScript files under `folder`, as paths with forward slashes, sorted. */
function sourceFiles(folder) {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name) && !name.endsWith('.d.ts'))
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
    .sort()
}
