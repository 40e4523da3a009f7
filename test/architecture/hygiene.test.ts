import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'

const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { encoding: 'utf8' })
  .split('\n')
  .filter((file) => file !== '' && existsSync(file))

const text = (file: string) => readFileSync(file, 'utf8')
const isText = (file: string) => !/\.(png|ico|gif|jpe?g|woff2?|gz|zip)$/.test(file)
const under = (...folders: string[]) =>
  files.filter((file) => folders.some((folder) => file.startsWith(`${folder}/`)))

const manifest = z
  .object({
    dependencies: z.record(z.string(), z.string()),
    devDependencies: z.record(z.string(), z.string()),
    allowScripts: z.record(z.string(), z.boolean()),
    scripts: z.record(z.string(), z.string()),
    engines: z.object({ node: z.string() }),
  })
  .parse(JSON.parse(text('package.json')))

const lock = z
  .object({
    packages: z.record(
      z.string(),
      z.object({
        hasInstallScript: z.boolean().optional(),
        resolved: z.string().optional(),
      }),
    ),
  })
  .parse(JSON.parse(text('package-lock.json')))

describe('the files', () => {
  it('were found', () => {
    expect(files).toContain('package.json')
    expect(under('src').length).toBeGreaterThan(10)
  })

  it('name no folder of the machine they were written on', () => {
    // Spelled so that this file does not name them either.
    const machinePath = new RegExp(`(?<![\\w.*-])/(${['wo', 'rk'].join('')}|${'ro'}ot)/`)
    expect(files.filter((file) => isText(file) && machinePath.test(text(file)))).toEqual([])
  })

  it('of src/ stay below 400 lines', () => {
    const long = under('src')
      .filter((file) => /\.tsx?$/.test(file))
      .map((file) => ({ file, lines: text(file).split('\n').length - 1 }))
      .filter(({ lines }) => lines > 400)
    expect(long).toEqual([])
  })

  it('have names in kebab-case', () => {
    const code = under('src', 'test', 'bench', 'scripts').filter((file) => /\.tsx?$/.test(file))
    const name = /^[a-z0-9]+(-[a-z0-9]+)*(\.(test|store|server|browser|d))*\.tsx?$/
    expect(code.filter((file) => !name.test(file.split('/').at(-1) ?? ''))).toEqual([])
  })

  it('link to files that exist', () => {
    const broken = files
      .filter((file) => file.endsWith('.md'))
      .flatMap((file) => relativeLinks(file).map((link) => ({ file, link })))
      .filter(({ file, link }) => !existsSync(join(dirname(file), link)))
    expect(broken).toEqual([])
  })
})

describe('the tests', () => {
  const tests = under('test').filter((file) => /\.test\.tsx?$/.test(file))

  it('all run: none is singled out', () => {
    expect(tests.filter((file) => /\b(it|test|describe|suite)\.only\b/.test(text(file)))).toEqual(
      [],
    )
  })

  it('wait for conditions, not for time', () => {
    const waits = /\b(setTimeout|setInterval)\(|node:timers\/promises|\bsleep\(/
    expect(tests.filter((file) => waits.test(text(file)))).toEqual([])
  })
})

describe('the packages', () => {
  const wanted = { ...manifest.dependencies, ...manifest.devDependencies }

  it('have exact versions', () => {
    const ranges = Object.entries(wanted).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))
    expect(ranges).toEqual([])
  })

  it('of Temporal have one version', () => {
    const versions = Object.entries(wanted)
      .filter(([name]) => name.startsWith('@temporalio/'))
      .map(([, version]) => version)
    expect(new Set(versions).size).toBe(1)
  })

  it('are locked without naming a registry', () => {
    const addresses = Object.values(lock.packages).flatMap(({ resolved }) =>
      resolved?.startsWith('http') ? [resolved] : [],
    )
    expect(addresses).toEqual([])
  })

  it('are locked for every platform, so that npm ci takes the lock', () => {
    const output = execFileSync('node', ['scripts/complete-lock.js', '--check'], {
      encoding: 'utf8',
    })
    expect(output).toContain('0 packages of other platforms are missing')
  })

  it('with install scripts are each allowed or denied', () => {
    const withScript = Object.entries(lock.packages)
      // fsevents is for macOS alone and brings its binary along.
      .filter(([path, { hasInstallScript }]) => hasInstallScript && !path.endsWith('/fsevents'))
      .map(([path]) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length))
    expect(Object.keys(manifest.allowScripts).sort()).toEqual([...new Set(withScript)].sort())
  })

  it('ask for the Node that bin/rekindle asks for', () => {
    const [, major, minor] = /wanted = \[(\d+), (\d+)\]/.exec(text('bin/rekindle')) ?? []
    expect(manifest.engines.node).toBe(`>=${major}.${minor}`)
  })
})

describe('the documents', () => {
  it('start with the two commands', () => {
    const readme = text('README.md')
    expect(readme).toContain('npm ci && npm start')
    expect(readme).toContain('npm ci && npm test')
  })

  it('name only npm commands that exist', () => {
    const unknown = files
      .filter((file) => file.endsWith('.md'))
      .flatMap((file) =>
        [...text(file).matchAll(/npm run (?:--silent )?([a-z][a-z:-]*[a-z])/g)].map(([, name]) => ({
          file,
          name: name ?? '',
        })),
      )
      .filter(({ name }) => !(name in manifest.scripts))
    expect(unknown).toEqual([])
  })

  it('are all reached from docs/README.md', () => {
    const linked = relativeLinks('docs/README.md').map((link) => join('docs', link))
    const documents = under('docs').filter((file) => file.endsWith('.md'))
    // A link to a folder leads to all that is in it.
    const reached = (file: string) =>
      linked.some((link) => link === file || (link.endsWith('/') && file.startsWith(link)))
    const lost = documents.filter((file) => file !== 'docs/README.md' && !reached(file))
    expect(lost).toEqual([])
  })

  it('number the decisions without gaps', () => {
    const names = under('docs/decisions')
      .map((file) => file.split('/').at(-1) ?? '')
      .filter((name) => name !== 'README.md')
      .sort()
    expect(names.map((name) => Number(name.slice(0, 4)))).toEqual(names.map((_, i) => i + 1))
    for (const [i, name] of names.entries()) {
      expect(name).toMatch(/^\d{4}-[a-z0-9-]+\.md$/)
      expect(text(`docs/decisions/${name}`)).toMatch(new RegExp(`^# ${i + 1}\\. `))
    }
  })
})

/** The targets of a Markdown file's links to files of this repository, without anchors. */
function relativeLinks(file: string): string[] {
  return [...text(file).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => target ?? '')
    .filter((target) => !/^([a-z]+:|#|\/)/i.test(target))
    .map((target) => target.replace(/#.*$/, ''))
    .filter((target) => target !== '')
}
