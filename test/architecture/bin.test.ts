import { execFileSync, spawnSync } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

// bin/rekindle in a project of its own, whose command line says which one was run.

let project: string

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'rekindle-bin-'))
  cpSync('bin', join(project, 'bin'), { recursive: true })
  cpSync('package.json', join(project, 'package.json'))
  cpSync('tsconfig.json', join(project, 'tsconfig.json'))
  symlinkSync(join(process.cwd(), 'node_modules'), join(project, 'node_modules'))
})

afterEach(() => rmSync(project, { recursive: true, force: true }))

describe('bin/rekindle', () => {
  it('runs the source when there is no build', () => {
    writeSource()
    expect(run('a', 'b')).toBe('source a b\n')
  })

  it('runs the build when no source is newer', () => {
    writeSource()
    writeBuild()
    expect(run('a')).toBe('build a\n')
  })

  it('runs the build where there is no source', () => {
    writeBuild()
    expect(run('a')).toBe('build a\n')
  })

  it('runs the source again once it was changed', () => {
    writeSource()
    writeBuild()
    const later = new Date(Date.now() + 60_000)
    utimesSync(join(project, 'src/cli.ts'), later, later)
    expect(run('a')).toBe('source a\n')
  })

  it('does not trust half a build', () => {
    writeSource()
    writeBuild()
    rmSync(join(project, 'dist/build.json'))
    expect(run('a')).toBe('source a\n')
  })

  it('works from another folder, and finds the settings for its JSX', () => {
    writeSource()
    mkdirSync(join(project, 'elsewhere'))
    expect(run('a', { cwd: join(project, 'elsewhere') })).toBe('source a\n')
  })

  it('says in a sentence that Node is too old', () => {
    writeSource()
    const pretend = join(project, 'pretend.cjs')
    writeFileSync(pretend, "Object.defineProperty(process.versions, 'node', { value: '18.20.0' })")
    const { status, stderr } = spawnSync(process.execPath, ['-r', pretend, bin()], {
      encoding: 'utf8',
    })
    expect(stderr).toMatch(/^Rekindle needs Node 20\.19 or newer; this is Node 18\.20\.0\./)
    expect(status).toBe(3)
  })
})

function bin(): string {
  return join(project, 'bin/rekindle')
}

/** Runs the command and answers what it printed. */
function run(...args: (string | { cwd: string })[]): string {
  const words = args.filter((arg) => typeof arg === 'string')
  const [options] = args.filter((arg) => typeof arg !== 'string')
  return execFileSync(bin(), words, { encoding: 'utf8', ...options })
}

function writeSource(): void {
  mkdirSync(join(project, 'src'))
  writeFileSync(
    join(project, 'src/page.tsx'),
    'export const page = (word: string): string => (<i>{word}</i>).toString()',
  )
  writeFileSync(
    join(project, 'src/cli.ts'),
    `import { page } from './page.tsx'
const word: string = page('source').replace(/<[^>]*>/g, '')
console.log([word, ...process.argv.slice(2)].join(' '))`,
  )
}

function writeBuild(): void {
  mkdirSync(join(project, 'dist'))
  const cli = "console.log(['build', ...process.argv.slice(2)].join(' '))"
  writeFileSync(join(project, 'dist/cli.js'), cli)
  writeFileSync(join(project, 'dist/build.json'), '{}')
}
